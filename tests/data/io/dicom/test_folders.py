"""Folders of DICOM files: volumes, images by themselves, series and patients."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, read_inputs, write_image
from keras_mia.data.datasets.case_key import case_key
from keras_mia.data.datasets.case_list import read_case_list, write_cases
from keras_mia.data.datasets.files.series import series_name

pydicom = pytest.importorskip("pydicom")

from tests.dicom_files import oblique, write_radiograph, write_series  # noqa: E402

CLASSES, PATIENTS = ("ill", "well"), ("p1", "p2", "p3")


def link(at, to, folder=False):
    at.parent.mkdir(parents=True, exist_ok=True)
    at.symlink_to(to, target_is_directory=folder)


def fill(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, np.zeros((6, 8) if path.suffix == ".png" else (4, 5, 3), np.uint8))


def files(cases, root):
    return [[path.relative_to(root).as_posix() for path in case.images] for case in cases]


def test_linked_series_are_images(tmp_path):
    volume = np.arange(60, dtype=np.int16).reshape(4, 5, 3)
    for name in ("ill", "well"):
        write_series(tmp_path / "archive" / name, volume, oblique())
        link(tmp_path / "data" / name / "p1", tmp_path / "archive" / name, folder=True)
    cases = read_cases(tmp_path / "data", targets=["multiclass"])
    assert [case.image().space for case in cases] == [(4, 5, 3)] * 2
    assert len(read_inputs(tmp_path / "data")) == 2


@pytest.mark.parametrize("series", ["one each", "one for all, of a projection"])
def test_single_dicom_images_in_one_folder_are_images(tmp_path, series):
    for name in ("ill", "well"):
        for i in range(3):
            path = tmp_path / name / f"{i}.dcm"
            path.parent.mkdir(exist_ok=True)
            write_radiograph(path, np.full((4, 5), i, np.uint16))
            if series != "one each":
                header = pydicom.dcmread(path)
                header.SeriesInstanceUID = "1.2.3"
                header.save_as(path)
    assert len(read_cases(tmp_path, targets=["multiclass"])) == 6
    assert len(read_inputs(tmp_path)) == 6
    assert len(read_inputs(tmp_path / "ill")) == 3


def test_slices_of_a_volume_in_a_folder_are_one_image(tmp_path):
    volume = np.arange(60, dtype=np.int16).reshape(4, 5, 3)
    for name in ("ill", "well"):
        write_series(tmp_path / name, volume, oblique())
    assert [case.name for case in read_inputs(tmp_path)] == ["ill", "well"]
    assert [case.text for case in read_cases(tmp_path, targets=["multiclass"])] == ["ill", "well"]
    assert len(read_inputs(tmp_path / "ill")) == 1


def test_dicom_series_of_a_patient(tmp_path):
    volume = np.arange(60, dtype=np.int16).reshape(4, 5, 3)
    for name in CLASSES:
        for patient in PATIENTS:
            for folder_name, series in (("1", "Ax FLAIR"), ("37-T2reg-88", "")):
                more = {"StudyInstanceUID": f"1.2.{patient[1]}{len(name)}"}
                folder = tmp_path / name / patient / folder_name
                write_series(folder, volume, oblique(), SeriesDescription=series, **more)
    cases = read_cases(tmp_path, targets=["multiclass"])
    assert [len(case.images) for case in cases] == [2] * 6
    assert {case.name for case in cases} == {f"{c}_{p}_1" for c in CLASSES for p in PATIENTS}
    chosen = read_cases(tmp_path, targets=["multiclass"], series=("FLAIR",))
    assert files(chosen, tmp_path)[0] == ["ill/p1/1"]
    assert files(read_inputs(tmp_path, series=("FLAIR",)), tmp_path)[0] == ["ill/p1/1"]
    assert len(read_inputs(tmp_path, channels=2)) == 6


def test_studies_of_one_patient_are_images_by_themselves(tmp_path):
    volume = np.arange(60, dtype=np.int16).reshape(4, 5, 3)
    for number in (1, 2):
        more = {"StudyInstanceUID": f"1.2.{number}", "SeriesDescription": "T1"}
        write_series(tmp_path / "ill" / f"visit{number}", volume, oblique(), **more)
    assert len(read_inputs(tmp_path)) == 2


def test_slices_and_one_volume_beside_label_maps(tmp_path):
    volume = np.arange(60, dtype=np.int16).reshape(4, 5, 3)
    write_series(tmp_path / "a" / "images", volume, oblique(), name="{}.dcm")
    fill(tmp_path, *(f"a/labels/{i}.png" for i in range(3)))
    assert [case.name for case in read_cases(tmp_path / "a")] == ["0", "1", "2"]
    write_series(tmp_path / "b" / "images", volume, oblique())
    fill(tmp_path, "b/labels/all.nii.gz")
    assert [case.image().space for case in read_cases(tmp_path / "b")] == [(4, 5, 3)]


@pytest.mark.parametrize("form", ["{}/{}.dcm", "{}/{}/1.dcm"])
def test_headers_tell_patients_apart_and_no_number_is_kept(tmp_path, form):
    for name in CLASSES:
        for i in range(3):
            path = tmp_path / form.format(name, i)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_radiograph(path, np.full((4, 5), i, np.uint16))
            header = pydicom.dcmread(path)
            header.PatientID = f"Nr. 47{i}"
            header.save_as(path)
    cases = read_cases(tmp_path, targets=["multiclass"])
    assert [case.patient for case in cases] == ["ill_0", "ill_1", "ill_2"] * 2
    assert "Patients: 3, as the DICOM headers tell them apart (else give --patient)." in cases.notes
    assert "47" not in repr(cases).replace(str(tmp_path), "")


def test_files_that_all_say_one_patient_tell_nothing(tmp_path):
    for name in ("ill/1", "ill/2", "well/3"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_radiograph(tmp_path / f"{name}.dcm", np.full((4, 5), 1, np.uint16))
    assert len({case.patient for case in read_cases(tmp_path, targets=["multiclass"])}) == 3


def test_what_lies_in_the_folder_of_a_series_is_used(tmp_path):
    write_series(tmp_path / "s", np.arange(60, dtype=np.int16).reshape(4, 5, 3), oblique())
    (tmp_path / "s" / "viewer.exe").write_bytes(b"x")
    assert not any("left out" in note for note in read_inputs(tmp_path).notes)


def mixed(folder, value=0):
    """Two series of one study in one folder: six slices of T1 behind four of FLAIR."""
    for word, slices, level in (("FLAIR", 4, 200), ("T1", 6, 100)):
        volume = np.full((4, 5, slices), level + value, np.int16)
        name = word + "{:02}.dcm"
        write_series(folder, volume, oblique(), name=name, SeriesDescription=f"{word} tra")


@pytest.mark.parametrize(("named", "level"), [("flair", 200), ("T1", 100), ("flair tra", 200)])
def test_series_that_lie_in_one_folder_are_chosen(tmp_path, named, level):
    for number, name in enumerate(("ill/p1", "ill/p2", "well/p1", "well/p2")):
        mixed(tmp_path / name, number)
    for cases in (
        read_cases(tmp_path, targets=["multiclass"], series=(named,)),
        read_inputs(tmp_path, series=(named,)),
    ):
        assert [case.image().array[0, 0, 0, 0] - level for case in cases] == [0, 1, 2, 3]
        assert [case.name for case in cases] == ["ill_p1", "ill_p2", "well_p1", "well_p2"]
        (note,) = (note for note in cases.notes if "DICOM series" in note)
        assert "the chosen one is taken" in note
        other = "FLAIR" if level == 100 else "T1"
        assert note.endswith(f"left out: CT {other} tra (4).")
        assert not any("no case" in note for note in cases.notes)
        write_cases(tmp_path / "cases.csv", cases)
        again = read_case_list(tmp_path / "cases.csv")
        assert [case.image().array[0, 0, 0, 0] for case in again] == [level + i for i in range(4)]
        assert series_name(again[0].images[0]) == f"{'flair' if level == 200 else 't1'} tra"
        assert case_key(again[0]) != case_key(again[1])


def test_of_series_in_one_folder_the_longest_is_taken_and_it_is_said_once(tmp_path):
    for name in ("p1", "p2", "p3", "p4"):
        mixed(tmp_path / name)
    cases = read_inputs(tmp_path)
    assert [case.image().space[2] for case in cases] == [6] * 4
    (note,) = (note for note in cases.notes if "DICOM series" in note)
    assert "most slices (--series chooses) is taken: CT T1 tra in" in note
    assert "left out: CT FLAIR tra (4)." in note
    with pytest.raises(Problem, match=r"4 images of no series dwi(.|\n)*flair tra, t1 tra"):
        read_inputs(tmp_path, series=("dwi",))


def test_a_series_of_several_in_a_folder_is_the_one_that_was_trained_on(tmp_path):
    mixed(tmp_path / "p1")
    (case,) = read_inputs(tmp_path, trained=("flair tra",))
    assert case.image().array.max() == 200
