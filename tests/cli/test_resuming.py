"""A run goes on with the options that it was begun with, or says which one is another."""

import argparse
import shlex
from pathlib import Path

import pytest

from keras_mia.cli.options import groups as options
from keras_mia.cli.resuming import check_options, kept_options
from keras_mia.core.problem import Problem
from keras_mia.tasks.segmentation.task import Segmentation
from keras_mia.training.runs.repeat import going_on

START = "--data D --output R --steps 250"


def parsed(words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.add_data(parser, Segmentation)
    options.add_output(parser)
    options.add_fold(parser, several=True)
    options.add_training(parser)
    Segmentation.plan_options(parser)
    return parser.parse_args(shlex.split(words))


def resume(began: str, now: str) -> None:
    facts = {"options": kept_options(parsed(began)), "command": f"keras-mia segment {began}"}
    check_options(facts, parsed(now), Path("R"))


@pytest.mark.parametrize(
    ("now", "before", "then"),
    [
        (START.replace("250", "300"), "--steps 250", "--steps 300"),
        ("--data D --output R", "--steps 250", "--steps (not given)"),
        (START.replace("250", "125+125"), "--steps 250", "--steps 125+125"),
        ("--data D --output R --minutes 9", "--minutes 10.0", "--minutes 9.0"),
        ("--data D --output R --epochs 3", "--epochs (not given)", "--epochs 3"),
        (f"{START} --validations 9", "--validations (not given)", "--validations 9"),
        (f"{START} --seed 1", "--seed 0", "--seed 1"),
        (f"{START} --learning-rate 0.1", "--learning-rate (not given)", "--learning-rate 0.1"),
        (f"{START} --patch 32 32", "--patch (not given)", "--patch 32 32"),
        (f"{START} --classes 1", "--classes (not given)", "--classes 1"),
        (f"{START} --fold 2/5", "--fold 1/5", "--fold 2/5"),
    ],
)
def test_another_value_is_refused_by_its_name(now, before, then):
    with pytest.raises(Problem) as found:
        resume(START, f"{now} --resume")
    first, _, second = found.value.what.partition("; now")
    assert before in first
    assert then in second
    assert f"keras-mia segment {START} --resume" in found.value.remedy


@pytest.mark.parametrize(
    ("began", "now"),
    [
        (START, START),
        (START, "--steps=250 --output elsewhere/R --data D"),
        (START, f"{START} --cache C --tensorboard --devices cpu"),
        (START, f"{START} --seed 0 --fold 1/5"),
        (f"{START} --overwrite", START),
    ],
)
def test_the_same_options_in_other_words_go_on(began, now):
    resume(began, f"{now} --resume")
    with pytest.raises(Problem, match="--seed 0; now it is --seed 9"):
        resume(began, f"{now} --resume --seed 9")


def test_the_command_that_goes_on_can_be_pasted():
    given = ["--data", "my scans", "--output", "R", "--overwrite", "--patient", r"p\d+"]
    command = going_on([*given, "--resume"], "keras-mia segment")
    assert command == r"keras-mia segment --data 'my scans' --output R --patient 'p\d+' --resume"
    assert shlex.split(command)[2:] == [*given[:4], *given[5:], "--resume"]
