"""Nothing is left out in silence."""

import nibabel as nib
import numpy as np
import PIL.Image
import pytest
import SimpleITK

from keras_mia.data import read_cases, read_inputs, write_image
from keras_mia.data.datasets.layouts.unused_files import left_out


def fill(root, *names):
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, np.full((6, 8), number, np.uint8))


def junk(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def left_out_notes(cases):
    return [note for note in cases.notes if "left out" in note]


def test_kinds_that_nobody_reads_are_counted(tmp_path):
    for name in ("ill", "well"):
        fill(tmp_path, f"{name}/1.png")
        junk(tmp_path, f"{name}/2.svs", f"{name}/3.SVS", f"{name}/4.xyz", f"{name}/noise")
    junk(tmp_path, "README.md", "LICENSE", "ill/Thumbs.db", "ill/._5.png")
    expected = ["Files of kinds that are not read, left out (8): 4 .svs, 2 .xyz, 2 no suffix."]
    assert left_out_notes(read_cases(tmp_path, targets=["multiclass"])) == expected
    assert left_out_notes(read_inputs(tmp_path)) == expected


def test_images_and_label_maps_in_no_case_are_counted(tmp_path):
    fill(tmp_path, "images/a.png", "labels/a.png", "labels/b.png", "more/c.png")
    fill(tmp_path, *(f"other/{i}.png" for i in range(5)))
    notes = "\n".join(left_out_notes(read_cases(tmp_path)))
    assert "Images in no case, left out (6): other (5), more (1)." in notes
    assert "Label maps that are not used, left out (1): labels/b.png." in notes


def test_a_second_image_of_a_case_is_counted(tmp_path):
    for name in "xy":
        fill(tmp_path, f"{name}/images/a.png", f"{name}/masks/a.png", f"{name}/photo.png")
    assert (
        "Images in no case, left out (2): x/photo.png, y/photo.png." in read_cases(tmp_path).notes
    )
    fill(tmp_path, "x/images/b.png", "y/images/b.png")
    assert any(
        "images have no label map" in one.what
        for one in read_cases(tmp_path, strict=False).incomplete
    )


@pytest.mark.parametrize("header", ["a.mhd", "a.nhdr"])
def test_voxels_beside_their_header_are_used(tmp_path, header):
    junk(tmp_path, header, "a.raw")
    assert left_out(tmp_path) == [f"Images in no case, left out (1): {header}."]


def test_what_lies_in_the_folder_of_a_series_is_used(tmp_path):
    from tests.dicom_files import oblique, write_series

    write_series(tmp_path / "s", np.arange(60, dtype=np.int16).reshape(4, 5, 3), oblique())
    junk(tmp_path, "s/notes.xyz", "notes.xyz")
    assert left_out_notes(read_inputs(tmp_path)) == [
        "Files of kinds that are not read, left out (1): 1 .xyz."
    ]


SILENT = (
    *("notes.txt", "a.json", "table.csv", "scan.xml", "README.md", "LICENSE", "participants.tsv"),
    *("Thumbs.db", ".DS_Store", "._a.png", "desktop.ini", "a.bval"),
)


def pictures(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        PIL.Image.fromarray(np.eye(9, dtype=np.uint8)).save(folder / name)


@pytest.mark.parametrize("task", ["classify", "segment", "predict"])
def test_kinds_that_nobody_reads_are_counted_in_every_task(tmp_path, task):
    where = {"classify": ("a", "b"), "segment": ("images", "masks"), "predict": ("",)}[task]
    for name in where:
        pictures(tmp_path / name, "1.png", "2.BMP")
        for odd in ("3.heic", "4.HEIC", "5.psd", "6", "7.jpg.part", "8.zip"):
            (tmp_path / name / odd).write_bytes(b"x")
    read = read_inputs if task == "predict" else read_cases
    options = {"targets": ["multiclass"]} if task == "classify" else {}
    cases = read(tmp_path, **options)
    assert len(cases) == {"classify": 4}.get(task, 2)
    (note,) = (note for note in cases.notes if "not read" in note)
    count = len(where)
    for part in (f"{2 * count} .heic", f"{count} .psd", f"{count} no suffix", f"{count} .part"):
        assert part in note


def test_what_belongs_beside_images_is_no_alarm(tmp_path):
    pictures(tmp_path, "a.png")
    for name in SILENT:
        (tmp_path / name).write_bytes(b"x")
    assert left_out(tmp_path, read_inputs(tmp_path)) == []


def test_voxels_that_lie_beside_their_header_are_no_alarm(tmp_path):
    array = np.zeros((4, 5, 6), np.int16)
    image = SimpleITK.GetImageFromArray(array)
    SimpleITK.WriteImage(image, str(tmp_path / "a.mhd"))
    SimpleITK.WriteImage(image, str(tmp_path / "b.nhdr"))
    nib.save(nib.Nifti1Pair(array, np.eye(4)), tmp_path / "c.hdr")
    assert len(list(tmp_path.iterdir())) == 6
    assert left_out(tmp_path, read_inputs(tmp_path)) == []
