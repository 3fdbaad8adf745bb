"""DICOM: files in any order and dress become the volume that they are slices of."""

import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mia.core.problem import Problem
from keras_mia.data import read_image, write_image
from keras_mia.data.io.dicom import headers
from keras_mia.data.io.dicom.images import series_of
from keras_mia.data.io.volumes.itk import affine_of
from tests.dicom_files import JPEG_LS, NO_DICOM, RLE, downwards, oblique, write_frames, write_series

pydicom = pytest.importorskip("pydicom", reason=NO_DICOM)

RANDOM = np.random.default_rng(0)


def stored(dtype=np.int16, space=(10, 8, 6)):
    low = -1000 if np.dtype(dtype).kind == "i" else 0
    return RANDOM.integers(low, 3000, space).astype(dtype)


def check(image, volume, affine):
    np.testing.assert_array_equal(image.array[..., 0], volume)
    np.testing.assert_allclose(image.affine, affine, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.int16, np.uint16])
@pytest.mark.parametrize("compression", [None, RLE, JPEG_LS])
def test_a_series_is_read_whatever_its_order_names_and_compression(tmp_path, dtype, compression):
    volume, affine = stored(dtype), oblique()
    write_series(
        tmp_path / "a" / "b",
        volume,
        affine,
        compression=compression,
        order=[3, 0, 5, 1, 4, 2],
        name="IM{:02}",
    )
    image = read_image(tmp_path)
    check(image, volume, affine)
    assert image.modality == "CT"
    assert image.spacing == pytest.approx((0.7, 0.9, 2.5))


def test_slices_that_come_the_other_way_round_are_turned(tmp_path):
    volume, affine = stored(), oblique()
    write_series(tmp_path, volume[:, :, ::-1], downwards(affine, 6))
    check(read_image(tmp_path), volume, affine)


def test_slope_and_intercept_give_hounsfield_units(tmp_path):
    volume = stored(np.uint16)
    write_series(tmp_path, volume, oblique(), slope=1, intercept=-1024)
    image = read_image(tmp_path)
    np.testing.assert_array_equal(image.array[..., 0], volume.astype(int) - 1024)
    assert image.array.dtype.kind == "i"
    write_series(tmp_path / "more" / "half", volume, oblique(), slope=0.5, intercept=3)
    half = read_image(tmp_path / "more")
    np.testing.assert_allclose(half.array[..., 0], volume * 0.5 + 3)
    assert half.array.dtype == np.float32


def test_the_real_series_agree_with_simpleitk(data):
    folders = [
        data / "ct_organs" / "ct_dicom_series",
        *(path for path in (data / "dicom_brain_mr").glob("*/*") if path.is_dir()),
    ]
    assert len(folders) == 5
    for folder in folders:
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder)))
        theirs = reader.Execute()
        ours = read_image(folder)
        check(ours, SimpleITK.GetArrayFromImage(theirs).transpose(2, 1, 0), affine_of(theirs))


def test_spacing_that_headers_call_negative_is_that_of_their_places(tmp_path):
    volume, affine = stored(), oblique()
    write_series(tmp_path, volume, affine, SpacingBetweenSlices=-2.5)
    check(read_image(tmp_path), volume, affine)


@pytest.mark.parametrize("order", [range(6), range(5, -1, -1), [3, 0, 5, 1, 4, 2]])
def test_frames_of_one_file_are_slices_in_whatever_order(tmp_path, order):
    volume, affine = stored(np.uint16), oblique()
    image = read_image(write_frames(tmp_path / "enhanced", volume, affine, order=order))
    check(image, volume, affine)
    assert image.modality == "MR"


def test_frames_that_make_no_volume_are_named(tmp_path):
    volume, affine = stored(np.uint16), oblique()
    twice = write_frames(tmp_path / "twice", volume, affine, order=[0, 1, 2, 0, 1, 2])
    assert_problem(twice, "3 slices lie where another one does", "twice, frame 1", "frame 4")
    gap = write_frames(tmp_path / "gap", volume, affine, order=[5, 0, 1, 4, 3])
    assert_problem(gap, "A slice is missing", "gap, frame 3", "frame 5")


def test_frames_need_the_extra(tmp_path, monkeypatch):
    path = write_frames(tmp_path / "enhanced", stored(np.uint16), oblique())
    monkeypatch.setattr(headers, "find_spec", lambda package: None)
    assert_problem(path, "pydicom", "keras_mia[dicom]")


