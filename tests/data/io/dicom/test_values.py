"""The values of DICOM files are those that their headers mean, or the file is refused."""

from pathlib import Path

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_image
from keras_mia.data.io.dicom import values as dicom_values
from tests.dicom_files import JPEG_LS, NO_DICOM, RLE, dataset, oblique, place, write_frames

pydicom = pytest.importorskip("pydicom", reason=NO_DICOM)
uid = pydicom.uid

GENERATOR = np.random.default_rng(0)
PLANE = GENERATOR.integers(0, 200, (8, 6)).astype(np.uint8)


def one_file(
    path: Path, plane: np.ndarray, kind=uid.ComputedRadiographyImageStorage, *, bits=None, **more
):
    """A file of a plane (columns, rows) of any type, or of (columns, rows, 3) bytes of colour."""
    one = dataset(path, kind, plane, Modality="CR", **more)
    one.SeriesInstanceUID = "1.2.3"
    one.BitsAllocated = plane.dtype.itemsize * 8
    one.BitsStored = bits or one.BitsAllocated
    one.HighBit = one.BitsStored - 1
    if plane.ndim == 3:
        one.SamplesPerPixel, one.PlanarConfiguration = 3, 0
    one.PixelData = np.ascontiguousarray(plane.swapaxes(0, 1)).tobytes()
    return one


def save(one, path: Path) -> Path:
    pydicom.dcmwrite(path, one, enforce_file_format=True)
    return path


def read(one, path: Path) -> np.ndarray:
    return read_image(save(one, path)).array[:, :, 0]


DEPTHS = [
    *[(np.uint8, bits) for bits in (7, 8)],
    *[(np.uint16, bits) for bits in (10, 12, 14, 16)],
    *[(np.int16, bits) for bits in (10, 12, 14, 16)],
    (np.int8, 8),
]


@pytest.mark.parametrize(("kind", "bits"), DEPTHS)
@pytest.mark.parametrize("compression", [None, RLE, JPEG_LS])
@pytest.mark.parametrize("order", [None, uid.ImplicitVRLittleEndian])
def test_white_that_is_lowest_is_turned_round(tmp_path, kind, bits, compression, order):
    signed = np.dtype(kind).kind == "i"
    low = -(2 ** (bits - 1)) if signed else 0
    plane = GENERATOR.integers(low, low + 2**bits, (48, 40)).astype(kind)
    other = (2 * low + 2**bits - 1 - plane.astype(int)).astype(kind)
    found = []
    for name, values in (("MONOCHROME2", plane), ("MONOCHROME1", other)):
        one = one_file(tmp_path, values, bits=bits, PhotometricInterpretation=name)
        if order:
            one.file_meta.TransferSyntaxUID = order
        elif compression:
            one.compress(compression, generate_instance_uid=False)
        found.append(read(one, tmp_path / f"{name}.dcm")[..., 0])
    np.testing.assert_array_equal(found[0], plane)
    np.testing.assert_array_equal(found[1], found[0])
    assert found[0].dtype == found[1].dtype


@pytest.mark.parametrize(("kind", "bits"), [(np.uint16, 12), (np.int16, 12)])
def test_bits_beyond_those_that_are_stored_do_not_count(tmp_path, kind, bits):
    low = -(2 ** (bits - 1)) if np.dtype(kind).kind == "i" else 0
    plane = GENERATOR.integers(low, low + 2**bits, (8, 6)).astype(kind)
    with_more = (plane.view(np.uint16) & 0x0FFF) | GENERATOR.integers(0, 16, (8, 6)) << 12
    for name, expected in (
        ("MONOCHROME2", plane),
        ("MONOCHROME1", 2 * low + 2**bits - 1 - plane.astype(int)),
    ):
        one = one_file(
            tmp_path, with_more.astype(np.uint16), bits=bits, PhotometricInterpretation=name
        )
        one.PixelRepresentation = int(low < 0)
        np.testing.assert_array_equal(read(one, tmp_path / "a.dcm")[..., 0], expected)


def test_bits_at_an_odd_place_are_refused(tmp_path):
    one = one_file(tmp_path, PLANE.astype(np.uint16) << 4, bits=12)
    one.HighBit = 15
    with pytest.raises(Problem, match="highest is said to be bit 15"):
        read(one, tmp_path / "a.dcm")


def test_white_that_is_lowest_and_a_slope(tmp_path):
    rescale = {"RescaleSlope": 2, "RescaleIntercept": -100}
    one = one_file(tmp_path, PLANE, PhotometricInterpretation="MONOCHROME1", **rescale)
    expected = (255 - PLANE.astype(int)) * 2 - 100
    np.testing.assert_array_equal(read(one, tmp_path / "a.dcm")[..., 0], expected)


