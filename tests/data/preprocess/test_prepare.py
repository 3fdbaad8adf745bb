"""Preparing, and the exact way back."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nibabel.orientations import axcodes2ornt, inv_ornt_aff, ornt_transform
from scipy.ndimage import gaussian_filter

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case, Slab
from keras_mia.data.geometry.resampling import resample
from keras_mia.data.image import Image
from keras_mia.data.io.image_io import write_image
from keras_mia.data.preprocess.array_target import LabelMapTarget, foreground_points
from keras_mia.data.preprocess.case_cache import cache_cases
from keras_mia.data.preprocess.normalize import Scale
from keras_mia.data.preprocess.prepare import prepare
from keras_mia.data.targets.label_map import IGNORE, Classes
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan

PLAN = SegmentationPlan(
    rank=3,
    classes=Classes(("background", "blob", "other"), ((0,), (5,), (9,))),
    channels=1,
    spacing_mm=(1.0, 1.0, 1.0),
    modality=None,
    normalization="zscore",
    intensities=(),
    orientation="RAS",
    slice_axis=None,
    patch=(16, 16, 16),
    batch_size=2,
    depth=2,
    filters=16,
    norm="instance",
    pool=((2, 2, 2),) * 2,
    flip=(0,),
    rotation_deg=(15.0,) * 3,
    foreground_share=0.5,
)
CODES = [
    "".join(code)
    for order in itertools.permutations(["RL", "AP", "SI"])
    for code in itertools.product(*order)
]
SPACES = st.tuples(*[st.integers(3, 17)] * 3)


def volume(space, spacing=(1.0, 1.0, 1.0), code="RAS", seed=0) -> tuple[Image, np.ndarray]:
    """A volume with blobs, stored in the order `code`, with some zero border; and its classes."""
    generator = np.random.default_rng(seed)
    smooth = gaussian_filter(generator.normal(size=space), 1.5)
    label = np.digitize(smooth, np.quantile(smooth, [0.6, 0.85]))
    array = (100 + 50 * smooth + 20 * label).astype(np.float32)
    array[: space[0] // 4] = 0
    label[: space[0] // 4] = 0
    change = ornt_transform(axcodes2ornt(code), axcodes2ornt("RAS"))
    affine = np.diag([*spacing, 1.0])
    turned = affine @ inv_ornt_aff(change, space) if code != "RAS" else affine
    return Image(array[..., None], turned), label.astype(np.uint8)


def blocks_of(array: np.ndarray, rows: int):
    for start in range(0, len(array), rows):
        yield start, array[start : start + rows]


@given(SPACES, st.sampled_from(CODES), st.sampled_from([None, 0, 1, 2]))
@settings(max_examples=60, deadline=None)
def test_labels_at_the_same_spacing_come_back_exactly(space, code, slice_axis):
    image, label = volume(space, code=code)
    plan = replace(PLAN, slice_axis=slice_axis, rank=3 if slice_axis is None else 2)
    prepared = prepare(image, plan)
    there = prepared.grid.prepare_labels(label)
    assert there.shape == prepared.array.shape[:-1]
    assert np.array_equal(prepared.restore_labels(there), label)
    one_hot = (there[..., None] == np.arange(3)).astype(np.float32)
    assert np.array_equal(prepared.restore(blocks_of(one_hot, 4), 3), label)


@given(
    st.tuples(*[st.sampled_from([0.7, 1.3, 2.0])] * 3),
    st.sampled_from(CODES),
    st.integers(1, 9),
    st.sampled_from([None, 0, 1, 2]),
)
@settings(max_examples=25, deadline=None)
def test_labels_through_another_spacing_come_back_nearly(spacing, code, rows, slice_axis):
    grid = np.stack(np.meshgrid(*[np.arange(36)] * 3, indexing="ij"), -1)
    ball = (np.linalg.norm(grid - [17, 18, 16], axis=-1) < 13).astype(np.uint8)
    image = Image(np.ones((36, 36, 36, 1)), volume((36, 36, 36), spacing, code)[0].affine)
    plan = replace(PLAN, slice_axis=slice_axis, rank=3 if slice_axis is None else 2)
    prepared = prepare(image, plan)
    there = prepared.grid.prepare_labels(ball)
    back = prepared.restore_labels(there)
    assert back.shape == ball.shape
    assert 2 * (back & ball).sum() / (back.sum() + ball.sum()) > 0.95
    one_hot = (there[..., None] == np.arange(2)).astype(np.float32)
    streamed = prepared.restore(blocks_of(one_hot, rows), 2)
    assert 2 * (streamed & ball).sum() / (streamed.sum() + ball.sum()) > 0.95


@given(SPACES, SPACES, st.integers(1, 6), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_streaming_equals_resampling_at_once(space, source, rows, seed):
    generator = np.random.default_rng(seed)
    image = Image(1 + generator.random((*source, 1)), np.eye(4))
    prepared = prepare(image, PLAN)
    grid = replace(prepared.grid, space=space)
    probability = generator.random((*space, 3)).astype(np.float32)
    found = grid.restore(blocks_of(probability, rows), 3, probabilities=True)
    np.testing.assert_allclose(found, resample(probability, source, smooth=False), atol=1e-5)
    labels = grid.restore(blocks_of(probability, rows), 3)
    chosen = np.take_along_axis(found, labels[..., None].astype(int), -1)[..., 0]
    np.testing.assert_allclose(chosen, found.max(axis=-1), atol=1e-6)


@pytest.mark.parametrize("code", ["RAS", "LPI", "SAR"])
@pytest.mark.parametrize("slice_axis", [None, 1])
def test_parts_that_are_watched_make_the_whole(code, slice_axis):
    """Judging counts voxels as they come: all of them, once, with their own truth."""
    generator = np.random.default_rng(1)
    image, _ = volume((9, 8, 7), (1.0, 1.0, 2.0), code)
    array = image.array
    rank = 3 if slice_axis is None else 2
    grid = prepare(image, replace(PLAN, rank=rank, slice_axis=slice_axis)).grid
    space = grid.slices_first(np.empty(grid.space)).shape
    chances = generator.dirichlet(np.ones(3), space).astype(np.float32)
    numbers = np.arange(array[..., 0].size).reshape(array.shape[:3])
    found = np.full((numbers.size, 3), np.nan, np.float32)

    def watch(take, part):
        index = take(numbers).ravel()
        assert np.isnan(found[index]).all()
        found[index] = part.reshape(-1, 3)

    grid.restore(blocks_of(chances, 2), 3, watch=watch)
    expected = grid.restore(blocks_of(chances, 2), 3, probabilities=True)
    np.testing.assert_array_equal(found.reshape(expected.shape), expected)


def test_a_block_whose_memory_is_used_again_does_no_harm():
    image, _ = volume((9, 8, 7), spacing=(0.6, 1, 1))
    prepared = prepare(image, PLAN)
    probability = np.random.default_rng(3).random((*prepared.grid.space, 2)).astype(np.float32)

    def reused():
        memory = np.empty_like(probability[:1])
        for start in range(len(probability)):
            memory[:] = probability[start]
            yield start, memory

    expected = prepared.restore(blocks_of(probability, 99), 2, probabilities=True)
    assert np.array_equal(prepared.restore(reused(), 2, probabilities=True), expected)


def test_blocks_must_be_whole():
    image, _ = volume((9, 8, 7))
    prepared = prepare(image, PLAN)
    rows = np.zeros((*prepared.grid.space, 2), np.float32)
    for blocks in ([(0, rows[:2])], [(0, rows[:2]), (3, rows[3:])], [(0, rows[:, 1:])]):
        with pytest.raises(ValueError, match="rows"):
            prepared.restore(blocks, 2)


def test_outside_the_box_all_is_background():
    image, _ = volume((12, 8, 9))
    prepared = prepare(image, PLAN)
    assert prepared.grid.box[0] == (3, 12)
    rows = np.zeros((*prepared.grid.space, 3), np.float32)
    rows[..., 2] = 1
    labels = prepared.restore([(0, rows)], 3)
    assert set(np.unique(labels[:3])) == {0}
    assert set(np.unique(labels[3:])) == {2}
    full = prepared.restore([(0, rows)], 3, probabilities=True)
    assert full[0, 0, 0].tolist() == [1, 0, 0]
    assert full[5, 5, 5].tolist() == [0, 0, 1]


@given(SPACES, st.sampled_from(CODES), st.tuples(*[st.sampled_from([0.7, 1.0, 2.3])] * 3))
@settings(max_examples=40, deadline=None)
def test_the_prepared_affine_is_right_for_odd_sizes(space, code, spacing):
    image, _ = volume(space, spacing, code)
    grid = prepare(image, PLAN).grid
    affine = grid.prepared_affine()
    # World coordinates drawn into the source must be found again, turned, cut and resampled.
    index = np.stack(np.meshgrid(*map(np.arange, space), indexing="ij"), -1)
    world = index @ image.affine[:3, :3].T + image.affine[:3, 3]
    found = resample(grid.crop(world), grid.space, smooth=False)
    there = np.stack(np.meshgrid(*map(np.arange, grid.space), indexing="ij"), -1)
    expected = there @ affine[:3, :3].T + affine[:3, 3]
    inner = tuple(slice(1, -1) if size > 4 else slice(0, 0) for size in grid.space)
    if all(new <= old for new, old in zip(grid.space, grid.cut, strict=True)):
        inner = (slice(None),) * 3
    np.testing.assert_allclose(found[inner], expected[inner], atol=2e-3)


def test_a_turned_volume_is_prepared_alike():
    image, _ = volume((11, 12, 13), spacing=(1.0, 2.0, 1.5))
    other = Image(image.array[::-1].transpose(2, 0, 1, 3), None)
    change = np.zeros((4, 4))
    change[0, 1], change[1, 2], change[2, 0], change[3, 3] = -1, 1, 1, 1
    change[0, 3] = 10
    turned = Image(other.array, image.affine @ change)
    np.testing.assert_allclose(prepare(turned, PLAN).array, prepare(image, PLAN).array, atol=1e-5)


def test_pictures_stay_as_they_are():
    plan = replace(PLAN, rank=2, channels=3, spacing_mm=None, orientation=None, patch=(16, 16))
    array = np.random.default_rng(0).integers(0, 255, (21, 34, 3)).astype(np.uint8)
    array[:5] = 0
    prepared = prepare(Image(array), plan)
    assert prepared.array.shape == (21, 34, 3)
    assert prepared.array.dtype == np.float32
    np.testing.assert_allclose(prepared.array.mean(axis=(0, 1)), 0, atol=1e-5)
    labels = np.arange(21 * 34).reshape(21, 34) % 3
    assert np.array_equal(prepared.restore_labels(labels), labels)


def test_slices_come_first_and_keep_their_distance():
    plan = replace(PLAN, rank=2, slice_axis=2, spacing_mm=(2.0, 1.0, 3.0))
    image, _ = volume((16, 10, 7), (1.0, 1.0, 5.0))
    prepared = prepare(image, plan)
    assert prepared.array.shape == (7, 6, 10, 1)
    assert prepared.grid.prepared_affine()[2, 2] == 5.0


def test_what_does_not_count_is_ignored():
    image, label = volume((8, 9, 10))
    raw = np.array([0, 5, 9])[label]
    region = np.zeros(label.shape, bool)
    region[:, 3:] = True
    grid = prepare(image, PLAN).grid
    case = SimpleNamespace(
        label=lambda: Image(raw[..., None], image.affine), region_mask=lambda: region, target="scan"
    )
    found = LabelMapTarget(PLAN.classes).prepare(case, grid, Scale((0.0,), (1.0,)))
    assert found.dtype == np.uint8
    assert np.all(found[:, :3] == IGNORE)
    assert np.array_equal(found[:, 3:], label[2:, 3:])
    raw[5, 5, 5] = 7
    with pytest.raises(Problem, match=r"7[\s\S]*scan"):
        LabelMapTarget(PLAN.classes).prepare(case, grid, Scale((0.0,), (1.0,)))


def test_images_of_another_kind_are_a_problem():
    image, _ = volume((8, 9, 10))
    for wrong, words in (
        (Image(np.zeros((8, 9, 1))), "a picture"),
        (Image(np.zeros((8, 9, 10, 2)), np.eye(4)), "2 channels"),
        (Image(image.array), "spacing"),
    ):
        with pytest.raises(Problem, match=rf"{words}[\s\S]*scan.nii"):
            prepare(wrong, PLAN, "scan.nii")


@pytest.fixture
def cases(tmp_path):
    image, label = volume((20, 18, 16), (1.0, 1.0, 1.5), "LPS")
    write_image(tmp_path / "image.nii.gz", image.array, image.affine)
    raw = np.array([0, 5, 9], np.uint8)[label]
    write_image(tmp_path / "label.nii.gz", raw[..., None], image.affine)
    one = Case(
        "a", {"image": (tmp_path / "image.nii.gz",)}, LabelMapFile(tmp_path / "label.nii.gz"), "p"
    )
    return [
        replace(one, name="front", region=Slab(1, 0.0, 0.5)),
        replace(one, name="back", region=Slab(1, 0.5, 1.0)),
    ]


def test_cases_are_stored_once(cases, tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    front, back = cache_cases(cases, PLAN, folder)
    assert front.image_path == back.image_path
    assert front.target_path != back.target_path
    assert isinstance(front.image, np.memmap)
    assert np.array_equal(front.image, prepare(cases[0].image(), PLAN).array)
    assert front.target.shape == front.image.shape[:-1]
    counted = (front.target != IGNORE).astype(int) + (back.target != IGNORE)
    assert np.all(counted == 1)
    for index, points in enumerate(front.points, 1):
        assert len(points)
        assert np.all(front.target[tuple(points.T)] == index)

    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(before) == 5
    monkeypatch.setattr(Case, "image", lambda case: pytest.fail("read again"))
    again = cache_cases(cases, replace(PLAN, patch=(8, 8, 8)), folder)
    assert again[1].target_path == back.target_path
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_another_plan_or_file_is_stored_anew(cases, tmp_path):
    folder = tmp_path / "cache"
    (first, _), (other, _) = (
        cache_cases(cases, plan, folder) for plan in (PLAN, replace(PLAN, normalization="none"))
    )
    assert first.image_path != other.image_path
    image = cases[0].image()
    write_image(cases[0].images[0], image.array + 1, image.affine)
    assert cache_cases(cases, PLAN, folder)[0].image_path != first.image_path


def test_points_are_limited_and_repeatable(monkeypatch):
    monkeypatch.setattr("keras_mia.data.preprocess.array_target.POINTS", 20)
    label = np.random.default_rng(0).choice([0, 1, 3, IGNORE], (30, 40)).astype(np.uint8)
    one, two, three = foreground_points(label, 4, seed=1)
    assert (one.shape, two.shape, three.shape) == ((20, 2), (0, 2), (20, 2))
    assert np.all(label[tuple(three.T)] == 3)
    assert len(np.unique(one, axis=0)) == 20
    assert np.array_equal(one, foreground_points(label, 4, seed=1)[0])
