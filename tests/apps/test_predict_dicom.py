"""Prediction on DICOM series: masks lie where SimpleITK, which knows nothing of us, sees it."""

import nibabel as nib
import numpy as np
import pytest
import SimpleITK

from keras_mia.core.files.text_files import read_json
from keras_mia.data import read_image, read_label
from keras_mia.data.geometry.orientation import Orientation
from keras_mia.data.io.dicom import headers
from keras_mia.data.io.volumes.itk import affine_of
from keras_mia.data.targets.label_map import Classes
from tests.dicom_files import JPEG_LS, NO_DICOM, RLE, downwards, oblique, write_frames, write_series

pydicom = pytest.importorskip("pydicom", reason=NO_DICOM)

SPACE = (20, 18, 9)
CLASSES = Classes(("background", "bright"), ((0,), (7,)))
THRESHOLD = 500


def scan(dtype=np.int16):
    """Two bright boxes without any symmetry in noise."""
    volume = np.random.default_rng(0).integers(0, 300, SPACE)
    volume[3:9, 4:7, 2:5] += 700
    volume[12:18, 10:16, 6:] += 900
    return volume.astype(dtype)


def in_any_order():
    return np.random.default_rng(1).permutation(SPACE[2]).tolist()


SERIES = {
    "oblique": {},
    "in any order": {"order": in_any_order(), "name": "IM{:02}"},
    "unsigned": {"volume": scan(np.uint16) + np.uint16(1024), "intercept": -1024},
    "negative values": {"volume": scan() - np.int16(1000), "intercept": 1000},
    "RLE": {"compression": RLE},
    "JPEG-LS": {"compression": JPEG_LS},
    "negative spacing": {"SpacingBetweenSlices": -2.5, "SliceThickness": 3},
    "downwards": {"volume": scan()[:, :, ::-1], "affine": downwards(oblique(), SPACE[2])},
}


@pytest.fixture
def threshold(stand_in):
    """A run on the very grid of a series, whose network says class 1 above `THRESHOLD`."""

    def run(folder, affine, spacing, **changes):
        spacing = Orientation.to_ras(affine).permute(spacing)
        changes = {"spacing_mm": spacing, "classes": CLASSES, "flip": ()} | changes
        return stand_in(folder, steepness=1.0, threshold=THRESHOLD, **changes)

    return run


def theirs(folder):
    """SimpleITK's own reading: array `(columns, rows, slices)` and affine to RAS mm."""
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder)))
    image = reader.Execute()
    return SimpleITK.GetArrayFromImage(image).transpose(2, 1, 0), affine_of(image)


def check(folder, name, array, affine):
    """Both masks are the bright voxels, at the same places."""
    file = nib.load(folder / f"{name}.nii.gz")
    inside = np.asarray(file.dataobj) == 7
    np.testing.assert_array_equal(inside, array > THRESHOLD)
    np.testing.assert_allclose(file.affine, affine, atol=1e-3)
    label = read_label(folder / f"{name}.dcm")
    np.testing.assert_array_equal(label.array[..., 0], np.asarray(file.dataobj))
    np.testing.assert_allclose(label.affine, affine, atol=1e-3)


@pytest.mark.parametrize("kind", SERIES)
def test_masks_lie_where_simpleitk_sees_what_they_mask(app, threshold, tmp_path, kind):
    options = {"volume": scan(), "affine": oblique()} | SERIES[kind]
    source, out = tmp_path / "in" / "patient", tmp_path / "out"
    write_series(source, **options)
    run = threshold(tmp_path / "run", oblique(), (0.7, 0.9, 2.5))
    done = app(
        "predict", "--run", run, "--data", source.parent, "--output", out, "--as", "dicom-seg"
    )
    assert done.code == 0, done.err
    assert "1 label map written" in done.out
    assert sorted(path.name for path in out.iterdir()) == ["patient.dcm", "patient.nii.gz"]
    array, affine = theirs(source)
    assert 0 < (array > THRESHOLD).sum() < array.size / 4
    check(out, "patient", array, affine)


def test_frames_of_one_file(app, threshold, tmp_path):
    source = write_frames(tmp_path / "scan.dcm", scan(np.uint16), oblique(), order=in_any_order())
    run, out = threshold(tmp_path / "run", oblique(), (0.7, 0.9, 2.5)), tmp_path / "out"
    done = app("predict", "--run", run, "--data", source, "--output", out, "--as", "dicom-seg")
    assert done.code == 0, done.err
    check(out, "scan", scan(), oblique())


