"""A prediction lies where its image does, for every program that reads both headers."""

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st
from nibabel.orientations import axcodes2ornt, inv_ornt_aff
from scipy.spatial.transform import Rotation

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.geometry.orientation import Orientation
from keras_mia.data.image import UNPLACED, Image, grid_difference
from keras_mia.data.io.formats import label_suffix
from keras_mia.data.io.image_io import read_image, read_label, write_image
from keras_mia.data.io.volumes.itk import affine_of
from keras_mia.data.preprocess.grid import Grid
from keras_mia.doctor.case import examine
from tests.dicom_files import oblique, write_series

SPACE = (4, 5, 6)
GEOMETRY = ("qform_code", "sform_code", "pixdim", "xyzt_units", "srow_x", "srow_y", "srow_z")
QUATERNION = ("quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z")
CODES = [(0, 0), (1, 1), (1, 2), (2, 1), (1, 0), (0, 1), (0, 2), (2, 2), (4, 2)]


def placed(flips="RAS", angles=(0, 0, 0), spacing=(1, 1, 1.5), origin=(5, -7, 3)) -> np.ndarray:
    """An affine to RAS mm of voxels in the order of `flips`, turned by `angles` in degrees."""
    affine = np.eye(4)
    affine[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix() * spacing
    affine[:3, 3] = origin
    return affine @ inv_ornt_aff(axcodes2ornt(flips), SPACE)


def volume() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 900, SPACE).astype(np.int16)


def nifti(path: Path, sform, qform, codes=(1, 1), unit=2, shape=SPACE) -> Path:
    """A file whose header holds both forms, whatever their codes."""
    kind = nib.Nifti1Pair if path.suffix == ".hdr" else nib.Nifti1Image
    array = np.random.default_rng(0).integers(0, 900, shape).astype(np.int16)
    file = kind(array, None)
    file.header.set_qform(qform, codes[0], strip_shears=False)
    file.header.set_sform(sform, codes[1])
    file.header["xyzt_units"] = unit | 8
    nib.save(file, path)
    return path


def of_itk(path: Path) -> np.ndarray:
    return affine_of(SimpleITK.ReadImage(str(path)))


def of_nibabel(path: Path) -> np.ndarray:
    return nib.load(path).affine


def prediction(path: Path, array: np.ndarray | None = None) -> Path:
    """A label map of an image after the way there and back that a prediction takes."""
    image = read_image(path)
    orientation = Orientation.none(3) if image.affine is None else Orientation.to_ras(image.affine)
    space = orientation.permute(image.space)
    grid = Grid(image.space, image.affine, orientation, tuple((0, n) for n in space), space, None)
    labels = orientation.apply(image.array[..., 0] > 400).astype(np.uint8)
    found = path.with_name(f"prediction{label_suffix(path)}")
    write_image(found, grid.restore_labels(labels)[..., None], like=image)
    np.testing.assert_array_equal(read_label(found).array, image.array[..., :1] > 400)
    assert grid_difference(image, read_label(found)) is None
    return found


@pytest.mark.parametrize("codes", CODES)
@pytest.mark.parametrize("unit", [0, 1, 2, 3])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".hdr"])
def test_a_prediction_has_both_forms_and_codes_and_units_of_its_image(
    tmp_path, codes, unit, suffix
):
    image = nifti(tmp_path / f"a{suffix}", placed(angles=(0, 0, 20)), placed(), codes, unit)
    found = prediction(image)
    one, other = nib.load(image).header, nib.load(found).header
    for name in (*GEOMETRY, *QUATERNION):
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    np.testing.assert_array_equal(of_itk(image), of_itk(found))
    np.testing.assert_array_equal(of_nibabel(image), of_nibabel(found))


