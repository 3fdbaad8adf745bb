"""Pictures of cases: planes, outlines, colours, sizes."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from keras_mia.report.pictures.cases import planes
from keras_mia.report.pictures.colors import PALETTE, color, rgb
from keras_mia.report.pictures.drawing import encode, outline, paint, resize, window
from keras_mia.report.pictures.error_map import ERRORS
from keras_mia.report.pictures.heat import heat_picture

NAMES = ("background", "organ", "tumour")


def opened(picture, label="Image"):
    file = dict(picture.images)[label]
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB")).astype(int)


def colored(pixels):
    return pixels.max(axis=-1) - pixels.min(axis=-1) > 60


def block(space, low, high, label=1):
    labels = np.zeros(space, int)
    labels[tuple(map(slice, low, high))] = label
    return labels


def slow_outline(labels):
    edge = np.zeros(labels.shape, bool)
    for row, column in np.ndindex(*labels.shape):
        for to in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            inside = all(0 <= i < length for i, length in zip(to, labels.shape, strict=True))
            if labels[row, column] and inside and labels[to] != labels[row, column]:
                edge[row, column] = True
    return edge


@given(arrays.arrays(int, (6, 7), elements=st.integers(0, 2)))
@settings(max_examples=50, deadline=None)
def test_outline_is_where_a_neighbour_differs(labels):
    np.testing.assert_array_equal(outline(labels), slow_outline(labels))


def test_a_thick_outline_stays_inside():
    labels = block((20, 20), (4, 4), (16, 16))
    thin, thick = outline(labels), outline(labels, 2)
    assert thin.sum() == 12 * 4 - 4
    assert thick.sum() == 12**2 - 8**2
    assert not thick[labels == 0].any()


def test_truth_is_a_white_line_over_what_is_filled():
    truth = block((40, 40), (10, 10), (30, 30))
    picture = planes(np.zeros((40, 40, 1)), truth, truth, names=NAMES)
    factor = len(opened(picture)) // 40
    assert factor == 15
    centre = (20 * factor, 20 * factor)
    edge = (20 * factor, 10 * factor)
    for label in ("Truth", "Prediction"):
        assert tuple(opened(picture, label)[edge]) == (255, 255, 255)
        assert colored(opened(picture, label))[centre]
    assert not picture.errors
    assert not colored(opened(picture, "Errors")).any()
    assert not colored(opened(picture)).any()


def test_thin_structures_are_filled():
    truth = block((500, 500), (40, 0), (43, 500))
    picture = planes(np.zeros((500, 500, 1)), truth, truth, names=NAMES)
    assert "White line" not in picture.caption
    assert colored(opened(picture, "Truth")).any()


def test_errors_have_colours_of_their_own():
    space = (40, 40)
    truth = block(space, (5, 5), (20, 20)) + block(space, (25, 25), (35, 35), 2)
    guess = block(space, (10, 5), (25, 20)) + block(space, (25, 25), (35, 30), 1)
    guess += block(space, (25, 30), (35, 35), 2)
    picture = planes(np.zeros((*space, 1)), truth, guess, names=NAMES)
    assert picture.errors == ERRORS
    missed, false_positive, mistaken = ERRORS.values()
    pixels = opened(picture, "Errors")
    factor = len(pixels) // 40
    for (row, column), css in (((7, 7), missed), ((22, 7), false_positive), ((30, 27), mistaken)):
        assert tuple(pixels[row * factor + 3, column * factor + 3]) == rgb(css)
    for row, column in ((15, 10), (30, 33), (2, 2)):
        assert not colored(pixels[row * factor + 3, column * factor + 3])


def test_an_error_of_one_pixel_is_seen_in_a_picture_that_is_made_smaller():
    guess = block((2000, 1500), (1203, 702), (1204, 703))
    picture = planes(np.zeros((*guess.shape, 1)), 0 * guess, guess, names=NAMES)
    assert colored(opened(picture, "Errors")).any()


def test_no_error_is_drawn_where_nothing_counts():
    space = (40, 40)
    truth, guess = block(space, (5, 5), (20, 20)), block(space, (20, 5), (35, 20))
    region = np.zeros(space, bool)
    picture = planes(np.zeros((*space, 1)), truth, guess, names=NAMES, region=region)
    assert not picture.errors
    ignored = planes(np.zeros((*space, 1)), np.full(space, 255), guess, names=NAMES)
    assert not ignored.errors
    assert not colored(opened(ignored, "Errors")).any()


def test_what_is_missed_and_what_is_falsely_positive_differ_for_every_eye():
    """Luminance alone tells them apart, as a person sees who sees no colours."""
    lights = [
        sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), rgb(css), strict=True))
        for css in ERRORS.values()
    ]
    assert min(abs(a - b) for i, a in enumerate(lights) for b in lights[:i]) > 30


@pytest.mark.parametrize("spacing", [(1, 1, 1), (1, 1, 3), (0.5, 2, 1)])
def test_planes_have_their_physical_size(spacing):
    space = (20, 30, 10)
    truth = block(space, (5, 5, 2), (15, 20, 8))
    pixels = opened(planes(truth[..., None], truth, truth, names=NAMES, spacing=spacing))
    x, y, z = (length * step for length, step in zip(space, spacing, strict=True))
    rows, columns = pixels.shape[:2]
    assert rows / (columns - 12) == pytest.approx(max(y, z) / (x + x + y), rel=0.03)


def test_a_volume_stands_upright_with_left_on_the_left():
    space = (24, 24, 24)
    truth = block(space, (11, 11, 11), (13, 13, 13))
    image = np.zeros((*space, 1))
    image[:6, 18:, :] = 1  # the patient's left, in front
    picture = planes(image, truth, truth, names=NAMES, spacing=(1, 1, 1))
    axial = opened(picture)[:, : 24 * 11].mean(axis=-1)
    bright = np.argwhere(axial > 200).mean(axis=0)
    assert bright[0] < axial.shape[0] / 2, "in front is up"
    assert bright[1] < axial.shape[1] / 2, "left is left"
    assert "neurological" in picture.caption


def test_planes_pass_through_the_largest_structure():
    space = (20, 20, 20)
    truth = block(space, (14, 14, 14), (19, 19, 19)) + block(space, (1, 1, 1), (3, 3, 3), 2)
    picture = planes(truth[..., None], truth, 0 * truth, names=NAMES, spacing=(1, 1, 1))
    assert list(picture.colors) == ["organ", "tumour"]
    drawn = opened(picture, "Truth")[colored(opened(picture, "Truth"))]
    assert (drawn[:, 0] > drawn[:, 2]).all(), "orange: the tumour, which is blue, is on no plane"


def test_without_truth_the_prediction_is_looked_at_and_without_both_the_middle():
    space = (16, 16, 16)
    guess = block(space, (12, 12, 12), (15, 15, 15))
    nothing = np.zeros(space, int)
    picture = planes(nothing[..., None], nothing, guess, names=NAMES, spacing=(1, 1, 1))
    assert colored(opened(picture, "Prediction")).any()
    assert not planes(nothing[..., None], nothing, nothing, names=NAMES).colors


def test_outside_the_region_and_where_ignored_nothing_is_drawn():
    space = (40, 40)
    truth = block(space, (5, 5), (35, 35))
    region = np.zeros(space, bool)
    region[:, :20] = True
    half = planes(np.ones((*space, 1)), truth, truth, names=NAMES, region=region)
    ignored = planes(np.ones((*space, 1)), np.where(region, truth, 255), truth, names=NAMES)
    for picture in (half, ignored):
        for label in ("Truth", "Prediction"):
            assert not colored(opened(picture, label))[:, 300:].any()
            assert colored(opened(picture, label))[:, :300].any()


def test_colours_are_shown_in_the_image_only():
    generator = np.random.default_rng(0)
    image = generator.integers(0, 255, (64, 64, 3), dtype=np.uint8)
    nothing = np.zeros((64, 64), int)
    picture = planes(image, nothing, nothing, names=NAMES)
    assert colored(opened(picture)).mean() > 0.5
    assert colored(opened(picture, "Truth")).mean() < 0.01


@pytest.mark.parametrize("space", [(30, 20), (700, 900), (64, 64, 40), (8, 8, 8)])
def test_files_are_small(space):
    generator = np.random.default_rng(0)
    image = generator.normal(size=(*space, 2)).astype("float32")
    labels = generator.integers(0, 3, space)
    picture = planes(image, labels, labels[::-1], names=NAMES)
    assert sum(len(file) for _, file in picture.images) < 200_000
    assert max(opened(picture).shape) <= 812


def test_noise_becomes_jpeg_and_flat_stays_png():
    noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    assert encode([noise], limit=100_000)[0].startswith(b"\xff\xd8")
    assert encode([0 * noise], limit=100_000)[0].startswith(b"\x89PNG")


def test_the_window_forgets_outliers_and_survives_what_is_not_a_number():
    image = np.linspace(0, 1, 10_000).reshape(100, 100, 1)
    image[0, 0], image[0, 1] = 1e9, np.nan
    low, high = window(image)
    assert 0 <= low < 0.05
    assert 0.9 < high <= 1
    assert window(np.full((4, 4, 1), np.nan)) == (0.0, 1.0)
    low, high = window(np.full((4, 4, 1), 7.0))
    assert low < high


def test_whole_steps_keep_every_voxel():
    labels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    np.testing.assert_array_equal(resize(labels, (6, 12)), labels.repeat(2, 0).repeat(3, 1))
    picture = np.repeat(labels[..., None] * 20, 3, axis=-1)
    np.testing.assert_array_equal(resize(picture, (6, 12)), picture.repeat(2, 0).repeat(3, 1))


def test_paint_mixes_by_its_share():
    grounds = np.full((1, 2, 3), 100, np.uint8)
    labels = np.array([[1, 0]], np.uint8)
    painted = paint(grounds, labels, labels > 0, 0.5)
    expected = [round((100 + value) / 2 + 1e-6) for value in rgb(color(1))]
    np.testing.assert_allclose(painted[0, 0], expected, atol=1)
    np.testing.assert_array_equal(painted[0, 1], [100, 100, 100])


def test_colours_of_many_classes_differ():
    assert len({color(k) for k in range(1, 3 * len(PALETTE) + 1)}) == 3 * len(PALETTE)


def test_arrays_that_do_not_fit_are_refused():
    truth = np.zeros((4, 4), int)
    with pytest.raises(ValueError, match="shapes differ"):
        planes(np.zeros((5, 4, 1)), truth, truth, names=NAMES)
    with pytest.raises(ValueError, match="2D or 3D"):
        planes(np.zeros((4, 1)), truth[0], truth[0], names=NAMES)


def test_heat_is_drawn_where_it_is_and_a_volume_by_its_middle():
    volume = np.zeros((8, 6, 5, 1), np.float32)
    volume[:, :, 2] = 0.5
    volume[0, 0, 0] = 1
    heat = np.zeros((8, 6, 5))
    heat[:4, :3, 2] = 1
    drawn = heat_picture(volume, heat, title="a", caption="b", label="Heat", in_ras=True)
    warm = colored(opened(drawn, "Heat"))
    rows, columns = warm.shape  # the second axis upwards, the first to the right
    assert warm[rows // 2 + 40 :, : columns // 2 - 40].all()
    assert not warm[: rows // 2 - 40].any()
    assert not warm[:, columns // 2 + 40 :].any()
    assert not colored(opened(drawn, "Image")).any()
    assert "Middle axial slice" in drawn.caption
    alone = heat_picture(volume, None, title="a", caption="b")
    assert [label for label, _ in alone.images] == ["Image"]
