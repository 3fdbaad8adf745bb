"""DICOM Segmentation: what is written lies on its source's slices, and reads back as it was."""

import numpy as np
import pytest
import SimpleITK

import keras_mia
from keras_mia.core.problem import Problem
from keras_mia.data import Case, read_cases, read_image, read_label, survey
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.image import grid_difference
from keras_mia.data.io.dicom import headers as dicom_headers
from keras_mia.data.io.dicom import segmentation
from keras_mia.data.io.dicom.images import slices
from tests.dicom_files import (
    JPEG_LS,
    NO_DICOM,
    RLE,
    SECRETS,
    downwards,
    oblique,
    write_frames,
    write_radiograph,
    write_series,
)

pydicom = pytest.importorskip("pydicom", reason=NO_DICOM)
highdicom = pytest.importorskip("highdicom", reason=NO_DICOM)
codes = pytest.importorskip("pydicom.sr.codedict").codes

SEGMENTS = {"liver": 5, "Gefäß\\Ader": 52}
SHUFFLED = [3, 0, 5, 1, 4, 2]
AFFINE = oblique()


def stored(dtype=np.int16):
    return np.random.default_rng(0).integers(0, 3000, (10, 8, 6)).astype(dtype)


def mask(space=(10, 8, 6)):
    """Without any symmetry; the first slice is empty, and some have one class."""
    classes = np.zeros(space, np.uint8)
    classes[2:5, 3:7, 1:3] = 1
    classes[5:9, 1:4, 2:5] = 2
    classes[1, 1, -1] = 1
    return classes


def series(folder, **options):
    write_series(folder, stored(options.pop("dtype", np.int16)), AFFINE, **options)
    return folder


def frames(path, order=None):
    return write_frames(path, stored(np.uint16), AFFINE, order=order)


SOURCES = {
    "in order": lambda to: series(to),
    "in any order": lambda to: series(to, order=SHUFFLED),
    "unsigned": lambda to: series(to, dtype=np.uint16, intercept=-1024),
    "RLE": lambda to: series(to, compression=RLE),
    "JPEG-LS": lambda to: series(to, compression=JPEG_LS),
    "negative spacing": lambda to: series(to, SpacingBetweenSlices=-2.5, SliceThickness=3),
    "no thickness": lambda to: series(to, SliceThickness=""),
    "frames": frames,
    "frames downwards": lambda to: frames(to, order=range(5, -1, -1)),
    "frames in any order": lambda to: frames(to, order=SHUFFLED),
}


def written(to, source, classes, segments=SEGMENTS):
    segmentation.write(to, source, classes, segments)
    return pydicom.dcmread(to)


@pytest.mark.parametrize("kind", SOURCES)
def test_a_mask_lies_on_the_slices_of_its_source_and_reads_back(tmp_path, kind):
    source, to = SOURCES[kind](tmp_path / "source"), tmp_path / "seg.dcm"
    image, classes = read_image(source), mask()
    written(to, source, classes)

    label = read_label(to)
    np.testing.assert_array_equal(label.array[..., 0], np.array([0, 5, 52])[classes])
    assert label.array.dtype == np.uint8
    np.testing.assert_allclose(label.affine, image.affine, atol=1e-6)

    # What highdicom finds on the very slice, or frame, whose pixels we know.
    found = highdicom.seg.segread(to)
    for index, one in enumerate(slices(source)[0]):
        header = pydicom.dcmread(one.path)
        pixels = header.pixel_array[one.frame - 1] if one.frame else header.pixel_array
        np.testing.assert_array_equal(pixels.T, stored(pixels.dtype)[:, :, index])
        if one.frame:
            plane = found.get_pixels_by_source_frame(
                header.SOPInstanceUID, [one.frame], combine_segments=True
            )
        else:
            plane = found.get_pixels_by_source_instance(
                [header.SOPInstanceUID], combine_segments=True
            )
        np.testing.assert_array_equal(plane[0].T, classes[:, :, index])


def test_slices_that_come_downwards(tmp_path):
    write_series(tmp_path / "source", stored()[:, :, ::-1], downwards(AFFINE, 6))
    written(tmp_path / "seg.dcm", tmp_path / "source", mask())
    label = read_label(tmp_path / "seg.dcm")
    np.testing.assert_array_equal(label.array[..., 0] != 0, mask() != 0)
    np.testing.assert_allclose(label.affine, AFFINE, atol=1e-6)


