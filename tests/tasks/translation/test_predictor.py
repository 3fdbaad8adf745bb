"""From an image to the image that is made of it, on its own grid."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.image import Image
from keras_mia.layers.channels import TakeChannels
from keras_mia.tasks.translation.predictor import Predictor
from keras_mia.tasks.translation.translation_plan import SEED
from tests.tasks.translation.images import PICTURES, SLICES, VOLUMES, linear, smooth

LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
SAGITTAL = np.array([[0, 0, 2.0, 5], [-1.0, 0, 0, 3], [0, 1.0, 0, 8], [0, 0, 0, 1]])
OBLIQUE = np.array([[0.9, -0.3, 0, 1], [0.3, 0.9, 0, 2], [0, 0, -1.5, 3], [0, 0, 0, 1]])


@pytest.mark.parametrize(
    ("plan", "affine"),
    [(VOLUMES, affine) for affine in (np.eye(4), LPS, SAGITTAL, OBLIQUE)]
    + [(SLICES, np.eye(4)), (SLICES, LPS @ SAGITTAL)],
    ids=["RAS", "LPS", "sagittal", "oblique", "slices RAS", "slices turned"],
)
def test_the_identity_gives_a_volume_back_on_its_own_grid(plan, affine):
    image = Image(smooth((21, 18, 24)) - 300, affine)
    found = Predictor(linear(plan), plan)(image)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, image.array, atol=1e-2)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_identity_gives_a_picture_back(channels):
    plan = replace(PICTURES, channels=channels, target_channels=channels, flip=(0, 1))
    image = Image(smooth((21, 10), channels=channels))
    found = Predictor(linear(plan), plan)(image)
    np.testing.assert_allclose(found, image.array, atol=1e-2)


@pytest.mark.parametrize("affine", [LPS, SAGITTAL, OBLIQUE], ids=["LPS", "sagittal", "oblique"])
def test_what_is_added_is_resampled_and_the_image_keeps_its_detail(affine):
    array = np.zeros((22, 20, 24, 1), np.float32)
    array[2:20, 3:18, 1:21] = 300 + np.random.default_rng(0).normal(size=(18, 15, 20, 1))
    image = Image(array, affine)
    plan = replace(VOLUMES, spacing_mm=(2.0, 1.7, 1.4), residual=True, target_normalization="image")
    np.testing.assert_allclose(Predictor(linear(plan), plan)(image), array, atol=1e-2)
    plan = replace(plan, normalization="none")
    made = Predictor(linear(plan, 1.5), plan)(image)
    inside = array > 0
    assert not made[~inside].any()
    # Half of the smoothed image is added: the detail is that of the image.
    detail = (made - made[inside].mean())[inside], (array - array[inside].mean())[inside]
    assert np.corrcoef(*detail)[0, 1] > 0.9
    assert made[inside].mean() == pytest.approx(1.5 * array[inside].mean(), rel=1e-3)
    whole = Predictor(linear(plan, 1.5), replace(plan, residual=False))(image)
    assert whole[inside].std() < made[inside].std()


@pytest.mark.parametrize("residual", [True, False])
def test_slices_with_neighbours_come_back_on_their_own_grid(residual):
    plan = replace(SLICES, neighbours=2, residual=residual)
    image = Image(smooth((21, 18, 7)) - 300, LPS @ SAGITTAL)
    found = Predictor(middle_slice(plan), plan)(image)
    np.testing.assert_allclose(found, image.array, atol=1e-2)


def middle_slice(plan):
    """A network that gives the slice back and sees that its neighbours lie beside it."""
    shape, outputs = plan.shapes()
    assert shape[-1] == 5
    image = keras.Input(shape)
    return keras.Model(image, TakeChannels(range(outputs[-1]))(image))


def test_what_is_empty_around_a_volume_stays_so():
    array = np.zeros((30, 26, 24, 1), np.float32)
    array[5:25, 4:20, 3:20] = 5 + smooth((20, 16, 17))
    found = Predictor(linear(VOLUMES), VOLUMES)(Image(array, LPS))
    np.testing.assert_allclose(found, array, atol=1e-2)


def test_several_networks_are_averaged():
    plan = replace(PICTURES, normalization="none")
    image = Image(smooth((20, 20)))
    models = [linear(plan, factor) for factor in (1.0, 2.0, 6.0)]
    np.testing.assert_allclose(Predictor(models, plan)(image), 3 * image.array, atol=1e-2)
    plans = [plan, replace(plan, normalization="zscore"), replace(plan, patch=(8, 8))]
    models = [linear(plans[0], 1.0), linear(plans[1], 1.0), linear(plans[2], 4.0)]
    np.testing.assert_allclose(Predictor(models, plans)(image), 2 * image.array, atol=1e-2)


def test_targets_with_a_scale_of_their_own_come_in_that_of_training():
    plan = replace(
        PICTURES,
        target_normalization="zscore",
        target_intensities=(Intensity(0.0, 9.0, 100.0, 20.0),),
    )
    found = Predictor(linear(plan), plan)(Image(smooth((20, 20))))
    assert found.mean() == pytest.approx(100, abs=0.01)
    assert found.std() == pytest.approx(20, abs=0.01)


def test_measured_lines_of_k_space_are_kept():
    options = {"acceleration": 2.0, "axis": 1}
    plan = replace(PICTURES, degradation="undersampling", degradation_options=options)
    inputs = keras.Input((16, 16, 1))
    layer = keras.layers.Conv2D(1, 3, padding="same")
    model = keras.Model(inputs, layer(inputs))
    measured = plan.degraded(Image(smooth((20, 24))), "a").array
    found = Predictor(model, plan)(Image(measured))
    lines = plan.degrading.lines(24, np.random.default_rng([SEED]))
    spectrum, expected = (np.fft.fft(one[..., 0], axis=1) for one in (found, measured))
    np.testing.assert_allclose(spectrum[:, lines], expected[:, lines], atol=0.1)
    assert np.abs(spectrum[:, ~lines]).max() > 100, "the others are the network's"
    np.testing.assert_allclose(expected[:, ~lines], 0, atol=0.1)


def test_grey_pictures_that_are_stored_as_colours_are_grey():
    plan = replace(PICTURES, degradation="undersampling")
    grey = smooth((20, 20)).round().clip(0, 255).astype(np.uint8)
    colours = Image(np.repeat(grey, 3, axis=-1), colours=True)
    predict = Predictor(linear(plan), plan)
    np.testing.assert_allclose(predict(colours), predict(Image(grey)), atol=1e-3)


def test_what_does_not_fit_is_named():
    predict = Predictor(linear(VOLUMES), VOLUMES)
    with pytest.raises(Problem, match="is a picture") as caught:
        predict(Image(np.zeros((8, 8, 1))), where="a.png")
    assert caught.value.where == "a.png"
    other = replace(PICTURES, target_normalization="ct")
    with pytest.raises(Problem, match="differ in target_normalization"):
        Predictor([linear(PICTURES)] * 2, [PICTURES, other])


def test_networks_of_other_noise_are_not_averaged():
    weak, strong = (
        replace(PICTURES, degradation="noise", degradation_options={"level": level})
        for level in (0.1, 0.2)
    )
    with pytest.raises(Problem, match=r"differ in degradation_options: level 0.1; level 0.2\."):
        Predictor([linear(PICTURES)] * 2, [weak, strong])
