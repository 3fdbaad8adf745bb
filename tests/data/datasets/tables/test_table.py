"""Tables as spreadsheets, R and hospitals write them are read, or the message says what to type."""

import shlex
import unicodedata

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, write_image
from keras_mia.data.datasets.tables.table import read_table

ROWS = [(f"img/{name}.png", "ab"[i % 2]) for i, name in enumerate(("Büro 1", "Büro 2", "c", "d"))]
HEAD = ("image", "label")


def images(root, rows=ROWS):
    for number, (name, _) in enumerate(rows):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_image(root / name, np.full((6, 5), number, np.uint8))


def written(root, rows=ROWS, head=HEAD, sep=",", end="\n", encoding="utf-8", name="cases.csv"):
    images(root)
    text = end.join(sep.join(row) for row in [head, *rows]) + end
    (root / name).write_bytes(text.encode(encoding))
    return root / name


def labels_by_name(path, **options):
    cases = read_cases(path, targets=["multiclass"], **options)
    return {case.images[0].name: case.text for case in cases}


EXPECTED = {name.split("/")[1]: label for name, label in ROWS}


@pytest.mark.parametrize(
    "form",
    [
        {"sep": ";"},
        {"sep": "\t"},
        {"sep": "|"},
        {"sep": ", "},
        {"sep": " ; "},
        {"end": "\r\n"},
        {"end": "\r"},
        {"encoding": "utf-8-sig"},
        {"encoding": "utf-16"},
        {"encoding": "cp1252"},
        {"head": ("Image", "LABEL ")},
        {"head": (" image", "label")},
        {"name": "x.tsv", "sep": "\t"},
        {"name": "x.txt"},
        {"rows": [(f'"{name}"', f'"{label}"') for name, label in ROWS]},
        {"rows": [(name.replace("/", "\\"), label) for name, label in ROWS]},
        {"rows": [(name.upper(), label) for name, label in ROWS]},
        {"rows": [(name.removesuffix(".png"), label) for name, label in ROWS]},
        {"rows": [(name.split("/")[1], label) for name, label in ROWS]},
        {"rows": [(name[4:-4], label) for name, label in ROWS]},
        {"rows": [(unicodedata.normalize("NFD", name), label) for name, label in ROWS]},
        {"rows": [(f"C:\\Users\\x\\{name}", label) for name, label in ROWS]},
        {"rows": [(f"/home/x/data/{name}", label) for name, label in ROWS]},
        {"rows": [(f"./{name}", label) for name, label in ROWS]},
        {"rows": [*ROWS, ("", ""), ROWS[0]]},
        {"rows": [(str(i), *row) for i, row in enumerate(ROWS)], "head": ("", *HEAD)},
    ],
    ids=str,
)
def test_forms_of_one_table(tmp_path, form):
    assert labels_by_name(written(tmp_path, **form)) == EXPECTED


def test_a_line_that_names_the_separator(tmp_path):
    path = written(tmp_path, sep=";")
    path.write_text("sep=;\n" + path.read_text())
    assert labels_by_name(path) == EXPECTED


def test_names_of_files_that_are_composed_otherwise(tmp_path):
    path = written(tmp_path)
    for file in (tmp_path / "img").iterdir():
        file.rename(file.with_name(unicodedata.normalize("NFD", file.name)))
    assert list(labels_by_name(path).values()) == list(EXPECTED.values())


def test_several_files_of_a_cell_and_quotes(tmp_path):
    images(tmp_path)
    (tmp_path / "cases.csv").write_text(
        'image,label\nimg/c.png;img/d.png,"a, or b"\n"img/c.png ; img/d.png",b\n'
    )
    with pytest.raises(Problem, match="listed twice, with different"):
        read_cases(tmp_path / "cases.csv", targets=["multiclass"])
    (tmp_path / "cases.csv").write_text('image,label\n"img/c.png ; img/d.png","a, or b"\n')
    (case,) = read_cases(tmp_path / "cases.csv", targets=["multiclass"])
    assert case.text == "a, or b"
    assert case.image().array.shape == (6, 5, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,label\na.png,b,c\n", "Line 2 has 3 cells"),
        ("image,label,label\na.png,b,c\n", "Several columns are called 'label'"),
        ("image,label\n", "no rows"),
        ("a.png,ill\nb.png,well\n", "first line of a table names its columns"),
        ("", "no column 'image'"),
        ("image\0,label\n", "no table of text"),
    ],
)
def test_tables_that_cannot_be_meant(tmp_path, text, message):
    (tmp_path / "cases.csv").write_text(text)
    with pytest.raises(Problem, match=message):
        read_cases(tmp_path / "cases.csv", targets=["multiclass"])


def test_a_label_map_is_never_found_as_its_image(tmp_path):
    """Nor as another file of its name in a folder that was not named."""
    images(tmp_path, [("images/a.png", ""), ("other/masks/a.png", "")])
    for label in ("masks/a.png", "a", "A.PNG"):
        (tmp_path / "cases.csv").write_text(f"image,label\nimages/a.png,{label}\n")
        with pytest.raises(Problem, match=r"cannot be found|Several files fit"):
            read_cases(tmp_path / "cases.csv")


def test_an_id_that_fits_several_files(tmp_path):
    images(tmp_path, [("train/7.png", ""), ("test/7.png", "")])
    (tmp_path / "cases.csv").write_text("image,label\n7,a\n")
    with pytest.raises(
        Problem, match=r"Several files fit '7'(.|\n)*test/7\.png(.|\n)*train/7\.png"
    ):
        read_cases(tmp_path / "cases.csv", targets=["multiclass"])


