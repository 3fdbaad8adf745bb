"""How long the evaluation of test cases takes."""

from collections.abc import Sequence

from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.geometry.resampling import resampled_space
from keras_mia.data.preprocess.patch_plan import PatchPlan
from keras_mia.inference.window import views, window_starts
from keras_mia.tasks.evaluation_time import OVERHEAD
from keras_mia.tasks.patches.ensemble import VALIDATION_OVERLAP, view_options


def evaluation_time(
    test: Sequence[CaseFacts], validation: Sequence[Sequence[int]], plan: PatchPlan
) -> float:
    """How many times as long as a validation it takes to evaluate test cases.

    Validation shows each window once; evaluation shows more of them, in every view.

    Args:
        test: facts of the test cases.
        validation: voxels an axis of the prepared validation cases, slices first.
        plan: for windows and views.
    """
    validated = sum(
        len(window_starts(space, plan.patch, VALIDATION_OVERLAP)) for space in validation
    )
    evaluated = sum(len(window_starts(prepared_space(one, plan), plan.patch)) for one in test)
    return OVERHEAD * evaluated * len(views(**view_options(plan))) / max(1, validated)


def prepared_space(facts: CaseFacts, plan: PatchPlan) -> tuple[int, ...]:
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
            stored if axis == plan.slice_axis else planned
            for axis, (stored, planned) in enumerate(
                zip(facts.spacing, plan.spacing_mm, strict=True)
            )
        ]
        space = resampled_space(space, facts.spacing, target)
    if plan.slice_axis is None:
        return tuple(space)
    first = plan.slice_axis
    return (space[first], *space[:first], *space[first + 1 :])