@settings(max_examples=80, deadline=None)
@given(
    suffix=st.sampled_from([".nii", ".nii.gz", ".hdr", ".mgh", ".mgz", ".mha", ".nrrd"]),
    flips=st.sampled_from(["RAS", "LPS", "LAS", "SPR", "AIL", "PSR"]),
    angles=st.tuples(*[st.floats(-60, 60)] * 3),
    spacing=st.tuples(*[st.floats(0.05, 8)] * 3),
    other=st.sampled_from(["RAS", "LPS", "LAS", "IPR"]),
    codes=st.sampled_from(CODES),
    unit=st.sampled_from([0, 1, 2, 3]),
)
def test_image_and_prediction_are_placed_alike(
    tmp_path_factory, suffix, flips, angles, spacing, other, codes, unit
):
    path = tmp_path_factory.mktemp("alike") / f"a{suffix}"
    affine = placed(flips, angles, spacing)
    if suffix in (".nii", ".nii.gz", ".hdr"):
        nifti(path, affine, placed(other, angles[::-1], spacing), codes, unit)
    else:
        write_image(path, volume(), affine)
    found = prediction(path)
    if suffix not in (".mgh", ".mgz"):
        np.testing.assert_allclose(of_itk(found), of_itk(path), rtol=1e-6, atol=1e-5)
    if suffix not in (".mha", ".nrrd"):
        np.testing.assert_allclose(of_nibabel(found), of_nibabel(path), rtol=1e-6, atol=1e-5)
    ours, theirs = read_image(path).affine, read_image(found).affine
    assert (ours is None) == (theirs is None)
    if ours is not None:
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize(("unit", "factor"), [(0, 1), (1, 1000), (2, 1), (3, 0.001)])
@pytest.mark.parametrize("codes", [(0, 0), (1, 1), (1, 0)])
def test_lengths_of_nifti_are_in_mm_as_simpleitk_has_them(tmp_path, unit, factor, codes):
    path = nifti(tmp_path / "a.nii", placed(), placed(), codes, unit)
    image = read_image(path)
    assert image.spacing == pytest.approx(np.array([1, 1, 1.5]) * factor)
    if codes != (0, 0):
        np.testing.assert_allclose(image.affine, of_itk(path), atol=1e-5 * factor)


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 6, 3), (4, 5, 6, 1, 1)])
def test_files_of_other_ranks_keep_their_geometry(tmp_path, shape):
    path = nifti(tmp_path / "a.nii.gz", placed(), placed(), (1, 2), 3, shape)
    file = nib.load(path)
    file.header["pixdim"][4:6] = 2.5, 7
    nib.save(file, path)
    found = prediction(path)
    one, other = nib.load(path).header, nib.load(found).header
    np.testing.assert_array_equal(one["pixdim"], other["pixdim"])
    assert other.get_data_shape() == shape[:3]
    np.testing.assert_array_equal(of_nibabel(path), of_nibabel(found))


@pytest.mark.parametrize("codes", CODES)
def test_probabilities_lie_where_the_image_does(tmp_path, codes):
    shape = (*SPACE, 2)
    path = nifti(tmp_path / "a.nii.gz", placed(angles=(0, 0, 20)), placed(), codes, 3, shape)
    found = tmp_path / "a-probabilities.nii.gz"
    write_image(found, np.zeros((*SPACE, 3), np.float32), like=read_image(path))
    one, other = nib.load(path).header, nib.load(found).header
    for name in (*(set(GEOMETRY) - {"pixdim"}), *QUATERNION):
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    assert other.get_zooms() == (*one.get_zooms()[:3], 1)
    np.testing.assert_array_equal(of_nibabel(path), of_nibabel(found))


def case_of(image: Path, label: Path) -> Case:
    return Case("a", {"image": (image,)}, LabelMapFile(label), "a")


