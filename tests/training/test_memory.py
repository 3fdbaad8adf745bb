"""What a training would take, and what is proposed where it is too much."""

import re

import keras
import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.models import unet
from keras_mia.training import memory
from keras_mia.training.memory import check_evaluation, evaluation_bytes

GIB = 2**30


def network(patch, filters=8):
    return unet((*patch, 1), 2, filters=filters, depth=2)


@pytest.mark.parametrize("patch", [(64, 64, 64), (512, 512)])
def test_what_is_proposed_fits(monkeypatch, patch):
    there = memory.needed_bytes(network(patch), 1) - 2**26
    monkeypatch.setattr(memory, "memory_bytes", lambda: there)
    with pytest.raises(Problem, match=r"--batch-size 1 --patch") as raised:
        memory.check_training(network(patch), 4, patch, (4,) * len(patch))
    sizes = re.search(r"--patch ([\d ]+),", raised.value.remedy)[1]
    smaller = tuple(map(int, sizes.split()))
    assert all(size % 4 == 0 and size > 4 for size in smaller)
    memory.check_training(network(smaller), 1, smaller, (4,) * len(patch))


def test_a_smaller_batch_is_enough(monkeypatch):
    patch = (64, 64, 64)
    there = memory.needed_bytes(network(patch), 2) + 2**10
    monkeypatch.setattr(memory, "memory_bytes", lambda: there)
    memory.check_training(network(patch), 2, patch, (4, 4, 4))
    with pytest.raises(Problem, match=r"Take --batch-size 2\."):
        memory.check_training(network(patch), 4, patch, (4, 4, 4))


def test_more_of_everything_takes_more():
    sizes = [
        memory.needed_bytes(network((32, 32)), 1),
        memory.needed_bytes(network((32, 32)), 8),
        memory.needed_bytes(network((64, 64)), 8),
        memory.needed_bytes(network((64, 64), filters=32), 8),
    ]
    assert sizes == sorted(set(sizes))
    assert sizes[0] < 2 * GIB


def test_what_judging_takes_is_known_before_training(monkeypatch, capsys):
    """104 classes of a large CT asked for 41 GiB after hours of training."""
    needed = evaluation_bytes((400, 512, 512), (512, 512, 400), (64, 64, 64), 104, 1)
    assert 8 < needed / 2**30 < 20
    monkeypatch.setattr(memory, "memory_bytes", lambda: 64 * 2**30)
    check_evaluation(needed, "case")
    assert "will take about" in capsys.readouterr().out
    check_evaluation(evaluation_bytes((8, 64, 64), (64, 64, 8), (64, 64), 3, 1), "slices")
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(memory, "memory_bytes", lambda: 8 * 2**30)
    with pytest.raises(Problem, match="Evaluating would take about"):
        check_evaluation(needed, "case")


def test_weights_that_memory_does_not_hold_are_refused_while_the_network_is_built(monkeypatch):
    keras.utils.set_random_seed(0)
    expected = network((32, 32))
    needed = memory.PROGRAM + memory.WEIGHTS * 4 * expected.count_params()
    monkeypatch.setattr(memory, "memory_bytes", lambda: needed + 1)
    keras.utils.set_random_seed(0)
    with memory.weights_within_memory("a plan", "fewer --filters"):
        model = network((32, 32))
    for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    monkeypatch.setattr(memory, "memory_bytes", lambda: needed - 1)
    with (
        pytest.raises(Problem, match="weights of the network alone") as raised,
        memory.weights_within_memory("a plan", "fewer --filters"),
    ):
        network((32, 32))
    assert raised.value.remedy == "Take a smaller network: fewer --filters."
    with pytest.raises(KeyError), memory.weights_within_memory("a plan", "fewer --filters"):
        raise KeyError
