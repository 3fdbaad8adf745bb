"""Every format gives back what was written, and every broken file ends in a Problem."""

import gc
import tracemalloc

import nibabel as nib
import numpy as np
import PIL.Image
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mia.core.problem import Problem
from keras_mia.data import read_image, read_label, write_image
from keras_mia.data.image import Image, grid_difference
from keras_mia.data.io.formats import FORMATS, stem_of
from keras_mia.data.preprocess import normalize as normalize_module

AFFINE = np.array([[0, 0, 2.5, -7], [-1, 0.2, 0, 3], [0.2, 1, 0, 11], [0, 0, 0, 1]])
VOLUMES = (".nii", ".nii.gz", ".mgh", ".mgz", ".mha", ".nrrd")
RANDOM = np.random.default_rng(0)


def volume(dtype=np.int16):
    return RANDOM.integers(0, 100, (5, 6, 7)).astype(dtype)


@pytest.mark.parametrize("suffix", VOLUMES)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_volumes_keep_values_type_and_affine(tmp_path, suffix, dtype):
    array = volume(dtype)
    write_image(tmp_path / f"a{suffix}", array, AFFINE)
    image = read_image(tmp_path / f"a{suffix}")
    assert image.array.dtype == dtype
    np.testing.assert_array_equal(image.array[..., 0], array)
    np.testing.assert_allclose(image.affine, AFFINE, atol=1e-5)
    assert image.rank == 3
    assert image.spacing[2] == pytest.approx(2.5)


def test_scaled_nifti_is_read_as_float32_in_its_units(tmp_path):
    file = nib.Nifti1Image(np.arange(24, dtype=np.int16).reshape(2, 3, 4), np.eye(4))
    file.header.set_slope_inter(2, -1024)
    nib.save(file, tmp_path / "ct.nii")
    # nibabel fits data to a slope when it saves, so the stored numbers are set by hand
    raw = bytearray((tmp_path / "ct.nii").read_bytes())
    raw[352:] = np.arange(24, dtype="<i2").tobytes()
    (tmp_path / "ct.nii").write_bytes(raw)
    array = read_image(tmp_path / "ct.nii").array[..., 0]
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array.ravel(order="F"), np.arange(24) * 2 - 1024)


def test_a_fourth_axis_is_channels_and_a_fifth_a_problem(tmp_path):
    nib.save(nib.Nifti1Image(volume()[..., None, None], np.eye(4)), tmp_path / "one.nii")
    assert read_image(tmp_path / "one.nii").array.shape == (5, 6, 7, 1)
    two = np.stack([volume(), volume()], axis=-1)
    nib.save(nib.Nifti1Image(two, np.eye(4)), tmp_path / "two.nii")
    np.testing.assert_array_equal(read_image(tmp_path / "two.nii").array, two)
    with pytest.raises(Problem, match="2 that differ"):
        read_label(tmp_path / "two.nii")
    nib.save(nib.Nifti1Image(two[..., None, :], np.eye(4)), tmp_path / "five.nii")
    with pytest.raises(Problem, match=r"5D(.|\n)*five\.nii(.|\n)*one volume"):
        read_image(tmp_path / "five.nii")


def test_64_bit_labels_are_written_in_the_type_that_holds_them(tmp_path):
    write_image(tmp_path / "a.nii.gz", volume(np.int64) + 300, AFFINE)
    assert read_image(tmp_path / "a.nii.gz").array.dtype == np.uint16
    write_image(tmp_path / "b.nii.gz", volume() > 50, AFFINE)
    assert read_image(tmp_path / "b.nii.gz").array.dtype == np.uint8


@pytest.mark.parametrize("suffix", [".png", ".tif", ".npy", ".npz", ".gif"])
def test_grey_pictures(tmp_path, suffix):
    array = RANDOM.integers(0, 256, (9, 12)).astype(np.uint8)
    write_image(tmp_path / f"a{suffix}", array)
    image = read_image(tmp_path / f"a{suffix}")
    assert image.array.dtype == np.uint8
    assert image.affine is None
    np.testing.assert_array_equal(image.array[..., 0], array)


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".npy"])
def test_colour_pictures_and_16_bits(tmp_path, suffix):
    colour = RANDOM.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    write_image(tmp_path / f"c{suffix}", colour)
    np.testing.assert_array_equal(read_image(tmp_path / f"c{suffix}").array, colour)
    deep = RANDOM.integers(0, 2**16, (9, 12)).astype(np.uint16)
    write_image(tmp_path / f"d{suffix}", deep)
    np.testing.assert_array_equal(read_image(tmp_path / f"d{suffix}").array[..., 0], deep)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bit_colour_keeps_its_depth(tmp_path, suffix):
    import SimpleITK

    deep = RANDOM.integers(0, 2**16, (9, 12, 3)).astype(np.uint16)
    picture = SimpleITK.GetImageFromArray(deep, isVector=True)
    SimpleITK.WriteImage(picture, str(tmp_path / f"a.{suffix}"))
    np.testing.assert_array_equal(read_image(tmp_path / f"a.{suffix}").array, deep)


