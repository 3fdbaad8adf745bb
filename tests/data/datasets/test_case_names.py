"""What cases are called."""

import unicodedata
from pathlib import Path

import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_names import with_unique_names
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.io.formats import stem_of
from keras_mia.data.io.image_io import write_image


def named(*paths: str) -> list[str]:
    root = Path("root")
    cases = [Case(stem_of(path), {"image": (root / path,)}, Texts("x"), "") for path in paths]
    return [case.name for case in with_unique_names(cases, root)]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["ill/a.png", "well/b.png"], ["a", "b"]),
        (["malignant/malignant (114).png", "benign/b.png"], ["malignant (114)", "b"]),
        (["ill/1.png", "well/1.png", "well/2.png"], ["ill_1", "well_1", "2"]),
        (["ill/1.png", "ill/1.jpg"], ["ill_1.png", "ill_1.jpg"]),
        (["a/b_1.png", "a_b/1.png", "c/b_1.png", "c/1.png"], ["a_b_1", "a_b_1_2", "c_b_1", "c_1"]),
        (["a/1.png", "b/1.png", "c/a_1.png"], ["a_1", "b_1", "a_1_2"]),
        (["_.png", "__.png", "a\tb.png"], ["case", "case_2", "a_b"]),
    ],
)
def test_names_are_short_and_each_has_its_own(paths, names):
    assert named(*paths) == names


def test_a_class_is_not_said_twice(tmp_path):
    for number, name in enumerate(("benign", "malignant") * 3):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        write_image(folder / f"{name} ({number}).npy", [[number, 1], [2, 3]])
    cases = read_cases(tmp_path, targets=["multiclass"])
    assert [case.name for case in cases][:2] == ["benign (0)", "benign (2)"]


def test_files_beside_a_tables_folder_are_named_with_what_it_means(tmp_path):
    (tmp_path / "table").mkdir()
    for number in range(4):
        write_image(tmp_path / f"{number}.npy", [[number, 1], [2, 3]])
    rows = "\n".join(f"../{number}.npy,{number % 2}" for number in range(4))
    (tmp_path / "table" / "cases.csv").write_text(f"image,label\n{rows}\n")
    (note,) = (
        note
        for note in read_cases(tmp_path / "table" / "cases.csv", targets=["multiclass"]).notes
        if "outside" in note
    )
    assert note.startswith("4 files of the table, such as ")
    assert note.endswith(f"a copy of {tmp_path / 'table'} would lack them.")


def test_a_regular_expression_is_shown_as_it_was_typed(tmp_path):
    for number, name in enumerate(("ill", "well") * 2):
        (tmp_path / name).mkdir(exist_ok=True)
        write_image(tmp_path / name / f"p{number}.npy", [[number, 1], [2, 3]])
    cases = read_cases(tmp_path, targets=["multiclass"], patient=r"p(\d+)\.npy")
    assert any(r"by 'p(\d+)\.npy'" in note for note in cases.notes)
    with pytest.raises(Problem, match=r"by 'q\\d\+'") as caught:
        read_cases(tmp_path, targets=["multiclass"], patient=r"q\d+")
    assert "\\\\" not in str(caught.value)


def test_names_differ_where_letters_case_is_not_told_apart():
    composed, decomposed = "M\u00fcller", "Mu\u0308ller"
    names = named(
        "a/Scan.png", "b/scan.png", f"c/{composed}.png", f"d/{decomposed}.png", "e/Scan_2.png"
    )
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names}) == 5
    assert names[0] == "a_Scan"
    alike = named("x/a.png", "x/A.png", "x/a.PNG")
    assert len({name.casefold() for name in alike}) == 3


@pytest.mark.parametrize("letter", ["e", "\u00e4", "\U0001f600"])
def test_names_are_short_enough_for_a_file(letter):
    long = letter * (240 // len(letter.encode()))
    names = named(f"a/{long}.png", f"b/{long}.png", f"c/{long}x.png")
    assert len(set(names)) == 3
    assert all(len(f"{name}-probabilities.nii.gz".encode()) <= 255 for name in names)


def test_bytes_and_signs_that_are_no_text_do_not_reach_names():
    names = named("a/bad\udcff.png", "a/x\u2028y\x85.png")
    assert names == ["bad", "x_y"]