def frames(path: Path, scales, *, shared=None, top=None, **more) -> tuple[Path, np.ndarray]:
    """A file of frames with scales of their own, and its stored values."""
    volume = GENERATOR.integers(0, 2000, (10, 8, len(scales))).astype(np.uint16)
    write_frames(path, volume, oblique())
    one = pydicom.dcmread(path)
    for group, scale in [
        *zip(one.PerFrameFunctionalGroupsSequence, scales, strict=True),
        (one.SharedFunctionalGroupsSequence[0], shared),
    ]:
        if scale:
            how = pydicom.Dataset()
            how.RescaleSlope, how.RescaleIntercept = map(str, scale)
            how.RescaleType = "US"
            group.PixelValueTransformationSequence = [how]
    if top:
        one.RescaleSlope, one.RescaleIntercept = top
    for name, value in more.items():
        setattr(one, name, value)
    return save(one, path), volume


RESCALED = [(1, -1024)] * 3 + [(1, 0)] * 3
PARTS = [(0.5 * (k + 1), -10.0 * k) for k in range(6)]


@pytest.mark.parametrize("scales", [RESCALED, PARTS])
@pytest.mark.parametrize("top", [None, (3, 7)])
def test_each_frame_has_its_own_slope_and_intercept(tmp_path, scales, top):
    path, volume = frames(tmp_path / "a.dcm", scales, top=top)
    slopes, intercepts = np.array(scales).T
    found = read_image(path).array[..., 0]
    np.testing.assert_allclose(found, volume * slopes + intercepts, rtol=1e-6)
    assert found.dtype == (np.int32 if scales is RESCALED else np.float32)


@pytest.mark.parametrize("shared", [(2, -5), (0.25, 3)])
def test_a_slope_that_all_frames_share_is_applied(tmp_path, shared):
    path, volume = frames(tmp_path / "a.dcm", [None] * 4, shared=shared)
    np.testing.assert_allclose(
        read_image(path).array[..., 0], volume * float(shared[0]) + shared[1]
    )


def test_a_frame_without_its_slope_is_refused(tmp_path):
    path, _ = frames(tmp_path / "a.dcm", [(2, 0), None, (2, 0)])
    with pytest.raises(Problem, match="rescaling of its frames"):
        read_image(path)
    path, _ = frames(tmp_path / "b.dcm", [(2, 0), (0, 0)])
    with pytest.raises(Problem, match="slope of frame 2 is 0"):
        read_image(path)


def test_frames_in_implicit_order_of_bytes_and_white_lowest(tmp_path):
    path, volume = frames(tmp_path / "a.dcm", PARTS, PhotometricInterpretation="MONOCHROME1")
    one = pydicom.dcmread(path)
    one.file_meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian
    slopes, intercepts = np.array(PARTS).T
    meant = volume * slopes + intercepts
    end = (slopes * 65535 + 2 * intercepts).max()
    found = read_image(save(one, path)).array[..., 0]
    np.testing.assert_allclose(found, end - meant, rtol=1e-5)
    order = np.argsort(-meant[0, 0])  # what is brighter stays so, between frames too
    np.testing.assert_array_equal(np.argsort(found[0, 0]), order)


def test_real_world_values_are_left_alone(tmp_path):
    real = pydicom.Dataset()
    real.RealWorldValueSlope, real.RealWorldValueIntercept = 5.0, 7.0
    real.RealWorldValueFirstValueMapped, real.RealWorldValueLastValueMapped = 0, 4000
    one = one_file(tmp_path, PLANE.astype(np.int16), uid.CTImageStorage)
    one.RealWorldValueMappingSequence = [real]
    np.testing.assert_array_equal(read(one, tmp_path / "a.dcm")[..., 0], PLANE)
    path, volume = frames(tmp_path / "b.dcm", PARTS)
    many = pydicom.dcmread(path)
    many.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence = [real]
    slopes, intercepts = np.array(PARTS).T
    found = read_image(save(many, path)).array[..., 0]
    np.testing.assert_allclose(found, volume * slopes + intercepts, rtol=1e-6)


def series(folder: Path, slopes, photometric="MONOCHROME2") -> np.ndarray:
    """Slices of a positron emission tomogram, each with its slope; their true values."""
    folder.mkdir()
    true = []
    for index, slope in enumerate(slopes):
        plane = GENERATOR.integers(0, 30000, (8, 6)).astype(np.int16)
        one = dataset(folder, uid.PositronEmissionTomographyImageStorage, plane, Modality="PT")
        one.SeriesInstanceUID, one.InstanceNumber = "1.2.3", index + 1
        one.RescaleSlope, one.RescaleIntercept = slope, 0
        one.PhotometricInterpretation = photometric
        place(one, oblique(), index)
        one.PixelData = np.ascontiguousarray(plane.T).tobytes()
        save(one, folder / f"{index}.dcm")
        true.append(plane * float(slope))
    return np.stack(true, axis=-1)


