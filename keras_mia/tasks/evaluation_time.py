"""How long judging takes, in validations: what a budget of minutes keeps back for it."""

from collections.abc import Sequence

from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.geometry import resampled_space
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.preprocess.plan import Plan
from keras_mia.inference.window import views, window_starts
from keras_mia.tasks.classification.predictor import mirrored
from keras_mia.tasks.segmentation.predictor import view_options
from keras_mia.tasks.segmentation.validation import VALIDATION_OVERLAP

BESIDE = 1.3
"""Times the network's own share: preparing, bringing back, scoring and writing (measured 1.1 to 1.4
on pictures of a million pixels and on volumes of the hippocampus)."""


def judging_of_label_maps(
    test: Sequence[CaseFacts], validation: Sequence[Sequence[int]], plan: Plan
) -> float:
    """How many times as long as a validation it takes to judge test cases.

    Validation shows each window once; judging shows more of them, in every view.

    Args:
        test: facts of the test cases.
        validation: voxels an axis of the prepared validation cases, slices first.
        plan: for windows and views.
    """
    known = sum(len(window_starts(space, plan.patch, VALIDATION_OVERLAP)) for space in validation)
    asked = sum(len(window_starts(prepared_space(one, plan), plan.patch)) for one in test)
    return BESIDE * asked * len(views(**view_options(plan))) / max(1, known)


def judging_of_answers(test: int, validation: int, plan: ImagePlan) -> float:
    """The same of images that are answered as a whole: validation cases are answered once more, to
    decide on thresholds, in every view.

    Args:
        test: how many images.
        validation: how many.
        plan: for the views.
    """
    return BESIDE * 2 ** len(mirrored(plan)) * (test + validation) / max(1, validation)


def prepared_space(facts: CaseFacts, plan: Plan) -> tuple[int, ...]:
    """Voxels an axis that an image will have when it is prepared, slices first.

    Args:
        facts: of the case.
        plan: that it is prepared by.
    """
    if plan.orientation is None:
        facts = facts.as_stored()
    space = facts.nonzero_space
    if plan.spacing_mm is not None and facts.spacing is not None:
        target = [
            own if axis == plan.slice_axis else goal
            for axis, (own, goal) in enumerate(zip(facts.spacing, plan.spacing_mm, strict=True))
        ]
        space = resampled_space(space, facts.spacing, target)
    if plan.slice_axis is None:
        return tuple(space)
    first = plan.slice_axis
    return (space[first], *space[:first], *space[first + 1 :])
