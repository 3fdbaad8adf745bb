"""Attacks on a user's files: after each, the bystanders are counted."""

import shutil

import pytest

from keras_mia.core.files.text_files import read_csv, read_json, write_csv, write_text
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.training.runs.run import Run

SMALL = ["--filters", 4, "--patch", 16, "--depth", 1, "--precision", "float32", "--steps", 5]


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".keras-mia-lock"
    }


@pytest.fixture
def old_run(tmp_path):
    """A finished run with a thesis beside its files."""
    folder = tmp_path / "runs" / "run"
    run = Run.start(folder, "segmentation")
    run.accept()
    write_text(folder / "plan.json", "{}")
    write_text(folder / "predictions" / "a.txt", "x")
    run.finish()
    (folder / "thesis.txt").write_text("mine")
    return folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "already holds a run"),
        (["--folds", 2], "already holds a run"),
        (["--overwrite", "--data", "no_such_folder"], "no such file or folder"),
        (["--overwrite", "--folds", 2, "--data", "no_such_folder"], "no such file or folder"),
        (["--overwrite", "--labels", "7=x"], "7"),
        (["--overwrite", "--patch", 1, 2, 3], ""),
        (["--overwrite", "--network", "no_such_file.py:net"], "no_such_file.py"),
        (["--overwrite", "--folds", 2, "--network", "no_such_file.py:net"], "no_such_file.py"),
    ],
)
def test_a_refused_start_changes_nothing(app, pictures, old_run, words, said):
    before = contents(old_run)
    done = app("segment", "--data", pictures, "--output", old_run, *SMALL, *words)
    assert done.code == 2, done.out
    assert said in done.err
    assert "Traceback" not in done.err
    assert contents(old_run) == before
    assert not (old_run / ".keras-mia-lock").exists()


@pytest.mark.parametrize("options", [[], ["--overwrite"], ["--resume"]])
@pytest.mark.parametrize("content", [None, '{"tool": "mlflow"}', "{}"])
def test_a_folder_that_holds_other_files_is_no_output(app, pictures, tmp_path, options, content):
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    (folder / ".writing-thesis").write_text("mine")
    if content:
        (folder / "run.json").write_text(content)
    before = contents(folder)
    done = app("segment", "--data", pictures, "--output", folder, *SMALL, *options)
    assert done.code == 2
    assert "Traceback" not in done.err
    assert contents(folder) == before


@pytest.mark.parametrize("where", [".", "images", "images/run", "..", "linked"])
@pytest.mark.parametrize("app_name", ["segment", "classify"])
def test_output_and_data_lie_apart(app, pictures, tmp_path, where, app_name):
    (tmp_path / "linked").symlink_to(pictures)
    output = tmp_path / "linked" if where == "linked" else pictures / where
    before = contents(tmp_path)
    done = app(app_name, "--data", pictures, "--output", output, "--overwrite", "--steps", 5)
    assert done.code == 2
    assert "data" in done.err
    assert contents(tmp_path) == before


def test_images_that_a_table_names_are_data_too(app, pictures, old_run, tmp_path):
    shutil.copytree(pictures, old_run / "cells")
    rows = [
        {"image": path, "label": old_run / "cells" / "labels" / f"{path.stem}.png"}
        for path in sorted((old_run / "cells" / "images").iterdir())
    ]
    write_csv(tmp_path / "table" / "cases.csv", rows)
    before = contents(old_run)
    words = ["--data", tmp_path / "table" / "cases.csv", "--overwrite", *SMALL]
    done = app("segment", "--output", old_run, *words)
    assert done.code == 2
    assert "holds the data" in done.err
    assert contents(old_run) == before


@pytest.mark.parametrize(
    ("output", "cache", "said"),
    [
        ("new", "cells", "--cache lies in the data"),
        ("new", "cells/cache", "--cache lies in the data"),
        ("runs/run/new", None, "mixed with those of the run"),
        ("runs/run/fold_1", None, "mixed with those of the run"),
        ("runs/run/predictions", None, "mixed with those of the run"),
        ("new", "runs/run/cache", "mixed with those of the run"),
    ],
)
def test_outputs_and_caches_lie_apart(app, pictures, old_run, tmp_path, output, cache, said):
    before = contents(tmp_path)
    more = ["--cache", tmp_path / cache] if cache else []
    done = app("segment", "--data", pictures, "--output", tmp_path / output, *more, *SMALL)
    assert done.code == 2
    assert said in done.err
    assert contents(tmp_path) == before


