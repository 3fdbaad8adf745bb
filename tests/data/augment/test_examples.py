"""Random changes: drawn first, then applied to image, label map and boxes alike."""

from dataclasses import fields, replace

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mia.data.augment.boxes import move_boxes, move_points
from keras_mia.data.augment.examples import apply, augmenter, draw
from keras_mia.data.augment.settings import Augmentation, Chance, source_space
from keras_mia.data.augment.spatial import positions
from keras_mia.data.targets.label_map import IGNORE

NONE = Augmentation.none()
SPATIAL = {
    "rotation_deg": Chance(20.0, 40.0, 1.0),
    "scale": Chance(1.2, 1.5, 1.0),
    "shear": Chance(0.2, 0.3, 1.0),
    "shift": Chance(0.1, 0.2, 1.0),
    "elastic": Chance(0.2, 0.4, 1.0),
}
INTENSITY = {
    "bias": Chance(0.3, 0.5, 1.0),
    "brightness": Chance(1.2, 1.5, 1.0),
    "contrast": Chance(0.5, 0.8, 1.0),
    "gamma": Chance(1.5, 2.0, 1.0),
    "blur": Chance(1.0, 2.0, 1.0),
    "resolution": Chance(0.3, 0.5, 1.0),
    "noise": Chance(0.1, 0.3, 1.0),
    "erase": Chance(0.2, 0.4, 1.0),
}
CHANGES = {**SPATIAL, **INTENSITY}
SPACES = [(17,), (15, 18), (9, 10, 12)]


def batch(space, channels=1, seed=0, examples=2):
    generator = np.random.default_rng(seed)
    images = generator.standard_normal((examples, *space, channels)).astype(np.float32)
    return images, generator.integers(0, 4, (examples, *space)).astype(np.uint8)


def keys(examples=2, seed=0):
    return tf.constant([[seed, number] for number in range(examples)], tf.int32)


def change(settings, window, images, labels, seed=0):
    images, labels = augmenter(settings, window)(keys(len(images), seed), images, labels)
    return images.numpy(), labels.numpy()


def parameters(rank, examples=1, **changed):
    one = draw(tf.constant([0, 0]), rank, NONE) | {
        name: tf.convert_to_tensor(value) for name, value in changed.items()
    }
    return tf.nest.map_structure(lambda value: tf.stack([value] * examples), one)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(("less", "channels"), [(0, 3), (3, 1)])
