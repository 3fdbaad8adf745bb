"""The toy family of `pixel_task`, data for it, and a command line in this very process."""

import argparse
import sys

import numpy as np
import PIL.Image
import pytest

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options
from keras_mia.core.files.text_files import write_csv
from keras_mia.tasks import register


@pytest.fixture
def family(monkeypatch):
    monkeypatch.setitem(register.REGISTER, "pixel", "tests.cli.pixel_task:Pixel")
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
