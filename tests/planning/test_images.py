"""Plans of families that look at whole images: of several families, of images alone."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.planning.choices import Choices
from keras_mia.planning.images import LIMITS, image_choices, planned_view
from keras_mia.planning.limits import choice
from keras_mia.tasks.classification.planning import make_plan
from keras_mia.tasks.classification.training_choices import LIMITS as CLASSIFICATION_LIMITS
from tests.planning.test_patches import fact

PICTURE = {"spacing": None, "dtype": "uint8", "high": (255.0,)}
OWN_LIMITS = {
    **LIMITS,
    "normalization": choice(("range",)),
    "latent": (lambda value: value >= 1, "1 or more"),
}


def chosen_alone(*facts, **options) -> Choices:
    """What a family takes that learns from images alone, and makes such."""
    return image_choices(
        facts, limits=OWN_LIMITS, scheme=lambda *_: ("range", "made so"), **options
    )


@pytest.mark.parametrize("field", ["colour", "channels", "patch", "reasons"])
def test_a_field_that_cannot_be_set_is_refused(field):
    target = Multiclass(("a", "b"), ("a", "b"))
    with pytest.raises(Problem, match=f"no field '{field}'") as told:
        make_plan([fact((64, 64))], target, overrides={field: 3})
    assert all(name in told.value.remedy for name in CLASSIFICATION_LIMITS)


def test_a_family_has_limits_and_schemes_of_its_own():
    target = Multiclass(("a", "b"), ("a", "b"))
    with pytest.raises(Problem, match="'range' was given"):
        make_plan([fact((64, 64), None)], target, overrides={"normalization": "range"})
    with pytest.raises(Problem, match="'set' was given"):
        chosen_alone(fact((64, 64), None), overrides={"normalization": "set"})
    choices = chosen_alone(fact((64, 64), None), overrides={"latent": 7})
    assert choices.take("latent", lambda: (1, "usual")) == 7
    with pytest.raises(Problem, match="no field 'latent'"):
        make_plan([fact((64, 64), None)], target, overrides={"latent": 7})


def test_a_range_needs_intensities_and_keeps_bytes():
    choices = chosen_alone(fact((28, 28), **PICTURE))
    (intensity,) = choices["intensities"]
    low, high = np.percentile(fact().sample, [0.5, 99.5])
    assert (intensity.low, intensity.high) == pytest.approx((low, high))
    assert choices["bytes"]
    assert not chosen_alone(fact((28, 28), spacing=None))["bytes"]


@pytest.mark.parametrize(("space", "spacing"), [((28, 28), None), ((32, 32, 32), (1.0, 1.0, 1.0))])
def test_images_alone_are_learnt_as_they_lie(space, spacing):
    choices = chosen_alone(fact(space, spacing))
    assert choices["flip"] == ()
    assert set(choices["rotation_deg"]) == {0.0}
    own = {"flip": [0], "rotation_deg": [5.0]}
    given = chosen_alone(fact(space, spacing), overrides=own)
    assert (given["flip"], given["rotation_deg"][0]) == ((0,), 5.0)


def to_a_power_of_two(size, reason):
    largest = 2 ** int(np.log2(min(size)))
    return (largest,) * len(size), f"{reason}; a power of two"


def test_a_family_makes_the_size_that_its_networks_can():
    choices = chosen_alone(fact((28, 30), **PICTURE), size=to_a_power_of_two)
    assert choices["size"] == (16, 16)
    assert choices.reasons["size"] == "images have a median of 28 x 30; a power of two"
    assert planned_view(choices).shape == (16, 16, 1)
    volumes = chosen_alone(fact(), size=to_a_power_of_two)
    assert volumes["size"] == (32, 32, 32)
    assert volumes["spacing_mm"][1] == pytest.approx(50 / 32, abs=1e-3)
    at = chosen_alone(fact(), size=to_a_power_of_two, overrides={"spacing_mm": 2.0})
    assert at["size"] == (16, 16, 16)
    given = chosen_alone(fact((28, 30), None), size=to_a_power_of_two, overrides={"size": [24]})
    assert given["size"] == (24, 24)


def test_images_of_one_value_keep_their_size():
    assert chosen_alone(fact((1, 1), None))["size"] == (1, 1)
