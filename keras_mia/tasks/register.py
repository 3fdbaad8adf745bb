"""The register of all families of tasks: what the command line can train, apply and evaluate."""

import importlib
from collections.abc import Sequence

from keras_mia.core.problem import Problem
from keras_mia.tasks.run_verbs import OPTIONAL
from keras_mia.tasks.task import Task

REGISTER = {
    "segmentation": "keras_mia.tasks.segmentation.task:Segmentation",
    "classification": "keras_mia.tasks.classification.task:Classification",
    "translation": "keras_mia.tasks.translation.task:Translation",
    "generation": "keras_mia.tasks.generation.task:Generation",
    "finetuning": "keras_mia.tasks.classification.pretrained:Finetuning",
}
"""Name -> module and class, a line a family, or a variant of one that trains otherwise. A family
stands before its variants: where several fit a data set, the first is taken."""


def task(name: str) -> type[Task]:
    """The class of a task by its name in the register, such as run.json holds.

    Raises:
        Problem: there is no such task.

    Example:
        >>> task("segmentation")().targets
        ('label_map',)
    """
    if name not in REGISTER:
        names = " and ".join(dict.fromkeys(task(one).name for one in REGISTER))
        raise Problem(
            f"There is no task {name!r}, only {names}.",
            name,
            "Take another run, or the version that wrote it.",
        )
    module, _, attribute = REGISTER[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def offers(name: str, verb: str) -> bool:
    """Whether a task has a verb that some families leave out.

    Args:
        name: in the register.
        verb: one of `OPTIONAL`.
    """
    return getattr(task(name), verb) is not getattr(Task, verb)


def families(verb: str = "", *, variants: bool = False) -> Sequence[str]:
    """The names of the register.

    Args:
        verb: one of `OPTIONAL`, that they have to have; "": any.
        variants: whether those are named that train otherwise than their family.
    """
    names = [name for name in REGISTER if not verb or offers(name, verb)]
    return names if variants else [name for name in names if task(name).name == name]


def check_offers(name: str, verb: str, where: object) -> None:
    """Sees to it that a task has a verb.

    Args:
        name: in the register.
        verb: one of `OPTIONAL`.
        where: the run, or what else means the task.

    Raises:
        Problem: its family leaves the verb out.
    """
    if not offers(name, verb):
        others = " or ".join(families(verb)) or "a family that does"
        raise Problem(f"A run of {name} {OPTIONAL[verb]}.", where, f"Name a run of {others}.")
