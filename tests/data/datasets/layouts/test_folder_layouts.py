"""A family brings a form of targets and a layout as a file each and a line in two tables."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, write_image
from keras_mia.data.datasets.case_target import ImageFile
from keras_mia.data.datasets.cases import IMAGE, Case, Cases
from keras_mia.data.datasets.files.series import choose_series
from keras_mia.data.datasets.layouts import folder_layouts
from keras_mia.data.datasets.layouts.layout import Layout
from keras_mia.data.datasets.layouts.plain_images import images_below
from keras_mia.data.datasets.target_forms import table, texts
from keras_mia.data.datasets.target_forms.form import TargetForm

FORM = TargetForm(
    kinds=frozenset({"image"}),
    noun="a target image",
    question="which are the targets",
    column="target_image",
    from_cells=lambda cells, images, finder: ImageFile(finder(cells[0])),
    matches=lambda cells, finder: True,
    hint=texts.FORM.hint,
)


def read_two_folders(folder, choices):
    """`A` and `B`, with files of the same names."""
    if not (folder / "A").is_dir():
        return None
    files = sorted((folder / "A").iterdir())
    cases = [
        Case(one.stem, {IMAGE: (one,)}, ImageFile(folder / "B" / one.name), "") for one in files
    ]
    return Cases(tuple(cases), str(folder), ("Inputs in A, targets in B.",))


def read_two_series(folder, choices):
    """Two series of each patient, as the user names them: the last is the target."""
    if len(choices.series) < 2:
        return None
    taken = choose_series(images_below(folder, structures=False), choices.series, folder)
    cases = [
        Case(group.name, {IMAGE: images[:-1]}, ImageFile(images[-1]), "")
        for group, images in zip(taken.groups, taken.images, strict=True)
    ]
    return Cases(tuple(cases), str(folder), taken.notes, incomplete=taken.incomplete)


@pytest.fixture
def family(monkeypatch):
    forms = [one for one in table.FORMS if FORM.kinds.isdisjoint(one.kinds)]
    monkeypatch.setattr(table, "FORMS", (*forms, FORM))
    layouts = [one for one in folder_layouts.LAYOUTS if one.form in (*forms, None)]
    added = Layout(read_two_folders, FORM), Layout(read_two_series, FORM)
    monkeypatch.setattr(folder_layouts, "LAYOUTS", (*layouts, *added))


def fill(root, *names):
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_image(root / name, np.full((6, 8), number, np.uint8))


def pairs(cases, root):
    return {
        case.name: (
            case.images[0].relative_to(root).as_posix(),
            case.target.path.relative_to(root).as_posix(),
        )
        for case in cases
    }


@pytest.mark.usefixtures("family")
def test_paired_folders(tmp_path):
    fill(tmp_path, "A/1.png", "A/2.png", "B/1.png", "B/2.png")
    cases = read_cases(tmp_path, targets=["image"])
    assert pairs(cases, tmp_path) == {"1": ("A/1.png", "B/1.png"), "2": ("A/2.png", "B/2.png")}
    assert cases.fit(["image"])
    assert not cases.fit(["label_map", "multiclass"])
    assert not any("left out" in note for note in cases.notes)
    assert {case.text for case in read_cases(tmp_path, targets=["multiclass"])} == {"A", "B"}


@pytest.mark.usefixtures("family")
def test_two_series_a_patient(tmp_path):
    fill(tmp_path, "p1_t1.png", "p1_t2.png", "p2_t1.png", "p2_t2.png")
    cases = read_cases(tmp_path, targets=["image"], series=["t2", "t1"])
    assert pairs(cases, tmp_path)["p2"] == ("p2_t2.png", "p2_t1.png")


@pytest.mark.usefixtures("family")
def test_a_table_has_the_column_of_the_form(tmp_path):
    fill(tmp_path, "a.png", "b.png", "a2.png", "b2.png")
    path = tmp_path / "pairs.csv"
    path.write_text("image,target_image,split,patient\na.png,a2.png,train,p\nb.png,b2.png,test,q\n")
    kinds = ["label_map", "multiclass", "image"]
    for targets in (kinds, ["image"]):
        cases = read_cases(path, targets=targets)
        assert pairs(cases, tmp_path) == {"a": ("a.png", "a2.png"), "b": ("b.png", "b2.png")}
        assert [case.split for case in cases] == ["train", "test"]
    path.write_text("image,made\na.png,a2.png\n")
    assert read_cases(path, targets=["image"], label_column="made")[0].target.path.name == "a2.png"
    with pytest.raises(Problem, match="no column 'target_image'"):
        read_cases(path, targets=["image"])
    path.write_text("image,label\na.png,ill\n")
    assert read_cases(path, targets=kinds)[0].text == "ill"


@pytest.mark.usefixtures("family")
def test_what_names_do_not_tell_is_asked_of_a_table(tmp_path):
    fill(tmp_path, "a.png", "b.png")
    with pytest.raises(Problem, match="names do not tell which are the targets"):
        read_cases(tmp_path, targets=["image"])


def test_a_tentative_layout_gives_way_to_a_later_one(tmp_path, monkeypatch):
    def refuse(folder, choices):
        raise Problem("not so", folder, "Do otherwise.")

    first = Layout(refuse, texts.FORM, tentative=True)
    later = replace(first, read=lambda folder, choices: Cases((), str(folder)), tentative=False)
    monkeypatch.setattr(folder_layouts, "LAYOUTS", (first,))
    with pytest.raises(Problem, match="not so"):
        folder_layouts.read_folder(tmp_path, [texts.FORM])
    monkeypatch.setattr(folder_layouts, "LAYOUTS", (first, later))
    assert len(folder_layouts.read_folder(tmp_path, [texts.FORM])) == 0
