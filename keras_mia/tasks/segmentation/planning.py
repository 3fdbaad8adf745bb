"""From label maps to a plan."""

from collections.abc import Mapping, Sequence

import numpy as np

from keras_mia.core.hardware import gpus
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.targets.label_map import Classes, classes_of
from keras_mia.planning.patches import patch_choices
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan


def plan(
    cases: Cases,
    *,
    minutes: float = 10.0,
    replicas: int = 1,
    names: Mapping[int, str] | None = None,
    keep: Sequence[int] | None = None,
    overrides: Mapping | None = None,
) -> SegmentationPlan:
    """Looks at the training cases and proposes how to prepare them and what to train.

    Args:
        cases: with their splits.
        minutes: of training, which the size of the network follows.
        replicas: how many devices share a batch.
        names: label value to class name.
        keep: the label values that are classes; the rest counts as background.
        overrides: fields of `SegmentationPlan` that are set by the user.

    Returns:
        A plan whose `reasons` say in words why each value was chosen.

    Raises:
        Problem: a case cannot be read or does not fit the others, or an override does not fit.
    """
    cases = survey(cases)
    facts = [cases.facts[case] for case in cases.train]
    values = {value for one in facts for value in one.values}
    classes = classes_of(values, cases.names, keep, names, cases.ranges)
    for case in cases:
        classes.encode(np.array(list(cases.facts[case].values)), case.target)
    return make_plan(
        facts,
        classes,
        minutes=minutes,
        replicas=replicas,
        device="gpu" if gpus() else "cpu",
        modality=cases.modality,
        overrides=overrides,
    )


def make_plan(facts: Sequence[CaseFacts], classes: Classes, **options) -> SegmentationPlan:
    """Proposes how to segment these cases.

    Args:
        facts: of the training cases, as `survey` finds them.
        classes: what the label values mean.
        **options: of `patch_choices`.

    Returns:
        A plan whose `reasons` say in words why each value was chosen.

    Raises:
        Problem: cases that do not go together, or an override that is unknown or does not fit.
    """
    choices = patch_choices(facts, classes, **options)
    reason = "the label values of the training cases"
    return choices.plan(SegmentationPlan, classes=(classes, reason))
