"""How segmentation networks are scored while they train, and chosen."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from keras_mia.core.text import listing, plural
from keras_mia.data.preprocess.case_cache import CaseArrays
from keras_mia.data.targets.label_map import IGNORE
from keras_mia.inference.window import SlidingWindow
from keras_mia.tasks.patches.ensemble import validation_window
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan
from keras_mia.training import Criterion, Validation


def validate(stored: Sequence[CaseArrays], plan: SegmentationPlan) -> Validation:
    """The mean Dice of a model over whole prepared cases, by which the best one is chosen.

    Where validation cases lack classes it is chosen by `dice_empty_as_1`, in which a class counts 1
    where it is rightly left empty, and 0 where it is a false positive: by the Dice alone, which is
    undefined there, the network with more false positives would be the better one.

    Args:
        stored: prepared validation cases.
        plan: for classes, windows and the batch size.

    Returns:
        What computes the scores from a `SlidingWindow` of the model, the criterion, and a note
        where it is not the Dice.
    """
    names = plan.classes.names[1:]
    lacking = [case.name for case in stored if len(case.classes) < len(names)]
    note = ""
    if lacking:
        note = (
            f"{len(lacking)} of {plural(len(stored), 'validation case')} lack classes"
            f" ({listing(lacking, 3)}). The best network is the one whose Dice is best where a"
            " class that is rightly left empty counts 1 (dice_empty_as_1)."
        )

    def score(window: SlidingWindow) -> dict[str, float]:
        dice = np.array([_dice(window, case, plan) for case in stored])
        empty = {"dice_empty_as_1": float(np.nan_to_num(dice, nan=1.0).mean())} if lacking else {}
        cases = [one[~np.isnan(one)].mean() for one in dice if not np.isnan(one).all()]
        return empty | {"dice": float(np.mean(cases)) if cases else np.nan}

    criterion = Criterion("dice_empty_as_1" if lacking else "dice")
    window = partial(validation_window, plan=plan)
    return Validation(score, criterion, note, predictor=window)


def _dice(window: SlidingWindow, case: CaseArrays, plan: SegmentationPlan) -> np.ndarray:
    """Of each class but the background, NaN where neither truth nor prediction hold it."""
    count = len(plan.classes.names)
    table = np.zeros((count, count), np.int64)
    for row, block in window.blocks(case.image):
        truth = np.asarray(case.target[row : row + len(block)])
        counts = truth != IGNORE
        pairs = truth[counts].astype(np.int64) * count + block.argmax(-1)[counts]
        table += np.bincount(pairs, minlength=count**2).reshape(count, count)
    sizes = table.sum(0) + table.sum(1)
    with np.errstate(invalid="ignore"):
        return (2 * np.diag(table) / sizes)[1:]
