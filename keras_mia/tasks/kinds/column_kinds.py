"""The kinds of target that stand by themselves, or in a column each of several."""

from keras_mia.tasks.kinds.box import BoxKind
from keras_mia.tasks.kinds.kind import Kind
from keras_mia.tasks.kinds.multiclass import MulticlassKind
from keras_mia.tasks.kinds.multilabel import MultilabelKind
from keras_mia.tasks.kinds.regression import RegressionKind
from keras_mia.tasks.kinds.target_plan import TargetPlan

COLUMN_KINDS: dict[str, type[Kind]] = {
    "multiclass": MulticlassKind,
    "multilabel": MultilabelKind,
    "regression": RegressionKind,
    "box": BoxKind,
}


def column_kind(plan: TargetPlan) -> Kind:
    """The kind of a plan's target.

    Args:
        plan: with one target.
    """
    return COLUMN_KINDS[plan.target.kind](plan)