def test_one_segment_is_a_volume_to_simpleitk(tmp_path):
    source = series(tmp_path / "source")
    written(tmp_path / "seg.dcm", source, mask() // 2, {"liver": 1})
    theirs = SimpleITK.ReadImage(str(tmp_path / "seg.dcm"))
    indices = [theirs.TransformPhysicalPointToIndex(x) for x in _positions(mask() == 2)]
    array = SimpleITK.GetArrayFromImage(theirs)
    assert len(indices) == np.count_nonzero(array)
    assert all(array[z, y, x] for x, y, z in indices)


def _positions(inside):
    """Of each voxel, in LPS mm as ITK counts."""
    points = np.argwhere(inside) @ AFFINE[:3, :3].T + AFFINE[:3, 3]
    return (points * (-1, -1, 1)).tolist()


def test_it_says_whose_it_is_what_it_shows_and_what_made_it(tmp_path):
    study = {"StudyID": "7", "PatientName": "Müller^Jürgen", "SpecificCharacterSet": "ISO_IR 100"}
    source = series(tmp_path / "source", SeriesNumber=3, **study)
    first = pydicom.dcmread(source / "000.dcm")
    made = written(tmp_path / "seg.dcm", source, mask())
    for name in ("StudyInstanceUID", "FrameOfReferenceUID", "StudyID", *SECRETS):
        assert made[name].value == first[name].value, name
    assert made.SOPClassUID.name == "Segmentation Storage"
    assert (made.Modality, made.SeriesNumber) == ("SEG", 1003)
    assert made.SeriesInstanceUID != first.SeriesInstanceUID
    (referenced,) = made.ReferencedSeriesSequence
    assert referenced.SeriesInstanceUID == first.SeriesInstanceUID
    assert len(referenced.ReferencedInstanceSequence) == 6
    assert [one.SegmentLabel for one in made.SegmentSequence] == ["liver", "Gefäß/Ader"]
    for one in made.SegmentSequence:
        assert one.SegmentAlgorithmType == "AUTOMATIC"
        (by,) = one.SegmentationAlgorithmIdentificationSequence
        assert (by.AlgorithmName, by.AlgorithmVersion) == ("keras_mia", keras_mia.__version__)
    assert made.NumberOfFrames == 2 * 6, "empty slices too"


def test_a_mask_without_any_voxel(tmp_path):
    source = series(tmp_path / "source")
    written(tmp_path / "seg.dcm", source, np.zeros((10, 8, 6), np.uint8))
    label = read_label(tmp_path / "seg.dcm")
    assert label.array.shape == (10, 8, 6, 1)
    assert not label.array.any()
    assert grid_difference(label, read_image(source)) is None


@pytest.mark.parametrize("one", ["slice", "radiograph"])
def test_one_plane(tmp_path, one):
    if one == "slice":
        source = series(tmp_path / "source") / "002.dcm"
    else:
        source = write_radiograph(tmp_path / "source", stored(np.uint16)[:, :, 0])
    written(tmp_path / "seg.dcm", source, mask()[:, :, 2:3])
    label = read_label(tmp_path / "seg.dcm")
    np.testing.assert_array_equal(label.array[..., 0], np.array([0, 5, 52])[mask()[:, :, 2:3]])
    assert grid_difference(label, read_image(source)) is None


def test_the_real_series(data, tmp_path):
    for folder in sorted((data / "dicom_brain_mr").glob("*/*")):
        image = read_image(folder)
        classes = (image.array[..., 0] > np.median(image.array)).astype(np.uint8)
        written(tmp_path / "seg.dcm", folder, classes, {"bright": 1})
        label = read_label(tmp_path / "seg.dcm")
        np.testing.assert_array_equal(label.array[..., 0], classes)
        np.testing.assert_allclose(label.affine, image.affine, atol=1e-4)


def others(to, source, array, kind="BINARY", **options):
    """A segmentation as another program writes it: without empty slices, numbers for values."""
    segments = [
        highdicom.seg.SegmentDescription(
            segment_number=number,
            segment_label=f"tumour {number}",
            segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
            segmented_property_type=codes.SCT.Neoplasm,
            algorithm_type="MANUAL",
        )
        for number in (1, 2)
    ]
    headers = [pydicom.dcmread(file) for file in sorted(source.iterdir())]
    highdicom.seg.Segmentation(
        headers,
        array,
        kind,
        segments,
        pydicom.uid.generate_uid(),
        1,
        pydicom.uid.generate_uid(),
        1,
        "x",
        "y",
        "1",
        "2",
    ).save_as(to)
    return to


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_those_of_other_programs_are_put_on_the_grid_of_their_image(tmp_path, kind):
    source, classes = series(tmp_path / "source", SliceThickness=2.5), mask()
    classes[:, :, 3] = 0
    classes[:, :, 5] = 0
    path = others(tmp_path / "seg.dcm", source, classes.transpose(2, 1, 0), kind)
    assert read_label(path).array.shape == (10, 8, 4, 1), "from the first slice to the last"
    label = Case("a", {"image": (source,)}, LabelMapFile(path), "a").label()
    np.testing.assert_array_equal(label.array[..., 0], classes)
    np.testing.assert_array_equal(read_label(path, read_image(source)).array, label.array)
    elsewhere = series(tmp_path / "other") / "003.dcm"
    assert read_label(path, read_image(elsewhere)).array.shape == (10, 8, 4, 1)


def test_what_no_label_map_can_hold(tmp_path):
    source, stacked = series(tmp_path / "source", SliceThickness=2.5), np.zeros((6, 8, 10, 2))
    stacked[2, 3:5, 3:6] = 1
    overlap = others(tmp_path / "overlap.dcm", source, stacked.astype(np.uint8))
    with pytest.raises(Problem, match="overlap"):
        read_label(overlap)
    chances = others(tmp_path / "chances.dcm", source, stacked / 4, "FRACTIONAL")
    with pytest.raises(Problem, match="probabilities"):
        read_label(chances)


def test_it_is_no_image_and_does_not_take_the_place_of_one(tmp_path):
    source = series(tmp_path / "study" / "ct")
    path = tmp_path / "study" / "seg" / "a.dcm"
    written(path, source, mask())
    for where in (path, path.parent):
        with pytest.raises(Problem, match="masks, and no image"):
            read_image(where)
    np.testing.assert_array_equal(read_image(tmp_path / "study").array[..., 0], stored())


@pytest.mark.parametrize("package", ["pydicom", "highdicom"])
def test_a_package_that_is_missing_is_named_with_the_extra(tmp_path, monkeypatch, package):
    source = series(tmp_path / "source")
    written(tmp_path / "seg.dcm", source, mask())
    there = dicom_headers.find_spec
    monkeypatch.setattr(dicom_headers, "find_spec", lambda x: None if x == package else there(x))
    with pytest.raises(Problem, match=rf"(?s){package}.*keras_mia\[dicom\]"):
        segmentation.check_sources([source])
    if package == "pydicom":
        with pytest.raises(Problem, match=r"(?s)pydicom.*keras_mia\[dicom\]"):
            read_label(tmp_path / "seg.dcm")
    else:
        assert read_label(tmp_path / "seg.dcm").array.any()


@pytest.mark.parametrize(
    ("element", "value", "message"),
    [
        ("StudyInstanceUID", "", "no StudyInstanceUID"),
        ("FrameOfReferenceUID", "", "no FrameOfReferenceUID"),
        ("PatientSex", "SECRET-SEX", "break its rules"),
        ("PatientBirthDate", "1903-12-23", "break its rules"),
        ("SOPClassUID", "1.2.3", "break its rules"),
    ],
)
def test_headers_that_will_not_do_are_told_without_a_word_of_the_patient(
    tmp_path, capfd, caplog, element, value, message
):
    source = series(tmp_path / "source")
    for file in source.iterdir():
        header = pydicom.dcmread(file)
        header[element]._value = value
        with dicom_headers.header_errors("", "", ""):
            header.save_as(file)
    with pytest.raises(Problem, match=message) as found:
        segmentation.write(tmp_path / "seg.dcm", source, mask(), SEGMENTS)
    output = f"{found.value}{found.value.__cause__!r}{capfd.readouterr()}{caplog.text}"
    assert not [secret for secret in (*SECRETS.values(), "1903", "SEX") if secret in output]
    assert not (tmp_path / "seg.dcm").exists()


def test_a_cut_or_broken_file_ends_in_a_problem(tmp_path):
    source, path = series(tmp_path / "source"), tmp_path / "seg.dcm"
    written(path, source, mask())
    whole = path.read_bytes()
    for length in range(140, len(whole), 397):
        path.write_bytes(whole[:length])
        try:
            assert read_label(path).array.shape == (10, 8, 6, 1)
        except Problem as problem:
            assert str(path) in str(problem)  # noqa: PT017


def test_a_data_set_of_series_with_segmentations_as_label_maps(tmp_path):
    (tmp_path / "labels").mkdir()
    for name in "abc":
        source = series(tmp_path / "images" / name, SliceThickness=2.5)
        others(tmp_path / "labels" / f"{name}.dcm", source, mask().transpose(2, 1, 0))
    cases = read_cases(tmp_path)
    assert [case.name for case in cases] == ["a", "b", "c"]
    for case, found in survey(cases).facts.items():
        np.testing.assert_array_equal(case.label().array[..., 0], mask())
        assert set(found.values) == {0, 1, 2}