def test_without_changes_it_is_the_crop_in_the_middle_bit_for_bit(space, less, channels):
    images, labels = batch(space, channels)
    window = tuple(length - less for length in space)
    new_images, new_labels = change(NONE, window, images, labels)
    cut = (slice(None), *(slice(less // 2, less // 2 + length) for length in window))
    np.testing.assert_array_equal(new_images, images[cut])
    np.testing.assert_array_equal(new_labels, labels[cut])


def test_a_probability_of_zero_never_changes():
    images, labels = batch((15, 18), examples=4)
    never = replace(
        NONE, **{name: replace(chance, probability=0.0) for name, chance in CHANGES.items()}
    )
    np.testing.assert_array_equal(change(never, (15, 18), images, labels)[0], images)


def test_every_chance_is_tested_here():
    assert set(CHANGES) == {f.name for f in fields(NONE) if isinstance(f.default, Chance)}


@pytest.mark.parametrize("space", SPACES, ids=len)
@pytest.mark.parametrize("name", CHANGES)
def test_each_change_changes_when_its_probability_is_one(space, name):
    if name in ("rotation_deg", "shear") and len(space) == 1:
        pytest.skip("a line has no plane to turn in")
    images, labels = batch(space, 2)
    new_images, new_labels = change(replace(NONE, **{name: CHANGES[name]}), space, images, labels)
    assert np.isfinite(new_images).all()
    assert all(not np.array_equal(a, b) for a, b in zip(new_images, images, strict=True))
    if name != "elastic":  # which may move by less than half a voxel in so small a patch
        assert np.array_equal(new_labels, labels) == (name in INTENSITY)
    assert set(np.unique(new_labels)) <= {*np.unique(labels), IGNORE}


@pytest.mark.parametrize("space", SPACES, ids=len)
def test_flips_are_exact(space):
    images, labels = batch(space, 2)
    axes = (0, len(space) - 1)
    flips = replace(NONE, flip_axes=axes, flip_probability=1.0)
    new_images, new_labels = change(flips, space, images, labels)
    flipped = sorted({axis + 1 for axis in axes})
    np.testing.assert_array_equal(new_images, np.flip(images, flipped))
    np.testing.assert_array_equal(new_labels, np.flip(labels, flipped))


@pytest.mark.parametrize("axes", [(0, 1), (0, 2), (1, 2)])
@pytest.mark.parametrize("angle", [90.0, 180.0, -90.0])
def test_right_angles_equal_rot90(axes, angle):
    images, labels = batch((9, 9, 9))
    about = 3 - sum(axes)
    angles = tuple(angle if axis == about else 0.0 for axis in range(3))
    rotated = replace(NONE, rotation_deg=Chance(angles, angles, 1.0))
    new_images, new_labels = change(rotated, (9, 9, 9), images, labels)
    positions = tuple(axis + 1 for axis in axes)
    rotations = [
        k
        for k in range(4)
        if np.allclose(new_images, np.rot90(images, k, positions), atol=1e-4)
        and np.array_equal(new_labels, np.rot90(labels, k, positions))
    ]
    assert len(rotations) == 1
    assert rotations[0] % 2 == (angle != 180)


@pytest.mark.parametrize("space", [(32,), (32, 32), (32, 32, 32)], ids=len)
def test_the_label_follows_the_image(space):
    box = np.zeros(space, np.uint8)
    box[tuple(slice(10, 20) for _ in space)] = 1
    images, labels = box[None, ..., None].astype(np.float32), box[None]
    moved = replace(NONE, **{name: SPATIAL[name] for name in ("rotation_deg", "scale", "elastic")})
    for seed in range(3):
        new_images, new_labels = change(moved, space, images, labels, seed)
        counted = new_labels != IGNORE
        assert (new_labels == 1).sum() > 5
        bright = new_images[..., 0] > 0.5
        assert np.mean(bright[counted] == new_labels[counted]) > 0.985


def test_the_elastic_change_alone_keeps_constant_images_and_moves_smoothly():
    ramp = np.broadcast_to(np.arange(40, dtype=np.float32)[:, None, None], (40, 40, 1))
    elastic = replace(NONE, elastic=Chance(0.4, 0.4, 1.0))
    for seed in range(5):
        new, labels = change(elastic, (24, 24), ramp[None], np.ones((1, 40, 40), np.uint8), seed)
        assert (labels == 1).all()
        assert np.diff(new[0, :, :, 0], axis=0).min() > 0  # nothing folds over


def test_outside_of_the_patch_is_zero_and_ignored():
    images, labels = np.full((1, 8, 8, 1), 5, np.float32), np.ones((1, 8, 8), np.int32)
    shrunk = replace(NONE, scale=Chance(0.5, 0.5, 1.0))
    new_images, new_labels = change(shrunk, (8, 8), images, labels)
    inside = np.zeros((8, 8), bool)
    inside[2:6, 2:6] = True
    np.testing.assert_allclose(new_images[0, ..., 0], np.where(inside, 5, 0))
    np.testing.assert_array_equal(new_labels[0], np.where(inside, 1, IGNORE))
    assert new_labels.dtype == np.int32


def test_linear_interpolation_equals_scipy():
    from scipy.ndimage import affine_transform

    images, labels = batch((9, 10, 12))
    matrix = np.array([[0.71, 0.13, 0.02], [-0.11, 0.61, 0.05], [0.03, 0.12, 0.53]], np.float32)
    new, new_labels = apply(images, labels, parameters(3, 2, matrix=matrix), window=(9, 10, 12))
    middle = (np.array([9, 10, 12]) - 1) / 2
    offset = middle - matrix @ middle
    for i in range(2):
        expected = affine_transform(images[i, ..., 0], matrix, offset, order=1)
        np.testing.assert_allclose(new[i, ..., 0], expected, atol=1e-5)
        nearest = affine_transform(labels[i], matrix, offset, order=0)
        assert np.mean(new_labels[i].numpy() == nearest) > 0.99


def test_a_shift_moves_by_its_share_of_the_window():
    images, labels = batch((10, 10))
    shift = np.array([0.2, 0.0], np.float32)
    new, _ = apply(images, labels, parameters(2, 2, shift=shift), window=(10, 10))
    np.testing.assert_allclose(new[:, :8], images[:, 2:], atol=1e-5)


def test_spacing_keeps_shapes_in_mm():
    grid = np.stack(np.meshgrid(np.arange(41), np.arange(81), indexing="ij"), -1) - [20, 40]
    disc = (np.linalg.norm(grid * [2.0, 1.0], axis=-1) < 16.5).astype(np.uint8)[None]
    images = disc[..., None].astype(np.float32)
    rotated = replace(NONE, rotation_deg=Chance(45.0, 45.0, 1.0))
    in_mm = change(replace(rotated, spacing=(2.0, 1.0)), (41, 81), images, disc)[1]
    in_voxels = change(rotated, (41, 81), images, disc)[1]
    counts = disc == 1
    assert np.mean(in_mm[counts] == 1) > 0.95
    assert np.mean(in_voxels[counts] == 1) < 0.85


@pytest.mark.parametrize("space", SPACES, ids=len)
def test_a_repeat_is_bit_equal_and_another_key_differs(space):
    images, labels = batch(space)
    everything = replace(NONE, **CHANGES)
    first, second = (change(everything, space, images, labels) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])
    assert not np.array_equal(first[0], change(everything, space, images, labels, seed=1)[0])
    same = np.stack([images[0], images[0]]), np.stack([labels[0], labels[0]])
    new = change(everything, space, *same)[0]
    assert not np.array_equal(new[0], new[1])


def test_an_example_does_not_depend_on_its_batch():
    images, labels = batch((15, 18), examples=3)
    everything = augmenter(replace(NONE, **CHANGES), (12, 12))
    together = everything(keys(3), images, labels)[0].numpy()
    alone = everything(keys(3)[2:], images[2:], labels[2:])[0].numpy()
    np.testing.assert_array_equal(together[2], alone[0])


def test_turning_one_change_on_leaves_the_others_as_they_were():
    key = tf.constant([1, 2])
    some = draw(key, 3, replace(NONE, gamma=CHANGES["gamma"], elastic=CHANGES["elastic"]))
    more = draw(key, 3, replace(NONE, **CHANGES))
    assert some["gamma"] == more["gamma"]
    np.testing.assert_array_equal(some["control"], more["control"])


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
@settings(max_examples=15, deadline=None)
def test_draws_lie_in_their_ranges(seed, number):
    drawn = draw(tf.constant([seed, number], tf.int32), 3, replace(NONE, **CHANGES))
    for name in ("brightness", "contrast", "gamma", "blur", "resolution", "noise"):
        assert CHANGES[name].low <= drawn[name].numpy() <= CHANGES[name].high
    assert np.abs(drawn["control"]).max() <= 0.4
    assert drawn["erased"].numpy().min() >= 0
    assert drawn["erased"].numpy().max() <= 1
    volume = 1 / np.linalg.det(drawn["matrix"].numpy().astype(float))
    assert 1.2**3 - 1e-3 <= volume <= 1.5**3 + 1e-3


def test_probability_is_how_often_it_happens():
    sometimes = replace(NONE, gamma=Chance(2.0, 3.0, 0.25))
    drawn = tf.function(lambda key: draw(key, 2, sometimes)["gamma"])
    often = np.mean([drawn(tf.constant([0, i])).numpy() != 1 for i in range(400)])
    assert 0.17 < often < 0.33


@pytest.mark.parametrize("name", ["gamma", "bias"])
def test_mean_and_deviation_are_kept(name):
    images, labels = batch((12, 12), 3)
    new = change(replace(NONE, **{name: INTENSITY[name]}), (12, 12), images, labels)[0]
    np.testing.assert_allclose(new.mean((1, 2)), images.mean((1, 2)), atol=1e-4)
    np.testing.assert_allclose(new.std((1, 2)), images.std((1, 2)), atol=1e-4)


def test_a_constant_image_stays_finite():
    images, labels = np.ones((2, 8, 8, 1), np.float32), np.ones((2, 8, 8), np.uint8)
    assert np.isfinite(change(replace(NONE, **CHANGES), (8, 8), images, labels)[0]).all()


def test_blur_equals_scipy_inside():
    from scipy.ndimage import gaussian_filter

    images, labels = batch((30, 31))
    new, _ = apply(images, labels, parameters(2, 2, blur=1.5), window=(30, 31))
    expected = gaussian_filter(images, (0, 1.5, 1.5, 0), truncate=8)
    np.testing.assert_allclose(new[:, 12:18, 12:18], expected[:, 12:18, 12:18], atol=1e-4)


def test_a_lower_resolution_keeps_every_second_voxel():
    images, labels = batch((8, 12))
    new, _ = apply(images, labels, parameters(2, 2, resolution=0.5), window=(8, 12))
    coarse = images[:, 1::2, 1::2]
    np.testing.assert_allclose(new[:, 1:-1, 1:-1][:, ::2, ::2][:, :, :, 0].shape, (2, 3, 5))
    nearby = 0.75 * coarse[:, 0, 0] + 0.25 * coarse[:, 0, 1]
    np.testing.assert_allclose(new[:, 0, 1], nearby, atol=1e-5)


def test_erased_boxes_hold_the_mean():
    images, labels = batch((10, 10), 2)
    box = np.array([[[0.2, 0.0], [0.5, 1.0]]], np.float32)
    new, _ = apply(images, labels, parameters(2, 2, erased=box), window=(10, 10))
    expected = images.copy()
    expected[:, 2:5] = images.mean((1, 2), keepdims=True)
    np.testing.assert_allclose(new, expected, atol=1e-6)


@pytest.mark.parametrize("window", [(24,), (24, 20), (16, 16, 12)], ids=len)
def test_boxes_move_with_the_label_map(window):
    moved = replace(NONE, **SPATIAL, flip_axes=(0,), flip_probability=1.0)
    space = tuple(length + 10 for length in window)
    rank = len(window)
    for number in range(3):
        one = draw(tf.constant([5, number]), rank, moved)
        label = np.zeros(space, np.int32)
        low, high = 11, 20
        label[tuple(slice(low, high) for _ in space)] = 1
        batched = tf.nest.map_structure(lambda value: value[None], one)
        images = label[None, ..., None].astype(np.float32)
        _, new = apply(images, label[None], batched, window=window)
        found = np.argwhere(new.numpy()[0] == 1)
        corners = np.array([[[low - 0.5] * rank, [high - 0.5] * rank]], np.float32)
        box = move_boxes(corners, one, space=space, window=window).numpy()[0]
        clipped = np.clip(box, -0.5, np.array(window) - 0.5)
        assert (found.min(0) >= clipped[0] - 1.5).all()
        assert (found.max(0) <= clipped[1] + 1.5).all()
        assert (np.abs(found.min(0) - clipped[0]) < 4).all()
        assert (np.abs(found.max(0) - clipped[1]) < 4).all()


def test_points_come_back_exactly_through_the_elastic_change():
    window, space = (20, 24), (30, 30)
    for number in range(5):
        one = draw(tf.constant([9, number]), 2, replace(NONE, **SPATIAL))
        there = tf.stack([tf.reshape(p, [-1]) for p in positions(one, space, window)], -1)
        back = move_points(there, one, space, window).numpy()
        expected = np.argwhere(np.ones(window))
        np.testing.assert_allclose(back, expected, atol=0.02)


@pytest.mark.parametrize("window", [(20,), (20, 24), (12, 14, 8)], ids=len)
def test_the_source_space_holds_all_that_is_looked_at(window):
    wide = replace(
        NONE,
        rotation_deg=Chance(-40.0, 40.0, 1.0),
        scale=Chance(0.6, 1.5, 1.0),
        elastic=Chance(0.3, 0.4, 1.0),
        shift=Chance(-0.1, 0.1, 1.0),
        shear=Chance(-0.2, 0.2, 1.0),
    )
    space = source_space(window, wide, share=1.0)
    labels = np.zeros((6, *space), np.uint8)
    new = change(wide, window, labels[..., None].astype(np.float32), labels)[1]
    assert (new == 0).all()


def test_the_source_space_of_any_angle_is_the_diagonal():
    rotations = replace(NONE, rotation_deg=Chance(-180.0, 180.0, 1.0))
    assert source_space((100, 100), rotations, share=1.0) == (142, 142)
    assert source_space((100, 100), rotations) <= (142, 142)
    assert source_space((100, 100), NONE) == (100, 100)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"gamma": Chance(0.5, 1.0, 1.5)}, "gamma"),
        ({"scale": Chance(0.0, 1.0, 0.5)}, "scale"),
        ({"noise": Chance(0.5, 0.1, 0.5)}, "noise"),
        ({"elastic": Chance(0.1, 0.6, 0.5)}, "elastic"),
        ({"bias_points": 3}, "bias_points"),
    ],
)
def test_senseless_settings_are_refused_by_name(options, named):
    with pytest.raises(ValueError, match=named):
        Augmentation(**options)


def test_a_window_larger_than_the_patch_is_refused():
    images, labels = batch((8, 8))
    with pytest.raises(ValueError, match="larger"):
        change(NONE, (9, 8), images, labels)