@pytest.mark.slow
def test_the_real_series(app, threshold, data, tmp_path):
    for patient in ("PGBM-003", "PGBM-006"):
        folder = data / "dicom_brain_mr" / patient
        source = next(path for path in sorted(folder.iterdir()) if "T2" in path.name)
        array, affine = theirs(source)
        plan = {"rank": 2, "patch": (128, 128), "pool": ((2, 2),), "slice_axis": 2}
        spacing = read_image(source).spacing
        run = threshold(tmp_path / f"run-{patient}", affine, spacing, rotation_deg=(0.0,), **plan)
        out = tmp_path / "out"
        done = app("predict", "--run", run, "--data", source, "--output", out, "--as", "dicom-seg")
        assert done.code == 0, done.err
        assert 0 < (array > THRESHOLD).sum() < array.size
        check(out, source.name, array, affine)


def test_of_several_channels_the_first_is_the_source(app, threshold, tmp_path):
    for channel in range(2):
        write_series(tmp_path / "in" / f"a_{channel:04}", scan(), oblique())
    run = threshold(tmp_path / "run", oblique(), (0.7, 0.9, 2.5), channels=2, files=2)
    out = tmp_path / "out"
    words = ["predict", "--run", run, "--data", tmp_path / "in", "--output", out]
    done = app(*words, "--as", "dicom-seg")
    assert done.code == 0, done.err
    check(out, "a", scan(), oblique())


def test_both_masks_of_a_case_are_scored_once_and_each_alone(app, threshold, tmp_path):
    write_series(tmp_path / "in" / "patient_1", scan(), oblique())
    run, out = threshold(tmp_path / "run", oblique(), (0.7, 0.9, 2.5)), tmp_path / "out"
    words = ["predict", "--run", run, "--data", tmp_path / "in", "--output", out]
    assert app(*words, "--as", "dicom-seg").code == 0
    (tmp_path / "truth").mkdir()
    truth = np.where(scan() > THRESHOLD, 7, 0).astype(np.uint8)
    truth[12:18, 10:16, 6:] = 0
    nib.save(nib.Nifti1Image(truth, oblique()), tmp_path / "truth" / "patient_1_label.nii.gz")
    expected = {}
    for name in ("both", "dicom alone"):
        words = ["--prediction", out, "--truth", tmp_path / "truth", "--output", tmp_path / name]
        done = app("evaluate", *words)
        assert done.code == 0, done.err
        assert "Scores on 1 case" in done.out
        expected[name] = read_json(tmp_path / name / "metrics.json")["mean"]
        (out / "patient_1.nii.gz").unlink(missing_ok=True)
    assert expected["both"] == expected["dicom alone"]
    assert 0 < expected["both"]["dice"] < 1


def test_what_cannot_be_is_said_before_anything_is_predicted(
    app, threshold, write_volume, tmp_path, monkeypatch
):
    run, folder = threshold(tmp_path / "run", oblique(), (0.7, 0.9, 2.5)), tmp_path / "in"
    write_series(folder / "series", scan(), oblique())
    volume = write_volume(tmp_path / "volumes" / "b.nii.gz", scan(), oblique())
    words = ["predict", "--run", run, "--as", "dicom-seg", "--output", tmp_path / "out", "--data"]
    done = app(*words, volume.parent)
    assert done.code == 2
    assert "1 of 1 images are not DICOM" in done.err
    assert str(volume) in done.err
    for package in ("highdicom", "pydicom"):
        with monkeypatch.context() as patch:
            patch.setattr(headers, "find_spec", lambda x, gone=package: x != gone or None)
            done = app(*words, folder)
        assert done.code == 2
        assert package in done.err
        assert "keras_mia[dicom]" in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()
    assert app(*words[:3], "--as", "dicom-rt", "--output", "x", "--data", folder).code == 2


def test_masks_are_not_written_among_the_slices_of_an_image(app, threshold, tmp_path):
    source = tmp_path / "series"
    write_series(source, scan(), oblique())
    run = threshold(tmp_path / "run", oblique(), (0.7, 0.9, 2.5))
    for out in (source, source / "out"):
        done = app("predict", "--run", run, "--data", source, "--output", out, "--overwrite")
        assert done.code == 2
        assert "Choose another --output" in done.err
    assert len(list(source.iterdir())) == SPACE[2]


def test_one_image_that_will_not_do_does_not_cost_the_others(app, threshold, tmp_path):
    write_series(tmp_path / "in" / "a", scan(), oblique(), StudyInstanceUID="")
    write_series(tmp_path / "in" / "b", scan(), oblique())
    broken = write_series(tmp_path / "in" / "c", scan(), oblique())[4]
    broken.write_bytes(broken.read_bytes()[:-100])
    run, out = threshold(tmp_path / "run", oblique(), (0.7, 0.9, 2.5)), tmp_path / "out"
    words = ["predict", "--run", run, "--data", tmp_path / "in", "--output", out]
    done = app(*words, "--as", "dicom-seg")
    assert done.code == 2
    assert f"{tmp_path / 'in' / 'a'}: " in done.err
    assert "no StudyInstanceUID" in done.err
    assert f"{tmp_path / 'in' / 'c'}: " in done.err
    assert sorted(path.name for path in out.iterdir()) == ["b.dcm", "b.nii.gz"]
