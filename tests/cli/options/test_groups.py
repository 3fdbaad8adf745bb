"""Options that apps share."""

import runpy

import pytest

from keras_mia.cli import main
from keras_mia.cli.options import groups as options
from keras_mia.tasks.segmentation.task import Segmentation


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
