"""Models with a `train_step` of their own train, stop, go on and are saved as others are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.training import Budget, Criterion, FitSettings, Loop, Validation, fit
from keras_mia.training.fitting import checkpoint
from keras_mia.training.fitting.hooks import optimizers_of, trainable_state
from keras_mia.training.fitting.state import TrainingState
from keras_mia.training.fitting.trainer import peak_rates
from keras_mia.training.runs.network_file import load_network
from keras_mia.training.runs.run import Run
from tests.training.fitting import two_networks
from tests.training.fitting.two_networks import Pair, batches, trained


def arrays(model):
    return [np.array(variable) for variable in trainable_state(model)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A pair that was not stopped, and the folder of its run."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    return trained(folder, tf.distribute.get_strategy()), folder


def test_a_pair_that_was_stopped_ends_where_one_that_was_not_does(whole, tmp_path):
    strategy, (whole, folder) = tf.distribute.get_strategy(), whole
    trained(tmp_path / "stopped", strategy, stop_at=2)
    resumed = trained(tmp_path / "stopped", strategy, resume=True)
    assert int(resumed.steps) == 18
    assert float(resumed.seen) == 18 * 8
    for one, other in zip(arrays(whole), arrays(resumed), strict=True):
        np.testing.assert_array_equal(one, other)
    first, second = (load_network(one / "best.keras") for one in (folder, tmp_path / "stopped"))
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_best_is_the_average_of_lowest_error_and_needs_no_code_of_the_pair(whole):
    model, folder = whole
    history = checkpoint.read_state(folder / "checkpoint" / "last.npz").history
    assert {"g_loss", "c_loss", "validation_mae"} <= set(history[0])
    best = load_network(folder / "best.keras")
    assert type(best).__module__.startswith("keras.")
    assert best.name == "average"
    if history[-1]["validation_mae"] == min(row["validation_mae"] for row in history):
        for one, other in zip(best.get_weights(), model.average.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
    assert json.loads((folder / "run.json").read_text())["chosen_by"] == "mae"


@pytest.mark.slow
def test_a_pair_on_two_devices_goes_on_exactly(tmp_path):
    root = Path(__file__).resolve().parents[3]
    surroundings = os.environ | {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(root)}
    command = [sys.executable, two_networks.__file__, str(tmp_path)]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.splitlines()[-1] == "True 18"


def test_all_state_is_found_each_once():
    model = Pair()
    model.compile()
    assert optimizers_of(model) == model.optimizers
    variables = {id(variable) for variable in trainable_state(model)}
    assert len(variables) == len(trainable_state(model))
    for one in (*model.variables, model.steps, model.seen, model.average.variables[0]):
        assert id(one) in variables
    for optimizer in model.optimizers:
        assert {id(one) for one in optimizer.variables} <= variables
    assert any("seed" in getattr(one, "path", "") for one in trainable_state(model))


def test_a_model_may_say_itself_what_its_state_is(tmp_path):
    class Small(Pair):
        def trainable_state(self):
            return {"steps": self.steps, "critic": self.critic.variables}

    model = Small()
    model.compile()
    assert len(trainable_state(model)) == 5
    model.steps.assign(4)
    checkpoint.save(tmp_path / "last.npz", model, TrainingState(step=4))
    again = Small()
    again.compile()
    assert checkpoint.restore(tmp_path / "last.npz", again).step == 4
    assert int(again.steps) == 4


def test_rates_of_several_optimizers_stay_in_proportion():
    model = Pair()
    model.compile()
    assert [round(rate, 6) for _, rate in peak_rates(model, None)] == [0.01, 0.005]
    assert [round(rate, 6) for _, rate in peak_rates(model, 0.1)] == [0.1, 0.05]


def test_an_optimizer_without_variables_and_variables_made_on_the_way_are_told():
    class Late(Pair):
        def compile(self):
            super().compile()
            self.late = keras.optimizers.SGD(name="late")

    model = Late()
    model.compile()
    with pytest.raises(ValueError, match="optimizer late has no variables yet"):
        Loop(model, batches, 8)

    class Growing(Pair):
        def train_step(self, batch):
            if not hasattr(self, "more"):
                self.more = self.add_weight(shape=(), name="more")
            return super().train_step(batch)

    model = Growing()
    model.compile()
    with pytest.raises(ValueError, match="train_step made 1 variables"):
        Loop(model, batches, 8).step()


@pytest.mark.parametrize("structure", ["weights", "dictionary", "several"])
def test_batches_of_any_structure_train_a_plain_model(tmp_path, structure):
    inputs = {name: keras.Input((3,), name=name) for name in ("one", "other")}
    x = keras.layers.Concatenate()(list(inputs.values()))
    outputs = {name: keras.layers.Dense(1, name=name)(x) for name in ("sum", "mean")}
    if structure == "weights":
        inputs, outputs = inputs["one"], keras.layers.Dense(1)(inputs["one"])
    if structure == "several":
        outputs = outputs["sum"]
    model = keras.Model(inputs, outputs)
    model.compile("sgd", loss="mse", jit_compile=False)

    def data(start, worker, workers):
        rows, target = tf.ones((4, 3)), tf.ones((4, 1))
        batch = {
            "weights": (rows, target, tf.ones((4,))),
            "dictionary": ({"one": rows, "other": rows}, {"sum": target, "mean": target}),
            "several": ({"one": rows, "other": rows}, target),
        }[structure]
        return tf.data.Dataset.from_tensors(batch).repeat()

    run = Run.start(tmp_path / "run", "test")
    run.accept()
    settings = FitSettings(4, Budget(steps=30, epoch_steps=10), peak_rate=0.05)
    validate = Validation(lambda _: {"score": 0.0}, Criterion("score"))
    losses = [row["loss"] for row in fit(model, data, run, settings, validate=validate).history]
    assert losses[-1] < losses[0]
