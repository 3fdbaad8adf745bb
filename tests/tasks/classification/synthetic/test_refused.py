"""Runs that no samples can be taken from, and samples that do not fit."""

import argparse
import shutil

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_json, write_json
from keras_mia.core.problem import Problem
from keras_mia.tasks.classification.pretrained import Finetuning
from keras_mia.tasks.classification.synthetic.choice import SyntheticChoice
from keras_mia.tasks.classification.synthetic.generator_run import GeneratorRun
from keras_mia.tasks.classification.task import Classification
from tests.tasks.classification.synthetic.conftest import (
    split_of,
    write_generator,
    write_pictures,
)


def configured(**options):
    return Classification.configured(argparse.Namespace(**options))


def test_options_without_a_run():
    with pytest.raises(Problem, match="No run is named"):
        configured(synthetic_count=3)
    with pytest.raises(Problem, match="No run is named"):
        configured(synthetic_only=True)


def test_the_options_are_read(generator):
    choice = configured(synthetic=generator, synthetic_count=3, synthetic_only=True, seed=7)
    found = choice.synthetic
    assert (found.count, found.alone, found.seed) == (3, True, 7)
    assert choice.files == [generator]


def test_finetune_has_them_too(generator):
    parser = argparse.ArgumentParser()
    Finetuning.plan_options(parser)
    args = parser.parse_args(["--synthetic", str(generator), "--network", "MobileNetV2"])
    assert Finetuning.configured(args).synthetic.run.classes == ("ill", "well")


def test_a_run_that_is_gone(tmp_path):
    with pytest.raises(Problem, match="no such run of a generator"):
        configured(synthetic=tmp_path / "gone")


def test_a_run_of_another_task(generator, tmp_path):
    run = shutil.copytree(generator, tmp_path / "run")
    facts = read_json(run / "run.json")
    write_json(run / "run.json", facts | {"task": "segmentation"})
    with pytest.raises(Problem, match="samples no images"):
        configured(synthetic=run)


@pytest.mark.parametrize("name", ["best.keras", "report.html"])
def test_a_run_that_is_not_finished(generator, tmp_path, name):
    run = shutil.copytree(generator, tmp_path / "run")
    (run / name).unlink()
    with pytest.raises(Problem, match="not finished"):
        configured(synthetic=run)


def test_a_network_that_takes_no_classes(pictures, tmp_path):
    run = write_generator(pictures, tmp_path / "run", network="dcgan")
    with pytest.raises(Problem, match="takes no classes"):
        configured(synthetic=run)


def test_other_classes(generator, tmp_path):
    data = write_pictures(tmp_path / "data", classes=("ill", "odd"), channels=(3,))
    task = Classification(synthetic=SyntheticChoice(GeneratorRun.read(generator)))
    with pytest.raises(Problem) as caught:
        task.plan(split_of(task, data))
    assert "only the data have odd, and only the generator has well" in caught.value.what


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channels": (3,)}, "other channels than the images: 1 channel, not 3 channels"),
        ({"dtype": np.float32}, "other values than the images: bytes"),
    ],
)
def test_other_images(generator, tmp_path, changes, message):
    data = write_pictures(tmp_path / "data", **changes)
    task = Classification(synthetic=SyntheticChoice(GeneratorRun.read(generator)))
    cases = split_of(Classification(), data)
    with pytest.raises(Problem, match=message):
        task.plan(cases)


def test_targets_that_are_no_classes(generator, pictures, tmp_path):
    rows = [f"{path},{number / 7}" for number, path in enumerate(sorted(pictures.rglob("*.png")))]
    table = tmp_path / "numbers.csv"
    table.write_text("\n".join(["image,label", *rows]))
    task = Classification(synthetic=SyntheticChoice(GeneratorRun.read(generator)))
    with pytest.raises(Problem, match="Samples have one class each"):
        task.plan(split_of(Classification(), table))


def test_fewer_samples_alone_than_classes(generator, pictures):
    choice = SyntheticChoice(GeneratorRun.read(generator), count=1, alone=True)
    task = Classification(synthetic=choice)
    with pytest.raises(Problem, match="1 of 2 classes"):
        task.plan(split_of(task, pictures))
