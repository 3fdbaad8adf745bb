"""From the targets of whole images to a plan: who trains, what is learnt, how."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from keras_mia.core.hardware import gpus
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Cases, Slab
from keras_mia.data.datasets.splits.limit import limited
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.reading_notes import reading_notes
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.targets.base import ImageTarget, Text
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.hierarchy import ClassTree
from keras_mia.data.targets.inference import contents, infer_target
from keras_mia.data.targets.kinds import BALANCED
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multitask import AnyTarget
from keras_mia.doctor.diagnosis import warnings
from keras_mia.doctor.targets.boxes import box_findings
from keras_mia.doctor.targets.column import Column
from keras_mia.planning.images import image_choices
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.classification.synthetic.record import SyntheticImages
from keras_mia.tasks.classification.training_choices import LIMITS, take_training
from keras_mia.tasks.kinds.target_plan import of_tree

if TYPE_CHECKING:
    from keras_mia.tasks.classification.task import Classification

LISTED = 5
"""Cases whose targets cannot be used that are named."""


def split_cases(task: "Classification", cases: Cases, fold: tuple[int, int]) -> Cases:
    """Who trains and who is held out; folds are balanced by the targets.

    Args:
        task: what the user chose.
        cases: examined.
        fold: which part tests, and of how many.

    Raises:
        Problem: there are too few patients, or no case to train on.
    """
    texts = [case.text for case in cases]
    held = contents(texts, task.columns, task.kinds, task.names)
    made = split(cases, fold=fold[0], folds=fold[1], content=lambda case: held[case.text])
    if any(isinstance(case.region, Slab) for case in made):
        raise Problem(
            "There are too few patients: training, validation and test need one each at least.",
            cases.source,
            "Give images of more patients.",
        )
    made = limited(made, task.limit, held) if task.limit else made
    if not made.train:
        raise Problem("There is no case to train on.", cases.source, "Give images with targets.")
    read = reading_notes([(case, made.facts[case]) for case in made])
    sentences = warnings(made, names=task.names, kinds=task.kinds, columns=task.columns)
    return replace(made, notes=(*made.notes, *read), warnings=sentences)


def check_targets(cases: Cases, target: ImageTarget) -> None:
    """Sees to it that validation and test ask for nothing that training does not show, and that
    each target can be read.

    Args:
        cases: examined, with their splits.
        target: what is learnt.

    Raises:
        Problem: names the cases whose targets do not fit.
    """
    problems = []
    for case in cases:
        space = cases.facts[case].stored_space if target.is_spatial else ()
        try:
            target.encode(case.text, case.name, space)
        except Problem as problem:
            problems.append(problem)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        remedy = problems[0].remedy
        if isinstance(target, Box):
            facts = {case.name: cases.facts[case] for case in cases}
            remedy = next(box_findings(Column(list(cases), facts=facts), target)).remedy
        lines = [f"{problem.where}: {problem.what}" for problem in problems[:LISTED]]
        more = len(problems) - len(lines)
        raise Problem(
            f"The targets of {len(problems)} of {len(cases)} cases cannot be used.",
            "\n         ".join([*lines, f"and {more} more"] if more else lines),
            remedy,
        )


def plan(
    cases: Cases,
    target: AnyTarget | None = None,
    *,
    tree: ClassTree | None = None,
    synthetic: SyntheticImages | None = None,
    minutes: float = 10.0,
    replicas: int = 1,
    overrides: Mapping | None = None,
) -> ClassificationPlan:
    """Looks at the training cases and proposes how to prepare them and what to train.

    Args:
        cases: with their splits.
        target: what is learnt, as `target_of` infers it; None: as the cases' texts look.
        tree: of coarse classes to predict; None: what is learnt is predicted.
        synthetic: samples that are trained on, too.
        minutes: of training, which the size of the images follows.
        replicas: how many devices share a batch.
        overrides: fields of `ClassificationPlan` that are set by the user; `class_weights` may be
            "balanced", as `ImageTarget.balanced_weights` has it.

    Returns:
        The plan, with a reason for each value.

    Raises:
        Problem: a case cannot be read or does not fit the others, or an override does not fit.
    """
    target = target_of(cases)[0] if target is None else target
    overrides = dict(overrides or {})
    if overrides.get("class_weights") == BALANCED:
        overrides["class_weights"] = target.balanced_weights(learnt_texts(cases, target, synthetic))
    facts = survey(cases, cases.train).facts
    return make_plan(
        [facts[case] for case in cases.train],
        target,
        tree=tree,
        synthetic=synthetic,
        minutes=minutes,
        replicas=replicas,
        device="gpu" if gpus() else "cpu",
        modality=cases.modality,
        overrides=overrides,
    )


def learnt_texts(
    cases: Cases, target: AnyTarget, synthetic: SyntheticImages | None = None
) -> list[Text]:
    """The targets of all images that are trained on.

    Args:
        cases: with their splits.
        target: what is learnt.
        synthetic: samples among them.
    """
    real = [] if synthetic and synthetic.alone else [case.text for case in cases.train]
    if synthetic is None:
        return real
    assert isinstance(target, Multiclass)
    return [*real, *synthetic.texts(target)]


def make_plan(
    facts: Sequence[CaseFacts],
    target: AnyTarget,
    *,
    tree: ClassTree | None = None,
    synthetic: SyntheticImages | None = None,
    device: str = "cpu",
    replicas: int = 1,
    **options,
) -> ClassificationPlan:
    """Proposes how to learn this target from these images.

    Args:
        facts: of the training images.
        target: what is learnt.
        tree: of coarse classes to predict in place of these.
        synthetic: samples that are trained on, too.
        device: "cpu" or "gpu".
        replicas: how many devices share a batch.
        **options: of `image_choices`.

    Returns:
        A plan whose `reasons` say in words why each value was chosen.

    Raises:
        Problem: images that do not go together, or an override that is unknown or does not fit.
    """
    above = "fine classes are learnt, coarse ones predicted" if tree else "not asked for"
    choices = image_choices(facts, target, limits=LIMITS, device=device, **options)
    images = len(facts)
    if synthetic:
        images = synthetic.count + (0 if synthetic.alone else images)
    take_training(choices, target, images, device, replicas)
    return choices.plan(
        ClassificationPlan,
        target=(target, "those of the training cases"),
        tree=(tree, above),
        synthetic=(synthetic, "set by the user" if synthetic else "not asked for"),
    )


def target_of(
    cases: Cases,
    *,
    kinds: Sequence[str] = (),
    columns: str | Sequence[str] = (),
    loss_weights: Sequence[float] = (),
    names: Mapping[str, str] | None = None,
    positive: str | None = None,
    tree: str | Path | None = None,
) -> tuple[AnyTarget, ClassTree | None]:
    """What is learnt of each image, by the training cases, and the tree of what is predicted.

    Args:
        cases: with their splits.
        kinds: of target, "multiclass", "multilabel", "regression" or "box", one, or one a column;
            none: as the texts look.
        columns: what the targets are called, where there are several to each image.
        loss_weights: how much the loss of each of several targets counts; none: alike.
        names: text -> name to show.
        positive: name of the positive one of two classes; None: the second by name.
        tree: a file of fine and coarse classes, as `ClassTree.read` takes it; None: what is learnt
            is predicted.

    Returns:
        What is learnt, and the coarse classes above it; None where there is no tree.

    Raises:
        Problem: the texts are not of this kind, or have no such name, or do not fit the tree.
    """
    target = infer_target(
        [case.text for case in cases.train],
        columns,
        kinds=kinds,
        weights=loss_weights,
        names=names,
        others=[case.text for case in cases if case.split != "train"],
        positive=None if tree else positive,
    )
    if tree is None:
        return target, None
    if not target.is_exclusive:
        raise Problem(
            "A tree is for images that have one class each.", tree, "Leave it out, or see --kind."
        )
    above = ClassTree.read(tree, target.names)
    if positive is not None:
        above = above.in_order(of_tree(above).with_positive(positive).names)
    return target, above
