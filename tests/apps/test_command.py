import argparse
import runpy
import subprocess
import sys
import time

import numpy as np
import pytest

from keras_mia.cli import main
from keras_mia.cli.options import groups as options
from keras_mia.cli.options import labels as label_options
from keras_mia.core.problem import Problem
from keras_mia.data.io.formats import write_image


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
    assert label_options.label_names("0=membrane, 255=cell body") == {
        0: "membrane",
        255: "cell body",
    }
    assert label_options.label_names(None) is None
    with pytest.raises(Problem, match="VALUE=NAME"):
        label_options.label_names("membrane")
    assert label_options.label_values("1,5,52") == [1, 5, 52]
    with pytest.raises(Problem, match="label values"):
        label_options.label_values("liver")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0-127=a,120-255=b", "hold 120-127"),
        ("0-127=a,127-255=b", "hold 127"),
        ("0-127=a,129-255=b", "holds 128"),
        ("0-100=a,128-255=b", "holds 101-127"),
        ("127-0=a,128-255=b", "backwards"),
        ("0-=a", "LOW-HIGH"),
    ],
)
def test_ranges_of_labels_neither_overlap_nor_leave_gaps(text, said):
    with pytest.raises(Problem, match=said):
        label_options.label_names(text)


def test_ranges_of_labels():
    def given(**options):
        usual = {"labels": None, "classes": None, "instances": None}
        return argparse.Namespace(**(usual | options))

    text = " 0-127 = background, 128-255=polyp "
    assert label_options.label_names(text) == {0: "background", 255: "polyp"}
    assert label_options.label_ranges(given(labels=text)) == ((0, 127, 0), (128, 255, 255))
    assert label_options.label_names("-5--1=air,0-9=tissue") == {-5: "air", 9: "tissue"}
    assert label_options.label_ranges(given(labels="0=a,1=b")) == ()
    assert label_options.label_ranges(given(instances="merge")) == ((1, 2**31 - 1, 1),)
    assert label_options.label_ranges(given(instances="classes")) == ()
    for more in ({"classes": "5"}, {"instances": "merge"}):
        with pytest.raises(Problem, match=r"Leave it out|Give one"):
            label_options.label_ranges(given(labels=text, **more))


@pytest.mark.parametrize("name", ["classify", "doctor", "finetune", "plan", "predict", "segment"])
def test_series_are_chosen_in_every_app_that_reads_images(name):
    parser = runpy.run_path(str(main.apps()[name]))["parser"]()
    words = ["--data", "x", "--series", "T2", "FLAIR"]
    words += [] if name in ("doctor", "plan") else ["--output", "y"]
    words += ["--run", "z"] if name == "predict" else []
    assert list(parser.parse_args(words).series) == ["T2", "FLAIR"]


@pytest.mark.parametrize("name", ["classify", "doctor", "segment"])
def test_columns_that_may_be_missing_have_no_default(name):
    parser = runpy.run_path(str(main.apps()[name]))["parser"]()
    args = parser.parse_args(["--data", "x", *([] if name == "doctor" else ["--output", "y"])])
    read = options.reading(args)
    assert read["patient_column"] is None
    assert read["split_column"] is None
    assert (read["image_column"], read["label_column"]) == ("image", "label")


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
