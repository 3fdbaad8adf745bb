"""What is wrong with options, paths and outputs is said before TensorFlow is loaded."""

import subprocess
import sys
import time

import pytest

from keras_mia.core.files.text_files import write_json
from keras_mia.training.runs.run import Run


@pytest.fixture
def folders(tmp_path, pictures):
    """A run that is there, the folder of another thesis, classes, and a plain file."""
    run = Run.start(tmp_path / "run", "segmentation")
    run.accept()
    run.finish()
    (tmp_path / "other").mkdir()
    write_json(tmp_path / "run" / "plan.json", {})
    write_json(tmp_path / "other" / "thesis.txt", {})
    (tmp_path / "file").write_text("x")
    images = sorted((pictures / "images").iterdir())
    for name in ("well", "ill"):
        (tmp_path / "classes" / name).mkdir(parents=True)
        for image in images[:3] if name == "ill" else images[3:]:
            (tmp_path / "classes" / name / image.name).symlink_to(image)
    return tmp_path


TRAINING = ("segment", "classify", "finetune")
DATA = {"segment": "cells", "plan": "cells", "classify": "classes", "finetune": "classes"}


def words(app, *more, data=None, output="new"):
    given = [app, "--data", data or DATA[app]]
    return [*given, *(["--output", output] if app in TRAINING else []), *more]


CASES = [
    *[(words(app, data="nowhere"), "no such file or folder") for app in DATA],
    *[(words(app, output="run"), "already holds a run") for app in TRAINING],
    *[(words(app, output="other"), "holds other files") for app in TRAINING],
    *[(words(app, output="file/below"), "Cannot write here") for app in TRAINING],
    *[(words(app, "--resume"), "no run to resume") for app in TRAINING],
    *[(words(app, "--patient", "("), "regular expression is wrong") for app in DATA],
    (words("segment", "--labels", "liver"), "--labels"),
    (words("segment", "--classes", "liver"), "--classes"),
    (words("plan", "--classes", "liver"), "--classes"),
    (words("segment", "--network", "mine.py:unet"), "FILE.py:FUNCTION"),
    (words("classify", "--network", "resnet51"), "no network 'resnet51'"),
    (words("finetune", "--network", "resnet51"), "No pretrained network has this name"),
    (words("finetune", "--weights", "mine.keras"), "no such file of weights"),
    (words("classify", "--tree", "tree.csv"), "no such file of classes"),
    (words("classify", "--option", "depth"), "NAME=VALUE"),
    (words("classify", "--class-weights", "much"), "--class-weights"),
    (["predict", "--run", "nowhere", "--data", "cells", "--output", "new"], "folder of a run"),
    (["predict", "--run", "run", "--data", "cells", "--output", "new"], "network is missing"),
    (["sample", "--run", "run", "--count", "2", "--output", "new"], "samples no images"),
    (["evaluate", "--run", "nowhere"], "folder of a run"),
    (["evaluate", "--prediction", "nowhere", "--truth", "cells"], "no such folder"),
    (["doctor", "--data", "nowhere"], "no such file or folder"),
    (["describe", "--run", "nowhere"], "folder of a run"),
    (["describe", "--network", "resnet", "--picture", "a.bmp"], "A picture's name ends in"),
]


@pytest.mark.parametrize(
    ("given", "what"), CASES, ids=lambda one: " ".join(one) if isinstance(one, list) else ""
)
def test_it_is_said_before_tensorflow_is_loaded(app, folders, monkeypatch, given, what):
    def load(*_):
        raise AssertionError("TensorFlow was loaded")

    monkeypatch.setattr("keras_mia.cli.app.load_tensorflow", load)
    monkeypatch.chdir(folders)
    done = app(*given)
    assert done.code == 2
    assert what in done.err
    assert not (folders / "new").exists()


@pytest.mark.parametrize(
    "more",
    [
        ["--patch", "0"],
        ["--spacing", "-1"],
        ["--batch-size", "0"],
        ["--depth", "0"],
        ["--filters", "0"],
        ["--foreground-share", "2"],
        ["--rotation", "-3"],
        ["--flip", "3"],
        ["--folds", "two"],
    ],
)
def test_values_that_no_plan_takes_are_wrong_options(app, folders, monkeypatch, more):
    monkeypatch.chdir(folders)
    done = app(*words("segment", *more))
    assert done.code == 2
    assert f"argument {more[0]}" in done.err


@pytest.mark.parametrize(
    "more",
    [
        ["--size", "0"],
        ["--spacing", "0"],
        ["--smoothing", "1"],
        ["--mixup", "-1"],
        ["--l2", "-1"],
        ["--flip", "-1"],
        ["--batch-size", "0"],
    ],
)
def test_the_same_of_images_that_are_answered(app, folders, monkeypatch, more):
    monkeypatch.chdir(folders)
    done = app(*words("classify", *more))
    assert done.code == 2
    assert f"argument {more[0]}" in done.err


def test_a_wrong_path_takes_no_time():
    begun = time.perf_counter()
    code = (
        "import sys; sys.argv = ['keras-mia', 'segment', '--data', 'nowhere', '--output', 'new']\n"
        "from keras_mia.cli.main import main\n"
        "try: main()\nexcept SystemExit as end: assert end.code == 2\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    print(f"{time.perf_counter() - begun:.2f} s")
