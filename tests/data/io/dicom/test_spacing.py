"""The size of pixels, by the element that the standard puts first; files without a preamble."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_image
from keras_mia.data.datasets.inputs import read_inputs
from keras_mia.data.io.dicom.elements import is_dicom
from keras_mia.data.io.dicom.segmentation import read_label
from tests.dicom_files import NO_DICOM, dataset, oblique, place, write_series

pydicom = pytest.importorskip("pydicom", reason=NO_DICOM)
uid = pydicom.uid

PLANE = np.random.default_rng(0).integers(0, 4000, (10, 8)).astype(np.uint16)
PROJECTIONS = [
    uid.ComputedRadiographyImageStorage,
    uid.DigitalXRayImageStorageForPresentation,
    uid.DigitalMammographyXRayImageStorageForPresentation,
    uid.XRayAngiographicImageStorage,
    uid.XRayRadiofluoroscopicImageStorage,
]
OTHERS = [uid.CTImageStorage, uid.SecondaryCaptureImageStorage, uid.UltrasoundImageStorage]
PIXEL, DETECTOR, FILM = (
    {"PixelSpacing": [0.14, 0.2]},
    {"ImagerPixelSpacing": [0.3, 0.4]},
    {"NominalScannedPixelSpacing": [0.5, 0.6]},
)


def image_of(path, kind, **more):
    one = dataset(path, kind, PLANE, Modality="CR", **more)
    one.SeriesInstanceUID = "1.2.3"
    one.PixelData = np.ascontiguousarray(PLANE.T).tobytes()
    pydicom.dcmwrite(path, one, enforce_file_format=True)
    return read_image(path)


@pytest.mark.parametrize("kind", [*PROJECTIONS, *OTHERS])
@pytest.mark.parametrize(
    ("elements", "expected", "remark"),
    [
        (PIXEL, (0.2, 0.14), None),
        ({**PIXEL, "ImagerPixelSpacing": [0.14, 0.2]}, (0.2, 0.14), None),
        ({**PIXEL, **DETECTOR}, (0.2, 0.14), "calibrated Pixel Spacing"),
        ({**PIXEL, **DETECTOR, **FILM}, (0.2, 0.14), "calibrated Pixel Spacing"),
        (
            {**PIXEL, **DETECTOR, "PixelSpacingCalibrationType": "FIDUCIAL"},
            (0.2, 0.14),
            "calibrated (fiducial)",
        ),
        (DETECTOR, (0.4, 0.3), "at the detector (Imager Pixel Spacing)"),
        ({**DETECTOR, **FILM}, (0.4, 0.3), "at the detector"),
        (
            {**DETECTOR, "EstimatedRadiographicMagnificationFactor": 2},
            (0.2, 0.15),
            "estimated magnification",
        ),
        (FILM, (0.6, 0.5), "scanned film"),
        ({}, None, "does not say how large a pixel is"),
        ({"PixelAspectRatio": [1, 1]}, None, "does not say"),
        ({"PixelAspectRatio": [4, 3]}, None, "not square"),
        ({"PixelSpacing": [0, 0]}, None, "does not say"),
    ],
)
def test_the_size_of_pixels_is_taken_as_the_standard_orders_it(
    tmp_path, kind, elements, expected, remark
):
    image = image_of(tmp_path / "a.dcm", kind, **elements)
    assert image.affine is None  # it does not say where it lies
    if expected is None:
        assert image.spacing_mm is None
    else:
        assert image.spacing_mm == pytest.approx((*expected, 1))
    assert len(image.remarks) == (remark is not None)
    assert (remark or "") in "".join(image.remarks)


@pytest.mark.parametrize(
    ("elements", "step"),
    [
        ({"SliceThickness": 5}, 5),
        ({"SpacingBetweenSlices": 3, "SliceThickness": 5}, 3),
        ({"SpacingBetweenSlices": -3}, 3),
        ({}, 1),
    ],
)
def test_a_slice_alone_is_as_thick_as_it_says(tmp_path, elements, step):
    image = image_of(tmp_path / "a.dcm", uid.CTImageStorage, **PIXEL, **elements)
    assert image.spacing_mm == pytest.approx((0.2, 0.14, step))


def test_places_tell_how_far_slices_lie_apart_whatever_else_is_said(tmp_path):
    write_series(
        tmp_path, np.stack([PLANE] * 4, -1), oblique(), SpacingBetweenSlices=9, SliceThickness=7
    )
    assert read_image(tmp_path).spacing == pytest.approx((0.7, 0.9, 2.5))


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("meta", [True, False])
@pytest.mark.parametrize("name", ["{:03}.dcm", "IM{:02}"])
def test_files_without_a_preamble_are_read(tmp_path, implicit, meta, name):
    volume = np.stack([PLANE + i for i in range(5)], -1)
    folder = tmp_path / "patient1"
    for path in write_series(folder, volume, oblique(), name=name, slope=1, intercept=-1024):
        one = pydicom.dcmread(path)
        content = path.read_bytes()
        if meta and not implicit:
            path.write_bytes(content[132:])
            continue
        with path.open("wb") as file:
            target = pydicom.filebase.DicomFileLike(file)
            target.is_little_endian, target.is_implicit_VR = True, implicit
            pydicom.filewriter.write_dataset(target, pydicom.Dataset(one))
    image = read_image(folder)
    np.testing.assert_array_equal(image.array[..., 0], volume.astype(int) - 1024)
    np.testing.assert_allclose(image.affine, oblique(), atol=1e-4)
    first = min(folder.iterdir())
    assert read_image(first).array.shape == (10, 8, 1, 1)
    assert read_label(first).array.shape == (10, 8, 1, 1)
    assert [case.images for case in read_inputs(tmp_path)] == [(folder,)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\x08\0",
        b"\x08\0" * 500,
        np.arange(8, 1000).astype("<u2").tobytes(),
        np.arange(8, 1000).astype("<i4").tobytes(),
        bytes(200),
        b"\x89PNG\r\n\x1a\n" + bytes(300),
        b"II*\0\x08\0\0\0" + bytes(range(200)),
        b"\x08\0\x05\0CS\x0a\0ISO_IR 100",
    ],
)
def test_other_files_are_not_taken_for_dicom(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    assert not is_dicom(path)
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    with pytest.raises(Problem, match=r"a\.dcm"):
        read_image(path)


def test_a_position_without_directions_is_no_place(tmp_path):
    path = tmp_path / "a.dcm"
    one = dataset(path, uid.CTImageStorage, PLANE, **PIXEL)
    place(one, oblique(), 0)
    del one.ImageOrientationPatient
    one.PixelData = np.ascontiguousarray(PLANE.T).tobytes()
    pydicom.dcmwrite(path, one, enforce_file_format=True)
    image = read_image(path)
    assert image.affine is None
    assert image.spacing_mm == pytest.approx((0.7, 0.9, 1))