@pytest.mark.parametrize("slopes", [(0.1, 0.37, 1.21), (1, 2, 3), (1, 0.5, 2)])
def test_slopes_that_differ_between_the_files_of_a_series(tmp_path, slopes):
    true = series(tmp_path / "pet", slopes)
    array = read_image(tmp_path / "pet").array[..., 0]
    np.testing.assert_allclose(array, true, rtol=1e-6)
    assert array.dtype.itemsize <= 4
    inverted = series(tmp_path / "white", slopes, "MONOCHROME1")
    found = read_image(tmp_path / "white").array[..., 0]
    np.testing.assert_allclose(np.ptp(found + inverted), 0, atol=1)  # of 40,000


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_modality_look_up_table_is_applied(tmp_path, photometric):
    table = (np.arange(256) ** 2).astype("<u2")
    one = one_file(tmp_path, PLANE, PhotometricInterpretation=photometric)
    lut = pydicom.Dataset()
    lut.add_new("LUTDescriptor", "US", [256, 0, 16])
    lut.ModalityLUTType = "US"
    lut.add_new("LUTData", "OW", table.tobytes())
    one.ModalityLUTSequence = [lut]
    expected = table[PLANE].astype(int)
    if photometric == "MONOCHROME1":
        expected = 65535 - expected
    np.testing.assert_array_equal(read(one, tmp_path / "a.dcm")[..., 0], expected)


def test_the_scaling_of_a_dose_and_its_frames(tmp_path):
    volume = GENERATOR.integers(0, 2000, (8, 6, 4)).astype(np.uint16)
    one = one_file(tmp_path, volume[..., 0], uid.RTDoseStorage, DoseGridScaling=0.25)
    place(one, oblique(), 0)
    one.NumberOfFrames, one.GridFrameOffsetVector = 4, [0, 3, 6, 9]
    one.PixelData = np.ascontiguousarray(volume.transpose(2, 1, 0)).tobytes()
    image = read_image(save(one, tmp_path / "a.dcm"))
    np.testing.assert_allclose(image.array[..., 0], volume * 0.25)
    assert image.spacing == pytest.approx((0.7, 0.9, 3))
    one.GridFrameOffsetVector = [0, 3, 4, 9]
    with pytest.raises(Problem, match="1 to 5 mm apart"):
        read_image(save(one, tmp_path / "a.dcm"))


def test_numbers_that_scale_values_and_are_none_are_refused(tmp_path):
    one = one_file(tmp_path, PLANE, RescaleSlope="1", RescaleIntercept="0")
    path = save(one, tmp_path / "a.dcm")
    content = path.read_bytes()
    at = content.index(b"\x28\0\x53\x10DS") + 8
    path.write_bytes(content[:at] + b"x " + content[at + 2 :])
    with pytest.raises(Problem, match="is no number"):
        read_image(path)


RGB = GENERATOR.integers(0, 255, (8, 6, 3)).astype(np.uint8)


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("colours", ["RGB", "YBR_FULL"])
@pytest.mark.parametrize("compression", [None, RLE])
def test_colours_in_any_order_and_space(tmp_path, planar, colours, compression):
    convert = pydicom.pixels.convert_color_space
    stored, expected = RGB, RGB
    if colours != "RGB":
        stored = convert(RGB, "RGB", colours)
        expected = convert(stored, colours, "RGB")
    kind = uid.SecondaryCaptureImageStorage
    one = one_file(tmp_path, stored, kind, PhotometricInterpretation=colours)
    if compression:
        one.compress(compression, generate_instance_uid=False)
    elif planar:
        one.PlanarConfiguration = 1
        one.PixelData = np.ascontiguousarray(stored.transpose(2, 1, 0)).tobytes()
    np.testing.assert_allclose(read(one, tmp_path / "a.dcm"), expected, atol=1)


