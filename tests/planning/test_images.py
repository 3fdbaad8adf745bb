"""Plans of images with one target each: what a user cannot set is said."""

import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.planning.images import LIMITS
from keras_mia.tasks.classification.planning import make_plan as make_image_plan
from tests.planning.test_patches import fact


@pytest.mark.parametrize("field", ["colour", "channels", "patch", "reasons"])
def test_a_field_that_cannot_be_set_is_refused(field):
    target = Multiclass(("a", "b"), ("a", "b"))
    with pytest.raises(Problem, match=f"no field '{field}'") as told:
        make_image_plan([fact((64, 64))], target, overrides={field: 3})
    assert all(name in told.value.remedy for name in LIMITS)
