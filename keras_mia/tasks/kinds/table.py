"""The kinds of target: a new one is a file here, one in data/targets, and a line in each table."""

from keras_mia.tasks.kinds.column_kinds import COLUMN_KINDS
from keras_mia.tasks.kinds.kind import Kind
from keras_mia.tasks.kinds.multitask import MultitaskKind
from keras_mia.tasks.kinds.target_plan import TargetPlan

KINDS: dict[str, type[Kind]] = {**COLUMN_KINDS, "multitask": MultitaskKind}
"""Kind -> how it is learnt, calibrated, scored and shown."""


def kind_of(plan: TargetPlan) -> Kind:
    """How a plan's target is learnt, calibrated, scored and shown.

    Args:
        plan: of a run.
    """
    return KINDS[plan.target.kind](plan)