@pytest.mark.parametrize("unplaced", ["image", "label", "both"])
def test_without_orientation_voxels_are_taken_as_they_lie(tmp_path, unplaced):
    codes = {True: (0, 0), False: (1, 1)}
    image = nifti(tmp_path / "i.nii", placed("LPS"), placed("LPS"), codes[unplaced != "label"])
    label = nifti(tmp_path / "l.nii", placed("ALS"), placed("ALS"), codes[unplaced != "image"])
    found, facts = examine(case_of(image, label), read_facts)
    assert facts is not None
    assert not found
    assert facts.remarks == (UNPLACED,) * (1 + (unplaced == "both"))
    if unplaced != "label":
        assert facts.spacing == (1, 1, 1.5)
        assert facts.axes == (0, 1, 2)
        assert read_image(image).affine is None


def test_another_number_of_voxels_is_not_called_an_orientation(tmp_path):
    image = nifti(tmp_path / "i.nii", placed(), placed(), (0, 0))
    label = nifti(tmp_path / "l.nii", placed(), placed(), (1, 1), shape=(5, 4, 6))
    found, _ = examine(case_of(image, label), read_facts)
    assert {one.kind for one in found} == {"other shape"}


def text_header(path: Path, lines: str) -> Path:
    """A file of MetaImage or NRRD of int16 whose header has these lines too."""
    if path.suffix == ".mha":
        start = "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
        end = "ElementType = MET_SHORT\nDimSize = 4 5 6\nElementDataFile = LOCAL\n"
    else:
        start = "NRRD0005\ntype: int16\ndimension: 3\nsizes: 4 5 6\nendian: little\n"
        end = "encoding: raw\n\n"
    path.write_bytes(f"{start}{lines}{end}".encode() + volume().tobytes(order="F"))
    return path


DIRECTIONS = "space directions: (1,0,0) (0,2,0) (0,0,3)\nspace origin: (5,6,7)\n"
MATRIX = "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 5 6 7\nElementSpacing = 1 2 3\n"


@pytest.mark.parametrize(
    ("suffix", "lines", "factor", "oriented"),
    [
        (".nrrd", f"space: RAS\n{DIRECTIONS}", 1, True),
        (".nrrd", f"space: left-anterior-superior\n{DIRECTIONS}", 1, True),
        (".nrrd", f'space: LPS\nspace units: "um" "um" "um"\n{DIRECTIONS}', 0.001, True),
        (".nrrd", 'spacings: 1 2 3\nunits: "m" "m" "m"\n', 1000, False),
        (".nrrd", "spacings: 1 2 3\n", 1, False),
        (".mha", MATRIX, 1, True),
        (".mha", f"{MATRIX}AnatomicalOrientation = LPI\n", 1, True),
        (".mha", f"{MATRIX}DistanceUnits = um\n", 0.001, True),
        (".mha", f"{MATRIX}DistanceUnits = cm\n", 10, True),
        (".mha", "ElementSpacing = 1 2 3\n", 1, False),
    ],
)
def test_text_headers_are_read_whole_and_predictions_placed_alike(
    tmp_path, suffix, lines, factor, oriented
):
    path = text_header(tmp_path / f"a{suffix}", lines)
    image = read_image(path)
    assert image.spacing == pytest.approx(np.array([1, 2, 3]) * factor)
    assert (image.affine is not None) == oriented
    found = prediction(path)
    np.testing.assert_allclose(of_itk(found), of_itk(path), atol=1e-9)
    assert read_image(found).spacing == pytest.approx(image.spacing)
    if oriented:
        np.testing.assert_allclose(read_image(found).affine, image.affine)
    nifti_one = tmp_path / "a-probabilities.nii.gz"
    write_image(nifti_one, np.zeros((*SPACE, 2), np.float32), like=image)
    np.testing.assert_allclose(of_itk(nifti_one)[:3, :3], of_itk(path)[:3, :3] * factor, rtol=1e-5)


@pytest.mark.parametrize(
    ("suffix", "line"),
    [(".mha", "DistanceUnits = furlong\n"), (".nrrd", 'spacings: 1 2 3\nunits: "m" "mm" "mm"\n')],
)
def test_a_unit_that_is_not_known_is_refused(tmp_path, suffix, line):
    with pytest.raises(Problem, match="lengths in"):
        read_image(text_header(tmp_path / f"a{suffix}", line))


