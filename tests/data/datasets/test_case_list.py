from pathlib import Path

import pytest

from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_list import read_case_list, write_cases
from keras_mia.data.datasets.case_target import ImageFile, LabelMapFile, Texts
from keras_mia.data.datasets.cases import Case, Cases, Slab
from keras_mia.data.datasets.mask_files import Masks


def test_what_was_written_is_read(tmp_path):
    files = [tmp_path / name for name in ("t1.nii.gz", "t2.nii.gz", "label, raw.nii.gz", "fov.gif")]
    cases = (
        Case("a", {"image": (files[0], files[1])}, LabelMapFile(files[2]), "p1", "train"),
        Case("b", {"image": (files[0],)}, LabelMapFile(files[2]), "p2", "test", files[3]),
        Case("c", {"image": (files[0],)}, None, "p3", None, Slab(2, 0.0, 1 / 3, files[3])),
        Case(
            "d",
            {"image": (files[0],)},
            LabelMapFile(files[2]),
            "p3",
            "validation",
            Slab(0, 0.5, 0.6),
        ),
    )
    write_cases(tmp_path / "cases.csv", Cases(cases, "there"))
    assert read_case_list(tmp_path / "cases.csv").cases == cases


@pytest.mark.parametrize("name", ["a|b", "50%", "%7C", "%257C|", "1=a|2=b", "a, b", "=1+1", "-x"])
def test_any_name_of_a_file_or_folder_comes_back(tmp_path, name):
    files = [tmp_path / name / "a.png", tmp_path / f"{name}.png"]
    cases = (
        Case(name, {"image": tuple(files)}, LabelMapFile(files[1]), name, "train", files[0]),
        Case("b", {"image": (files[1],)}, Masks((files[0], files[1]), (1, 7)), "b", "test"),
        Case("c", {"image": (files[0],)}, Texts(name), "c", "test", Slab(1, 0.0, 0.5, files[1])),
    )
    write_cases(tmp_path / "cases.csv", Cases(cases, "there"))
    assert read_case_list(tmp_path / "cases.csv").cases == cases


def test_paths_hold_in_every_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    case = Case(
        "a", {"image": (Path("images/a.png"),)}, LabelMapFile(Path("labels/a.png")), "a", "test"
    )
    write_cases("cases.csv", Cases((case,), "here"))
    monkeypatch.chdir("/")
    (again,) = read_case_list(tmp_path / "cases.csv")
    assert again.images == (tmp_path / "images/a.png",)
    assert again.target == LabelMapFile(tmp_path / "labels/a.png")


def test_another_table_is_a_problem(tmp_path):
    write_csv(tmp_path / "cases.csv", [{"image": "a.png", "label": "b.png"}])
    with pytest.raises(Problem, match="columns name, patient, split"):
        read_case_list(tmp_path / "cases.csv")


def test_names_of_files_that_are_no_text_come_back(tmp_path):
    file = tmp_path / "ill\udcff\udc80|%FF.png"
    cases = (Case("ill", {"image": (file,)}, LabelMapFile(file), "a", "test"),)
    write_cases(tmp_path / "cases.csv", Cases(cases, "there"))
    assert read_case_list(tmp_path / "cases.csv").cases == cases


def test_half_a_list_is_a_problem(tmp_path):
    cases = tuple(
        Case(name, {"image": (tmp_path / f"{name}.png",)}, Texts("ill"), name, "test")
        for name in "abc"
    )
    write_cases(tmp_path / "cases.csv", Cases(cases, "there"))
    text = (tmp_path / "cases.csv").read_text()
    (tmp_path / "cases.csv").write_text(text[: text.rindex("test")])
    with pytest.raises(Problem, match="line 4 has not as many cells"):
        read_case_list(tmp_path / "cases.csv")


@pytest.mark.parametrize("kept", [1, 2])
def test_a_list_that_was_cut_between_two_rows_is_a_problem(tmp_path, kept):
    cases = tuple(Case(name, {"image": (tmp_path / name,)}, None, name, "test") for name in "abc")
    write_cases(tmp_path / "cases.csv", Cases(cases, "there"))
    lines = (tmp_path / "cases.csv").read_text().splitlines(keepends=True)
    (tmp_path / "cases.csv").write_text("".join(lines[: 1 + kept]))
    with pytest.raises(Problem, match=f"has {kept} of 3 cases"):
        read_case_list(tmp_path / "cases.csv")


def test_other_inputs_and_targets_come_back_as_they_were(tmp_path):
    files = [tmp_path / f"{name}.nii.gz" for name in "abcd"]
    cases = (
        Case("two", {"moving": (files[0],), "fixed": (files[1], files[2])}, None, "p", "train"),
        Case("paired", {"image": (files[0],)}, ImageFile(files[3]), "q", "test"),
        Case("read", {"image": (files[1],)}, LabelMapFile(files[2], "stored"), "r", "test"),
        Case("one", {"image": (files[1],)}, Texts("ill"), "s", "test"),
        Case("several", {"image": (files[1],)}, Texts(("f", "61")), "t", "validation"),
        Case("image", {"image": (files[2],)}, None, "u"),
    )
    write_cases(tmp_path / "cases.csv", Cases(cases, "there"))
    assert read_case_list(tmp_path / "cases.csv").cases == cases
    assert cases[0].files == (files[0], files[1], files[2])
    assert cases[1].files == (files[0], files[3])