def test_stack_is_a_volume_with_pages_last(tmp_path):
    pages = RANDOM.integers(0, 2**16, (4, 9, 12)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", pages, photometric="minisblack")
    image = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.array[..., 0], np.moveaxis(pages, 0, 2))
    write_image(tmp_path / "b.tif", image.array)
    np.testing.assert_array_equal(read_image(tmp_path / "b.tif").array, image.array)


def test_lzw_with_predictor(tmp_path):
    colour = RANDOM.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    PIL.Image.fromarray(colour).save(tmp_path / "a.tif", compression="tiff_lzw", tiffinfo={317: 2})
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif").array, colour)


def test_alpha_is_dropped_and_three_equal_channels_stay(tmp_path):
    grey = RANDOM.integers(0, 256, (9, 12)).astype(np.uint8)
    rgba = np.stack([grey, grey, grey, np.full_like(grey, 7)], axis=-1)
    PIL.Image.fromarray(rgba).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png").array, rgba[..., :3])
    np.testing.assert_array_equal(read_label(tmp_path / "a.png").array[..., 0], grey)
    PIL.Image.fromarray(rgba).save(tmp_path / "b.tif")
    np.testing.assert_array_equal(read_image(tmp_path / "b.tif").array, rgba[..., :3])


def palette_picture(path, colours):
    index = RANDOM.integers(0, len(colours), (9, 12)).astype(np.uint8)
    picture = PIL.Image.fromarray(index, mode="P")
    picture.putpalette([value for colour in colours for value in colour])
    picture.save(path)
    return index


def test_grey_palette_is_read_as_displayed(tmp_path):
    index = palette_picture(tmp_path / "a.gif", [(0, 0, 0), (255, 255, 255)])
    assert read_image(tmp_path / "a.gif").array.shape[-1] == 1
    np.testing.assert_array_equal(read_label(tmp_path / "a.gif").array[..., 0], index * 255)


def test_coloured_palette_is_rgb_as_image_and_indices_as_label(tmp_path):
    index = palette_picture(tmp_path / "a.png", [(0, 0, 0), (255, 0, 0), (0, 200, 9)])
    assert read_image(tmp_path / "a.png").array.shape == (9, 12, 3)
    np.testing.assert_array_equal(read_label(tmp_path / "a.png").array[..., 0], index)


def test_npz_takes_the_named_array_and_its_affine(tmp_path):
    np.savez(tmp_path / "a.npz", image=volume(), other=np.zeros(3), affine=AFFINE)
    image = read_image(tmp_path / "a.npz")
    assert image.array.shape == (5, 6, 7, 1)
    np.testing.assert_array_equal(image.affine, AFFINE)
    np.savez(tmp_path / "b.npz", x=volume(), y=volume())
    with pytest.raises(Problem, match="x, y"):
        read_image(tmp_path / "b.npz")