def test_a_scaling_of_values_in_a_metaimage_is_applied(tmp_path):
    lines = "ElementToIntensityFunctionSlope = 2\nElementToIntensityFunctionOffset = -1000\n"
    image = read_image(text_header(tmp_path / "a.mha", lines))
    np.testing.assert_array_equal(image.array[..., 0], volume() * 2.0 - 1000)


@pytest.mark.parametrize("suffix", [".mgh", ".mgz"])
def test_mgh_without_orientation_stays_so(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    nib.save(nib.MGHImage(volume(), placed()), path)
    opened = gzip.open if suffix == ".mgz" else open
    with opened(path, "rb") as file:
        content = bytearray(file.read())
    content[28:30] = b"\0\0"
    with opened(path, "wb") as file:
        file.write(content)
    assert read_image(path).affine is None
    found = prediction(path)
    with opened(found, "rb") as file:
        assert file.read(30)[28:] == b"\0\0"
    np.testing.assert_array_equal(of_nibabel(found), of_nibabel(path))


def test_analyze_has_no_orientation(tmp_path):
    nib.save(nib.AnalyzeImage(volume(), placed()), tmp_path / "a.img")
    image = read_image(tmp_path / "a.hdr")
    assert image.affine is None
    assert image.spacing == (1, 1, 1.5)
    np.testing.assert_array_equal(image.array[..., 0], volume())
    with pytest.raises(Problem, match=r"\.hdr"):
        read_image(tmp_path / "a.img")


def test_tiny_voxels_are_no_broken_header(tmp_path):
    path = nifti(tmp_path / "a.nii", placed(spacing=[1e-4] * 3), placed(spacing=[1e-4] * 3))
    assert read_image(path).spacing == pytest.approx((1e-4,) * 3)
    path = nifti(tmp_path / "b.nii", np.diag([1, 1, 0, 1.0]), placed())
    with pytest.raises(Problem, match="singular"):
        read_image(path)


def test_both_spacings_of_an_image_without_a_place():
    image = Image(np.zeros((*SPACE, 1)), voxel_mm=(1.0, 1.0, 2.0))
    assert image.spacing == image.spacing_mm == (1, 1, 2)
    bare = Image(np.zeros((*SPACE, 1)))
    assert bare.spacing == (1, 1, 1)
    assert bare.spacing_mm is None


@pytest.mark.parametrize("tilt", [0.8, -0.3])
def test_a_prediction_of_slices_of_a_tilted_gantry_is_placed_as_they_are(tmp_path, tilt):
    affine = np.diag([-1, -1, 2.5, 1.0])
    affine[1, 2] = tilt
    folder = tmp_path / "tilted"
    write_series(folder, volume(), affine, GantryDetectorTilt=np.degrees(np.arctan(tilt / 2.5)))
    image = read_image(folder)
    np.testing.assert_allclose(image.affine, affine, atol=1e-5)
    assert "tilted gantry" in image.remarks[0]
    found = tmp_path / "a.nii.gz"
    write_image(found, image.array > 0, like=image)
    np.testing.assert_allclose(of_nibabel(found), affine, atol=1e-5)
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder)))
    np.testing.assert_allclose(of_itk(found), affine_of(reader.Execute()), atol=1e-5)


def test_an_upright_series_is_not_said_to_be_tilted(tmp_path):
    write_series(tmp_path, volume(), oblique())
    image = read_image(tmp_path)
    assert not image.remarks
    write_image(tmp_path / "a.nii.gz", image.array > 0, like=image)
    header = nib.load(tmp_path / "a.nii.gz").header
    assert header["qform_code"] == header["sform_code"] == 1
    np.testing.assert_allclose(header.get_qform(), header.get_sform(), atol=1e-4)