def test_a_palette_is_read_as_displayed(tmp_path):
    one = one_file(tmp_path, PLANE, PhotometricInterpretation="PALETTE COLOR")
    tables = [GENERATOR.integers(0, 256, 256).astype(np.uint8) for _ in range(3)]
    for name, table in zip(("Red", "Green", "Blue"), tables, strict=True):
        setattr(one, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 8])
        setattr(one, f"{name}PaletteColorLookupTableData", table.tobytes())
    expected = np.stack([table[PLANE] for table in tables], axis=-1)
    np.testing.assert_array_equal(read(one, tmp_path / "a.dcm"), expected)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_packed_file(tmp_path, photometric):
    rescale = {"RescaleSlope": 2, "RescaleIntercept": -7}
    one = one_file(tmp_path, PLANE, PhotometricInterpretation=photometric, **rescale)
    one.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    expected = (255 - PLANE if photometric == "MONOCHROME1" else PLANE) * 2.0 - 7
    np.testing.assert_array_equal(read(one, tmp_path / "a.dcm")[..., 0], expected)


def test_packed_frames_have_their_own_slopes(tmp_path):
    path, volume = frames(tmp_path / "a.dcm", RESCALED)
    one = pydicom.dcmread(path)
    one.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    expected = volume + np.array([intercept for _, intercept in RESCALED])
    np.testing.assert_array_equal(read_image(save(one, path)).array[..., 0], expected)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_slope_of_0_is_refused(tmp_path, photometric):
    one = one_file(tmp_path, PLANE, PhotometricInterpretation=photometric, RescaleSlope=0)
    with pytest.raises(Problem, match="slope is 0"):
        read(one, tmp_path / "a.dcm")


def test_a_table_of_another_image_in_the_header_is_not_applied(tmp_path):
    inner = pydicom.Dataset()
    table = pydicom.Dataset()
    table.add_new("LUTDescriptor", "US", [4, 0, 16])
    table.add_new("LUTData", "OW", bytes(8))
    inner.ModalityLUTSequence = [table]
    one = one_file(tmp_path, PLANE, RescaleSlope=2, RescaleIntercept=-7)
    one.SourceImageSequence = [inner]
    np.testing.assert_array_equal(read(one, tmp_path / "a.dcm")[..., 0], PLANE * 2.0 - 7)


def test_a_table_behind_a_sequence_of_unknown_kind_is_found(tmp_path):
    """A private sequence of undefined length is written without kinds of values in it."""
    path, volume = frames(tmp_path / "a.dcm", RESCALED)
    content = path.read_bytes()
    inner = b"\x08\0\x60\0" + b"\x02\0\0\0" + b"MR"
    nested = b"\x08\0\x40\x11\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" + inner
    nested += b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    sequence = b"\x09\0\x10\x10UN\0\0\xff\xff\xff\xff"
    sequence += b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + nested + b"\xfe\xff\x0d\xe0\0\0\0\0"
    sequence += b"\xfe\xff\xdd\xe0\0\0\0\0"
    at = content.index(b"\x10\0\x10\0PN")
    path.write_bytes(content[:at] + sequence + content[at:])
    np.testing.assert_array_equal(
        read_image(path).array[..., 0], volume + np.array([i for _, i in RESCALED])
    )


def test_what_gdcm_cannot_read_needs_pydicom(tmp_path, monkeypatch):
    one = one_file(tmp_path, RGB, uid.SecondaryCaptureImageStorage, PhotometricInterpretation="RGB")
    one.compress(RLE, generate_instance_uid=False)
    path = save(one, tmp_path / "a.dcm")
    np.testing.assert_array_equal(read_image(path).array[:, :, 0], RGB)
    monkeypatch.setattr(dicom_values, "find_spec", lambda package: None)
    with pytest.raises(Problem, match=r"keras_mia\[dicom\]"):
        read_image(path)


def test_an_enhanced_file_of_one_frame(tmp_path):
    path, volume = frames(tmp_path / "a.dcm", [(2, -10)])
    one = pydicom.dcmread(path)
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = uid.EnhancedCTImageStorage
    image = read_image(save(one, path))
    np.testing.assert_array_equal(image.array[..., 0], volume * 2 - 10)
    np.testing.assert_allclose(image.affine[:3, 3], oblique()[:3, 3], atol=1e-4)
    assert image.spacing == pytest.approx((0.7, 0.9, 2.5))


def test_a_file_of_a_private_kind_is_read_by_pydicom(tmp_path):
    one = one_file(tmp_path, PLANE, "1.2.3.4", RescaleSlope=2, RescaleIntercept=-3)
    place(one, oblique(), 2)
    image = read_image(save(one, tmp_path / "a.dcm"))
    np.testing.assert_array_equal(image.array[..., 0, 0], PLANE * 2.0 - 3)
    np.testing.assert_allclose(image.affine[:3, :2], oblique()[:3, :2], atol=1e-4)
    np.testing.assert_allclose(image.affine[:3, 3], (oblique() @ [0, 0, 2, 1])[:3], atol=1e-4)
