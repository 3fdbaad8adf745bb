"""The cases of `--data`, as a family reads them."""

from argparse import Namespace
from types import SimpleNamespace

import pytest

from keras_mia.cli.reading import read
from keras_mia.core.problem import Problem
from keras_mia.data.targets.kinds import KINDS
from tests.data.datasets.test_without_targets import fill

OPTIONS = {"patient": None, "series": (), "image_column": "image"}
OPTIONS |= {"split_column": None, "patient_column": None}


def test_a_family_may_take_targets_where_there_are_some(tmp_path):
    fill(tmp_path, "a.png", "b.png")
    args = Namespace(data=tmp_path, **OPTIONS)
    task = SimpleNamespace(targets=KINDS, reading={"targets_required": False})
    assert [case.target for case in read(args, task)] == [None, None]
    with pytest.raises(Problem, match="names do not tell"):
        read(args, task, targets=KINDS)  # of several families, whose kinds tell which is meant
