"""A line in the register is all that the command line needs of a family."""

import argparse
import sys

import numpy as np
import PIL.Image
import pytest

from keras_mia.cli.app import run
from keras_mia.cli.main import main
from keras_mia.cli.options import groups as options
from keras_mia.core.files.atomic import read_csv, read_json, write_csv
from keras_mia.core.problem import Problem
from keras_mia.tasks import register


@pytest.fixture
def family(monkeypatch):
    monkeypatch.setitem(register.REGISTER, "pixel", "tests.cli.pixel_task:Pixel")
    left_out = ("evaluate_files", "compare")
    monkeypatch.setitem(register.WITHOUT, "pixel", left_out)
    return register.task("pixel")


@pytest.fixture
def table(tmp_path):
    """Twenty grey images, their brightness in a table."""
    rows, folder = [], tmp_path / "data"
    folder.mkdir()
    for number in range(20):
        array = np.full((4, 5), 10 * number, np.uint8)
        PIL.Image.fromarray(array).save(folder / f"{number}.png")
        rows.append({"image": f"{number}.png", "label": f"{10 * number / 255:.4f}"})
    write_csv(folder / "cases.csv", rows)
    return folder / "cases.csv"


def call(monkeypatch, capsys, start, *words):
    monkeypatch.setattr(sys, "argv", ["keras-mia", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        start()
        sys.exit(0)
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return ended.value.code, said.out + said.err


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def train(family):
    """What the app of the family would be."""
    from keras_mia.cli.train import train as story
    from keras_mia.cli.training_job import training_job

    parser = argparse.ArgumentParser(prog="keras-mia brighten", allow_abbrev=False)
    options.add_data(parser, family)
    options.add_output(parser)
    options.add_fold(parser, several=True)
    options.add_training(parser)
    family.plan_options(parser)
    run(parser, story, before=lambda args: training_job(args, family))


def test_it_trains_plans_predicts_and_is_examined(family, table, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "run"
    words = ["--data", table, "--output", folder, "--steps", 20, "--precision", "float32"]
    code, said = call(monkeypatch, capsys, lambda: train(family), *words)
    assert code == 0, said
    assert "The error is" in said
    assert read_json(folder / "run.json")["task"] == "pixel"
    assert read_json(folder / "plan.json")["scale"] == 255
    assert {"case", "prediction"} <= {*read_csv(folder / "scores.csv")[0]}
    assert (folder / "report.html").read_text()
    assert not (folder / "cache").exists()

    code, said = call(monkeypatch, capsys, lambda: train(family), *words, "--resume")
    assert code == 0, said
    assert "The run is finished" in said

    shown = ["predict", "--run", folder, "--data", table.parent, "--output", tmp_path / "new"]
    code, said = call(monkeypatch, capsys, main, *shown)
    assert code == 0, said
    rows = read_csv(tmp_path / "new" / "brightness.csv")
    assert len(rows) == 20
    assert float(rows[-1]["prediction"]) > float(rows[0]["prediction"])

    words[3] = folds = tmp_path / "folds"
    code, said = call(monkeypatch, capsys, lambda: train(family), *words, "--folds", 2)
    assert code == 0, said
    assert read_json(folds / "metrics.json")["cases"] == 20

    code, said = call(monkeypatch, capsys, main, "plan", "--task", "pixel", "--data", table)
    assert code == 0, said
    assert "scale" in said
    code, said = call(monkeypatch, capsys, main, "doctor", "--task", "pixel", "--data", table)
    assert code == 0, said
    assert "20 cases" in said


def test_what_it_leaves_out_is_not_offered(family):
    assert not register.offers("pixel", "compare")
    assert register.offers("segmentation", "compare")
    assert "pixel" not in register.families("evaluate_files")


def test_an_earlier_run_stays_until_all_is_prepared(family, table, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "run"
    words = ["--data", table, "--output", folder, "--steps", 2, "--precision", "float32"]
    assert call(monkeypatch, capsys, lambda: train(family), *words)[0] == 0
    before = contents(folder)
    prepare, folders = family.prepare, []

    def full(self, cases, plan, cache):
        prepare(self, cases, plan, cache)
        folders.append(cache)
        raise Problem("There is no room.", cache, "Free some space.")

    with monkeypatch.context() as patched:
        patched.setattr(family, "prepare", full)
        code, said = call(patched, capsys, lambda: train(family), *words, "--overwrite")
    assert code == 2
    assert "no room" in said
    assert contents(folder) == before
    assert folders[0].parent == folder
    code, said = call(monkeypatch, capsys, lambda: train(family), *words, "--overwrite")
    assert code == 0, said
    assert "Left alone" not in said
    assert contents(folder).keys() == before.keys()