def test_one_slice_is_a_volume_of_one_slice(tmp_path):
    volume, affine = stored(), oblique()
    path = write_series(tmp_path, volume, affine)[2]
    image = read_image(path)
    assert image.array.shape == (10, 8, 1, 1)
    np.testing.assert_array_equal(image.array[..., 0, 0], volume[:, :, 2])
    np.testing.assert_allclose(image.affine[:3, 3], (affine @ [0, 0, 2, 1])[:3], atol=1e-4)


def test_white_that_is_lowest_is_turned_round(tmp_path):
    volume = stored(np.uint16, (10, 8, 1))
    path = write_series(tmp_path, volume, oblique(), PhotometricInterpretation="MONOCHROME1")[0]
    array = read_image(path).array[..., 0]
    np.testing.assert_array_equal(array, 65535 - volume.astype(int))


def test_the_series_with_the_most_slices_is_taken_and_the_others_are_named(tmp_path):
    long, affine = stored(), oblique()
    write_series(tmp_path / "scout", stored(space=(10, 10, 2)), affine, SeriesDescription="scout")
    write_series(tmp_path / "chest", long, affine, SeriesDescription="thin")
    (tmp_path / "LICENSE").write_text("no image")
    check(read_image(tmp_path), long, affine)
    assert [one[0].description for one in series_of(tmp_path)] == ["thin", "scout"]


def assert_problem(folder, *texts):
    with pytest.raises(Problem) as found:
        read_image(folder)
    for text in texts:
        assert text in str(found.value)


def test_a_missing_slice_is_named(tmp_path):
    write_series(tmp_path, stored(), oblique())[3].unlink()
    assert_problem(tmp_path, "missing", "002.dcm", "004.dcm", "2.5 mm", "5 mm")


def test_two_scans_in_one_series_are_named(tmp_path):
    write_series(tmp_path, stored(), oblique(), uid="1.2.3")
    write_series(tmp_path, stored(), oblique(), uid="1.2.3", name="again{}.dcm")
    assert_problem(tmp_path, "6 slices lie where another one does", "again")


@pytest.mark.parametrize(
    ("space", "spacing", "texts"),
    [
        ((10, 6, 2), (0.7, 0.9, 2.5), "10 x 8 and 10 x 6"),
        ((10, 8, 2), (0.8, 0.9, 2.5), "another size"),
    ],
)
def test_slices_that_are_unlike_are_named(tmp_path, space, spacing, texts):
    write_series(tmp_path, stored(), oblique(), uid="1.2.3")
    far = oblique(spacing)
    far[:3, 3] += 100
    write_series(tmp_path, stored(space=space), far, uid="1.2.3", name="z{}.dcm")
    assert_problem(tmp_path, "mixed", "z0.dcm", texts)


def test_a_folder_without_dicom_and_broken_files_are_named(tmp_path):
    (tmp_path / "text.txt").write_text("hello")
    assert_problem(tmp_path, "no file in it is DICOM")
    paths = write_series(tmp_path / "series", stored(), oblique())
    whole = paths[1].read_bytes()
    paths[1].write_bytes(whole[:-50])
    assert_problem(tmp_path / "series", "001.dcm")
    paths[1].write_bytes(whole[:200])
    assert_problem(tmp_path / "series", "001.dcm")


@settings(max_examples=40, deadline=None)
@given(position=st.floats(0, 1), noise=st.binary(min_size=1, max_size=30), cut=st.booleans())
def test_a_broken_slice_ends_in_a_problem_or_is_read(tmp_path_factory, position, noise, cut):
    """A byte of the pixels may change without a trace; nothing else may come of it than that."""
    folder = tmp_path_factory.mktemp("broken")
    path = write_series(folder, stored(), oblique())[2]
    whole = path.read_bytes()
    at = int(position * len(whole))
    path.write_bytes(whole[:at] if cut else whole[:at] + noise + whole[at + len(noise) :])
    try:
        outcome = str(read_image(folder).array.shape)
    except Problem as problem:
        outcome = str(problem)
    assert outcome.startswith("(10, 8,") or str(folder) in outcome


def test_dicom_is_not_written(tmp_path):
    with pytest.raises(Problem, match="only read"):
        write_image(tmp_path / "a.dcm", stored())
