"""Nothing is left out in silence."""

import numpy as np
import pytest

from keras_mia.data import read_cases, read_inputs, write_image
from keras_mia.data.left_out import left_out


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


def said(cases):
    return [note for note in cases.notes if "left out" in note]


def test_kinds_that_nobody_reads_are_counted(tmp_path):
    for name in ("ill", "well"):
        fill(tmp_path, f"{name}/1.png")
        junk(tmp_path, f"{name}/2.svs", f"{name}/3.SVS", f"{name}/4.xyz", f"{name}/noise")
    junk(tmp_path, "README.md", "LICENSE", "ill/Thumbs.db", "ill/._5.png")
    expected = ["Files of kinds that are not read, left out (8): 4 .svs, 2 .xyz, 2 no suffix."]
    assert said(read_cases(tmp_path, answers=True)) == expected
    assert said(read_inputs(tmp_path)) == expected


def test_images_and_label_maps_in_no_case_are_counted(tmp_path):
    fill(tmp_path, "images/a.png", "labels/a.png", "labels/b.png", "more/c.png")
    fill(tmp_path, *(f"other/{i}.png" for i in range(5)))
    notes = "\n".join(said(read_cases(tmp_path)))
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
    assert left_out(tmp_path, []) == [f"Images in no case, left out (1): {header}."]


def test_what_lies_in_the_folder_of_a_series_is_used(tmp_path):
    from tests.dicom_files import oblique, write_series

    write_series(tmp_path / "s", np.arange(60, dtype=np.int16).reshape(4, 5, 3), oblique())
    junk(tmp_path, "s/notes.txt", "notes.txt")
    assert said(read_inputs(tmp_path)) == [
        "Files of kinds that are not read, left out (1): 1 .txt."
    ]
