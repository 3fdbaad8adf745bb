"""Whole images are turned as bodies are, not as arrays."""

import numpy as np
import pytest
import tensorflow as tf

from keras_mia.data.augment.examples import draw_batch
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.tasks import classification
from keras_mia.tasks.classification.planning import make_plan as make_image_plan

COARSE = ((128, 128, 20), (1.0, 1.0, 8.0))
ALIKE = ((40, 40, 40), (1.0, 1.0, 1.2))


def looked(space, spacing=None, number=0):
    sample = np.arange(50, dtype=np.int16)[:, None]
    return CaseFacts(
        name=str(number),
        space=space,
        nonzero_space=space,
        spacing=spacing,
        axes=tuple(range(len(space))),
        channels=1,
        dtype="int16",
        low=(0.0,),
        high=(49.0,),
        integer=True,
        modality=None,
        sample=sample,
        digest="",
    )


def planned(*images, **overrides):
    facts = [looked(*image, number=number) for number, image in enumerate(images)]
    return make_image_plan(facts, Multiclass(("a", "b"), ("a", "b")), overrides=overrides)


def turns(plan, lengths):
    """Matrices in mm, each with its factor of size taken out, of 200 examples."""
    keys = tf.stack([tf.zeros(200, tf.int32), tf.range(200)], 1)
    settings = classification.augmentation(plan)
    drawn = draw_batch(keys, len(plan.network_view.shape) - 1, settings)["matrix"].numpy()
    mm = drawn * np.divide.outer(lengths, lengths)
    return mm / np.linalg.det(mm)[:, None, None] ** (1 / len(lengths))


@pytest.mark.parametrize(
    ("image", "overrides", "angles"),
    [
        (COARSE, {}, (0, 0, 10)),
        (((20, 128, 128), (6.0, 0.8, 0.8)), {}, (10, 0, 0)),
        (COARSE, {"rotation_deg": 10}, (10, 10, 10)),
        (COARSE, {"size": (32, 32, 32)}, (10, 10, 10)),  # cut in mm: 4 x 4 x 5 mm
        (COARSE, {"spacing_mm": (2, 2, 2)}, (10, 10, 10)),
        (COARSE, {"view": "slices"}, (10,)),
        (((128, 20, 64), (1.0, 8.0, 2.0)), {"view": "slices"}, (10,)),
        (((128, 20, 64), (1.0, 8.0, 2.0)), {"view": "neighbours"}, (10,)),
        (((128, 20, 64), (1.0, 8.0, 2.0)), {"view": "planes"}, (10,)),
        (((128, 20, 64), (1.0, 8.0, 2.0)), {"view": "random"}, (10,)),
        (ALIKE, {}, (10, 10, 10)),
        (((128, 128, 20), None), {}, (0, 0, 10)),
        (((20, 128, 100), None), {}, (10, 0, 0)),
        (((40, 40, 30), None), {}, (10, 10, 10)),
        (((64, 64, 1), (1.0, 1.0, 1.0)), {}, (0, 0, 10)),
        (((64, 1, 64), None), {}, (0, 10, 0)),
        (((128, 128, 20), None), {"view": "slices", "size": (64, 32, 20)}, (10,)),
        (((40, 30, 40), None), {"view": "planes"}, (0,)),
        (((40, 40, 40), None), {"view": "planes"}, (10,)),
        (((100, 200), None), {"size": (64, 64)}, (10,)),
        (((100, 200), None), {}, (10,)),
        (((100, 100), (0.1, 0.3)), {}, (10,)),
    ],
    ids=str,
)
def test_an_angle_is_an_angle_in_the_body(image, overrides, angles):
    space, spacing = image
    plan = planned(image, **overrides)
    assert plan.rotation_deg == angles
    if plan.view in ("planes", "random"):
        lengths = np.ones(2)
    else:
        lengths = np.multiply(space, spacing or 1.0) / plan.size
        lengths = lengths[[axis for axis in range(len(space)) if axis != plan.slice_axis]]
    matrices = turns(plan, lengths)
    eye = np.broadcast_to(np.eye(len(lengths)), matrices.shape)
    np.testing.assert_allclose(matrices @ matrices.swapaxes(1, 2), eye, atol=2e-3)
    if len(lengths) == 3:  # by how much the axis of slices is tilted
        coarse = int(
            np.argmax(np.multiply(1 / np.array(space), 1.0) if spacing is None else spacing)
        )
        tilt = np.rad2deg(np.arccos(np.clip(matrices[:, coarse, coarse], -1, 1)))
        others = [angle for axis, angle in enumerate(angles) if axis != coarse]
        assert tilt.max() <= np.hypot(*others) + 0.1


def test_the_spacing_of_those_that_tell_it_counts_for_all():
    plan = planned(COARSE, COARSE, (COARSE[0], None))
    assert plan.spacing_mm is None, "images are resized"
    assert plan.rotation_deg == (0, 0, 10)
    assert plan.voxel_spacing[2] == pytest.approx(8 * plan.voxel_spacing[0], rel=0.15)