@pytest.mark.slow
def test_overwriting_removes_what_the_run_wrote_and_nothing_else(app, pictures, tmp_path):
    folder = tmp_path / "run"
    words = ["segment", "--data", pictures, "--output", folder, *SMALL]
    assert app(*words).code == 0
    assert {path.name for path in tmp_path.iterdir()} >= {"run"}
    assert not (folder / "cache").exists()
    (folder / "thesis.txt").write_text("mine")
    (folder / "predictions" / "mine.png").write_text("mine")
    (folder / "scores.csv").write_text("edited")
    done = app(*words, "--overwrite")
    assert done.code == 0, done.err
    assert "predictions/mine.png, thesis.txt" in done.out
    assert (folder / "thesis.txt").read_text() == "mine"
    assert (folder / "predictions" / "mine.png").read_text() == "mine"
    assert read_csv(folder / "scores.csv")[0]["case"]


@pytest.mark.slow
def test_a_run_goes_on_as_it_began(app, pictures, tmp_path):
    folder = tmp_path / "run"
    words = ["segment", "--data", pictures, "--output", folder, *SMALL]
    assert app(*words, "--fold", "1/3").code == 0
    before = read_case_list(folder / "cases.csv")
    (folder / "metrics.json").unlink()
    for changed, said in (
        (["--fold", "2/3"], "--fold 1/3; now it is --fold 2/3"),
        (["--fold", "1/3", "--seed", 5], "--seed 0; now it is --seed 5"),
        (["--fold", "1/3", "--filters", 8], "--filters 4; now it is --filters 8"),
        (["--fold", "1/3", "--folds", 2], ""),
    ):
        done = app(*words, *changed, "--resume")
        assert done.code == 2, changed
        assert said in done.err
    for part, suffix in (("images", ".jpg"), ("labels", ".png")):
        for name in ("aaa", "zzz"):
            shutil.copy(pictures / part / f"cell_1{suffix}", pictures / part / f"{name}{suffix}")
    done = app(*words, "--fold", "1/3", "--resume")
    assert done.code == 0, done.err
    assert "its own 6 cases" in done.out
    assert read_case_list(folder / "cases.csv").cases == before.cases
    scored = {row["case"] for row in read_csv(folder / "scores.csv")}
    assert scored == {case.name for case in before.test}
    (folder / "fold.txt").write_text("mine")
    kept = contents(folder)
    done = app(*words, "--fold", "1/3", "--resume")
    assert done.code == 0, done.err
    assert "The run is finished" in done.out
    assert contents(folder) == kept
    shutil.copy(pictures / "labels" / "cell_2.png", pictures / "labels" / "cell_1.png")
    done = app(*words, "--fold", "1/3", "--resume")
    assert done.code == 2
    assert "have changed since the run began" in done.err


@pytest.mark.slow
def test_folds_go_on_as_they_began(app, pictures, tmp_path):
    folder = tmp_path / "runs"
    words = ["segment", "--data", pictures, "--output", folder, *SMALL]
    assert app(*words, "--folds", 2).code == 0
    metrics = read_json(folder / "metrics.json")
    done = app(*words, "--folds", 3, "--resume")
    assert done.code == 2
    assert "--folds 2; now it is --folds 3" in done.err
    assert read_json(folder / "metrics.json") == metrics
    shutil.rmtree(folder / "fold_2")
    added = [pictures / "images" / "zzz.jpg", pictures / "labels" / "zzz.png"]
    for path in added:
        shutil.copy(path.with_stem("cell_1"), path)
    done = app(*words, "--folds", 2, "--resume")
    assert done.code == 2
    assert "have changed since the run began" in done.err
    for path in added:
        path.unlink()
    (folder / "fold_2").mkdir()
    (folder / "fold_2" / "scores.csv").write_text("mine")
    done = app(*words, "--folds", 2, "--resume")
    assert done.code == 2
    assert "holds other files" in done.err
    (folder / "fold_2" / "scores.csv").unlink()
    done = app(*words, "--folds", 2, "--resume")
    assert done.code == 0, done.err
    assert "Fold 1 of 2" not in done.out
    assert read_json(folder / "metrics.json") == metrics
    (folder / "fold_2" / "mine.txt").write_text("mine")
    done = app(*words, "--folds", 2, "--overwrite")
    assert done.code == 0, done.err
    assert (folder / "fold_2" / "mine.txt").exists()
    assert read_json(folder / "metrics.json") == metrics
