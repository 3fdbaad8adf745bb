"""The task that a command line means."""

import runpy
import sys

import numpy as np
import PIL.Image
import pytest

from keras_mia.cli import main
from keras_mia.cli.task_choice import TaskParser
from keras_mia.core.files.text_files import write_json


@pytest.fixture
def chosen(monkeypatch, capsys):
    """From an app and its options to the task, or to what is said of them."""

    def choose(name, *words):
        namespace = runpy.run_path(str(main.apps()[name]))
        verb = namespace.get("VERB", "predictor" if name == "predict" else "")
        monkeypatch.setattr(sys, "argv", [f"keras-mia {name}", *map(str, words)])
        try:
            parser = TaskParser(namespace["parser"], verb, variants=name == "plan")
            return parser.parse_args().task
        except SystemExit as end:
            said = capsys.readouterr()
            return f"{end.code} {said.out}{said.err}"

    return choose


@pytest.fixture
def classes(tmp_path):
    """Pictures in a folder a class."""
    for number in range(8):
        path = tmp_path / "set" / f"class {number % 2}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.fromarray(np.full((8, 9), 30 * number, np.uint8)).save(path)
    return tmp_path / "set"


def test_it_follows_from_what_the_data_hold(chosen, classes):
    for name in ("plan", "doctor"):
        assert chosen(name, "--data", "sample:digits") == "segmentation"
        assert chosen(name, "--data", classes) == "classification"
    assert "no such file" in chosen("plan", "--data", classes / "none")


def test_it_follows_from_options_that_one_task_has(chosen, classes):
    assert chosen("plan", "--data", classes, "--mixup", 0.2) == "classification"
    assert chosen("plan", "--data", classes, "--freeze", 3) == "finetuning"
    assert chosen("plan", "--data", classes, "--foreground-share", 0.5) == "segmentation"
    assert chosen("plan", "--data", classes, "--loss", "l1") == "translation"
    assert chosen("plan", "--data", classes, "--normalization", "set") == "classification"
    assert chosen("plan", "--data", "sample:digits", "--task", "finetuning") == "finetuning"
    assert "no --patch" in chosen("plan", "--data", classes, "--patch", 8, "--mixup", 0.2)
    assert "unrecognized" in chosen("plan", "--data", classes, "--pach", 8)
    assert "invalid choice" in chosen("plan", "--data", classes, "--normalization", "odd")


def test_it_is_that_of_the_run(chosen, tmp_path):
    for name in ("segmentation", "classification", "dreaming"):
        write_json(tmp_path / name / "run.json", {"format": 1, "task": name})

    def predict(*words):
        return chosen("predict", "--data", "D", "--output", "O", "--run", *words)

    assert predict(tmp_path / "classification") == "classification"
    assert predict(tmp_path / "segmentation", "--largest") == "segmentation"
    refused = predict(tmp_path / "classification", "--largest")
    assert "an option of segmentation, and none of classification" in refused
    assert "different tasks" in predict(tmp_path / "segmentation", tmp_path / "classification")
    assert "no task 'dreaming'" in predict(tmp_path / "dreaming")
    assert chosen("evaluate", "--prediction", "P", "--truth", "T") == "segmentation"


def test_help_tells_the_options_of_the_task(chosen):
    assert "--mixup" not in chosen("plan", "--help")
    assert "--mixup" in chosen("plan", "--task", "classification", "--help")
    assert "--largest" in chosen("predict", "--help")
