"""How much the classes of images count."""

from collections.abc import Sequence

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.targets.image_level import ImageTarget
from keras_mia.data.targets.multitask import Multitask


def balanced_weights(answers: ImageTarget | Multitask, targets: Sequence[str]) -> tuple[float, ...]:
    """Weights by which all classes count alike in sum, or findings where they are present as much
    as where they are not.

    Args:
        answers: what is learnt.
        targets: of the training cases.

    Raises:
        Problem: other kinds of answers have no weights.

    Source: for classes as `class_weight="balanced"` of scikit-learn has it.

    Example:
        >>> target = ImageTarget("multiclass", ("a", "b"), ("a", "b"))
        >>> balanced_weights(target, ["a", "a", "a", "b"])
        (0.6667, 2.0)
    """
    _check_kind(answers)
    truth = np.stack([answers.encode(target) for target in targets])
    present = np.maximum((truth == 1).sum(axis=0), 1)
    absent = (truth == 0).sum(axis=0)
    weights = (
        len(truth) / (len(answers) * present) if answers.kind == "multiclass" else absent / present
    )
    return tuple(float(f"{max(weight, 1e-3):.4g}") for weight in weights)


def check_weights(weights: Sequence[float], answers: ImageTarget | Multitask) -> None:
    """Refuses weights that do not fit the answers; none at all always do.

    Raises:
        Problem: so.
    """
    if not weights:
        return
    _check_kind(answers)
    for wrong, mend in (
        (len(weights) != len(answers), f"Give {len(answers)}: of {', '.join(answers.names)}."),
        (not all(0 < one < np.inf for one in weights), "Give numbers above 0."),
    ):
        if wrong:
            raise Problem(f"{tuple(weights)} does not fit.", "class_weights", mend)


def _check_kind(answers: ImageTarget | Multitask) -> None:
    if answers.kind not in ("multiclass", "multilabel"):
        raise Problem("Only classes and findings have weights.", "class_weights", "Leave it out.")