def test_pickled_array_is_not_executed(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(Problem, match=r"a\.npy"):
        read_image(tmp_path / "a.npy")


def test_labels_are_whole(tmp_path):
    write_image(tmp_path / "a.nii", volume().astype(np.float32))
    assert read_label(tmp_path / "a.nii").array.dtype.kind == "i"
    write_image(tmp_path / "b.nii", volume() + np.float32(0.5))
    with pytest.raises(Problem, match=r"whole numbers(.|\n)*b\.nii"):
        read_label(tmp_path / "b.nii")
    colour = RANDOM.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    write_image(tmp_path / "c.png", colour)
    with pytest.raises(Problem, match="one channel"):
        read_label(tmp_path / "c.png")


def test_folder_of_instances_is_merged(tmp_path):
    for i in range(3):
        mask = np.zeros((4, 5), np.uint8)
        mask[i, i] = 255
        write_image(tmp_path / f"{i}.png", mask)
    assert np.argwhere(read_label(tmp_path).array[..., 0] == 1).tolist() == [[0, 0], [1, 1], [2, 2]]
    write_image(tmp_path / "9.png", np.zeros((5, 4), np.uint8))
    with pytest.raises(Problem, match=r"9\.png"):
        read_label(tmp_path)


def test_missing_unknown_and_folder(tmp_path):
    for path, message in (
        ("no.png", "no such file"),
        ("a.docx", r"\.docx"),
        ("README", "no suffix"),
    ):
        with pytest.raises(Problem, match=message):
            read_image(tmp_path / path)
    (tmp_path / "d.nii").mkdir()
    with pytest.raises(Problem, match="folder"):
        read_image(tmp_path / "d.nii")
    assert stem_of("x/scan.1.NII.GZ") == "scan.1"


def test_what_a_format_cannot_hold_is_a_problem_and_leaves_no_file(tmp_path):
    with pytest.raises(Problem, match="cannot hold"):
        write_image(tmp_path / "a.png", np.zeros((4, 5), np.float32))
    assert not list(tmp_path.iterdir())


@settings(max_examples=60, deadline=None)
@given(
    suffix=st.sampled_from(sorted(suffix for suffix, kind in FORMATS.items() if kind.write)),
    start=st.sampled_from(["empty", "noise", "cut"]),
    noise=st.binary(min_size=1, max_size=200),
    share=st.floats(0.05, 0.9),
)
def test_any_broken_file_ends_in_a_problem(tmp_path_factory, suffix, start, noise, share):
    path = tmp_path_factory.mktemp("broken") / f"a{suffix}"
    array = np.random.default_rng(1).integers(0, 255, (40, 40)).astype(np.uint8)
    write_image(path, array)
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "noise": noise, "cut": whole[: int(len(whole) * share)]}[start])
    with pytest.raises(Problem, match=path.name):
        read_image(path)


def test_grids_are_compared_with_room_for_rounding():
    one = Image(np.zeros((10, 10, 10, 1)), AFFINE)
    assert grid_difference(one, Image(one.array, AFFINE + 1e-4)) is None
    assert "apart" in grid_difference(one, Image(one.array, AFFINE + np.eye(4)[:, [3, 0, 1, 2]]))
    assert "voxels" in grid_difference(one, Image(np.zeros((10, 10, 9, 1)), AFFINE))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("scale", [(1.0, 0.0), (2.5, -1024.0), (1.0, -3.0)])
@pytest.mark.parametrize("space", [(5, 6, 7), (5, 6, 7, 3), (5, 6, 1), (1, 1, 1)])
def test_volumes_are_scaled_as_nibabel_does(tmp_path, dtype, scale, space):
    array = np.random.default_rng(0).integers(0, 100, space).astype(dtype)
    path = tmp_path / "a.nii"
    nib.save(nib.Nifti1Image(array, np.eye(4)), path)
    content = bytearray(path.read_bytes())
    content[112:120] = np.array(scale, np.float32).tobytes()
    path.write_bytes(content)
    found = read_image(path).array
    np.testing.assert_array_equal(
        found.reshape(space), np.asarray(nib.load(path).dataobj).astype(found.dtype)
    )
    assert found.flags.writeable


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
@pytest.mark.parametrize("slope", [1.0, 2.0])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_volume_is_in_memory_once(tmp_path, monkeypatch, dtype, slope, suffix):
    monkeypatch.setattr(normalize_module, "SLAB", 2**14)
    slabs = 2**19
    path = tmp_path / f"a{suffix}"
    file = nib.Nifti1Image(np.zeros((128, 128, 64), dtype), np.eye(4))
    file.header.set_slope_inter(slope, 0)
    nib.save(file, path)
    del file
    as_float = 4 * 2**20
    tracemalloc.start()
    array = read_image(path).array
    reading = tracemalloc.get_traced_memory()[1]
    normalize_module.normalize(array, "zscore")
    preparing = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reading < array.nbytes + slabs
    assert preparing < array.nbytes + as_float + slabs


@pytest.mark.parametrize("suffix", [".nrrd", ".mha"])
def test_the_voxels_of_itk_are_not_copied(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write_image(path, np.arange(2**20, dtype=np.float32).reshape(128, 128, 64))
    tracemalloc.start()
    array = read_image(path).array
    copied = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    gc.collect()  # whatever holds the voxels stays
    assert copied < array.nbytes / 4
    assert array.flags.writeable
    assert array[1, 2, 3, 0] == 128 * 64 + 2 * 64 + 3