def test_what_was_spelled_otherwise_is_said(tmp_path):
    cases = read_cases(
        written(tmp_path, [(name[:-4], label) for name, label in ROWS]), targets=["multiclass"]
    )
    assert "Files found by another spelling: 4, 'img/Büro 1' is img/Büro 1.png." in cases.notes


@pytest.mark.parametrize(
    "head", [("id_code", "diagnosis"), ("file_name", "class"), ("Image Index", "Finding Labels")]
)
def test_the_remedy_for_missing_columns_works_when_pasted(tmp_path, head):
    path = written(tmp_path, [(name[4:-4], label) for name, label in ROWS], head=head)
    with pytest.raises(Problem, match="has no column 'image'") as caught:
        labels_by_name(path)
    hint = shlex.split(caught.value.remedy.partition(": ")[2].rstrip("."))
    options = {hint[i][2:].replace("-", "_"): hint[i + 1] for i in range(0, len(hint), 2)}
    assert labels_by_name(path, **options) == EXPECTED


@pytest.mark.parametrize("name", ["split_column", "patient_column", "region_column"])
def test_a_misspelt_column_is_an_error(tmp_path, name):
    head, kind = ("image", "label", "patient_id", "fold", "area"), name.removesuffix("_column")
    path = written(tmp_path, [(*row, "p", "train", "") for row in ROWS], head=head)
    with pytest.raises(Problem, match="image, label, patient_id, fold, area") as caught:
        labels_by_name(path, **{name: "patiant"})
    assert f"--{kind}-column" in caught.value.remedy
    assert "has no column 'patiant'" in caught.value.what


@pytest.mark.parametrize(
    "name", ["Patient", "PatientID", "patient_id", "Subject ID", "SUBJECT", "ptid", "Patient ID"]
)
def test_patients_are_recognized_and_it_is_said(tmp_path, name):
    path = written(tmp_path, [(*row, "pq"[i // 2]) for i, row in enumerate(ROWS)], (*HEAD, name))
    cases = read_cases(path, targets=["multiclass"])
    assert {case.patient for case in cases} == {"p", "q"}
    assert f"Taken: patients from the column {name!r}." in cases.notes


@pytest.mark.parametrize("name", ["Split", "SET", "subset", "data_split"])
def test_a_split_is_recognized_and_it_is_said(tmp_path, name):
    parts = ("Train", "VAL", "test", "TRAINING")
    path = written(tmp_path, [(*r, s) for r, s in zip(ROWS, parts, strict=True)], (*HEAD, name))
    cases = read_cases(path, targets=["multiclass"])
    assert [len(cases.train), len(cases.validation), len(cases.test)] == [2, 1, 1]
    assert f"Taken: the split from the column {name!r}." in cases.notes


def test_columns_that_are_no_split_are_left(tmp_path):
    rows = [(*row, str(i), "ABCD"[i]) for i, row in enumerate(ROWS)]
    cases = read_cases(written(tmp_path, rows, (*HEAD, "fold", "set")), targets=["multiclass"])
    assert {case.split for case in cases} == {None}
    assert any("'fold' is not used" in note for note in cases.notes)


def test_options_of_tables_and_of_folders(tmp_path):
    images(tmp_path, [("ill/1.png", ""), ("well/1.png", "")])
    with pytest.raises(Problem, match="Columns are those of a table"):
        read_cases(tmp_path, targets=["multiclass"], patient_column="who")
    with pytest.raises(Problem, match="Series are chosen in a folder"):
        read_cases(written(tmp_path), targets=["multiclass"], series=("FLAIR",))
    with pytest.raises(Problem, match=r"Did you mean .*cases\.csv"):
        read_cases(tmp_path / "case.csv", targets=["multiclass"])
    (tmp_path / "cases.xlsx").write_bytes(b"PK")
    with pytest.raises(Problem, match="Save it as CSV"):
        read_cases(tmp_path / "cases.xlsx", targets=["multiclass"])


def test_lines_are_counted_as_in_the_file(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n\n1,2\n3,4\n")
    assert read_table(tmp_path / "t.csv").lines == (3, 4)


def test_a_missing_file_is_named_with_one_of_its_name(tmp_path):
    images(tmp_path)
    (tmp_path / "cases.csv").write_text("image,label\nimg/c.jpg,a\nelsewhere/d.png,b\n")
    with pytest.raises(Problem, match="2 files that the table lists cannot be found") as caught:
        read_cases(tmp_path / "cases.csv", targets=["multiclass"])
    assert f"relative to {tmp_path}. There is img/c.png: write that" in caught.value.remedy


def test_rows_without_a_target(tmp_path):
    for name in ("a.png", "b.png"):
        write_image(tmp_path / name, np.zeros((4, 4), np.uint8))
    path = tmp_path / "t.csv"
    path.write_text("image,label,split\na.png,ill,train\nb.png,,test\n")
    cases = read_cases(path, targets=["multiclass"])
    assert any("1 test image without a label, left out" in note for note in cases.notes)
    path.write_text("image,label\na.png,ill\nb.png,\n")
    with pytest.raises(Problem, match=r"1 image without a label\.(.|\n)*b\.png"):
        read_cases(path, targets=["multiclass"])
