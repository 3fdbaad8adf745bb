import runpy
import subprocess
import sys
import time

import numpy as np
import pytest

from keras_mia.cli import main
from keras_mia.cli.options import groups as options
from keras_mia.data.io.image_io import write_image
from keras_mia.tasks.segmentation.task import Segmentation


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "keras_mia.cli.main", *arguments], capture_output=True, text=True
    )


def test_help_names_every_app():
    done = command("--help")
    assert done.returncode == 0
    for name, file in main.apps().items():
        assert f"  {name:<10}{main.summary(file)}" in done.stdout
    assert "segment" in main.apps()


@pytest.mark.parametrize("name", sorted(main.apps()))
def test_the_help_of_an_app_needs_no_tensorflow(name):
    code = (
        f"import sys, runpy; sys.argv = ['keras-mia', {name!r}, '--help']\n"
        "from keras_mia.cli.main import main\n"
        "try: main()\nexcept SystemExit as end: assert end.code == 0\n"
        "heavy = {'tensorflow', 'keras', 'scipy', 'sklearn', 'pandas', 'matplotlib'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"usage: keras-mia {name}" in done.stdout
    print(f"{name}: {time.perf_counter() - begun:.2f} s")


def test_an_unknown_app_is_said():
    done = command("segmnt")
    assert done.returncode == 2
    assert "there is no app 'segmnt'" in done.stderr
    assert "segment" in done.stderr


def test_what_option_values_mean():
    assert options.fold("2/5") == (2, 5)
    for wrong in ("0/5", "6/5", "1", "1/1", "a/b"):
        with pytest.raises(Exception, match="K/N"):
            options.fold(wrong)
    assert options.shard("1/1") == (1, 1)
    with pytest.raises(Exception, match="N >= 1"):
        options.shard("2/1")


def parser_of(name):
    """The parser of an app, with the options of segmentation where it has those of any task."""
    make = runpy.run_path(str(main.apps()[name]))["parser"]
    return make([Segmentation]) if name in ("doctor", "plan", "predict") else make()


@pytest.mark.parametrize("name", ["classify", "doctor", "finetune", "plan", "predict", "segment"])
def test_series_are_chosen_in_every_app_that_reads_images(name):
    parser = parser_of(name)
    words = ["--data", "x", "--series", "T2", "FLAIR"]
    words += [] if name in ("doctor", "plan") else ["--output", "y"]
    words += ["--run", "z"] if name == "predict" else []
    assert list(parser.parse_args(words).series) == ["T2", "FLAIR"]


@pytest.mark.parametrize("name", ["classify", "doctor", "segment"])
def test_columns_that_may_be_missing_have_no_default(name):
    args = parser_of(name).parse_args(
        ["--data", "x", *([] if name == "doctor" else ["--output", "y"])]
    )
    assert args.patient_column is None
    assert args.split_column is None
    assert args.label_column is None
    assert args.image_column == "image"


def test_a_reader_that_has_seen_enough_is_no_traceback(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_image(tmp_path / name / "1.png", np.zeros((4, 5), np.uint8))
    words = [sys.executable, "-m", "keras_mia.cli.main", "doctor", "--data", str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        started.stdout.close()
        said = started.stderr.read().decode()
        started.wait()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
