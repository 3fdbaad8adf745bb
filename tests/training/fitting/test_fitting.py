import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.core.files.text_files import write_text
from keras_mia.core.problem import Problem
from keras_mia.training.fitting import checkpoint
from keras_mia.training.fitting.budget import Budget
from keras_mia.training.fitting.epochs import epochs
from keras_mia.training.fitting.fitting import fit
from keras_mia.training.fitting.selection import Criterion, Validation
from keras_mia.training.fitting.settings import FitSettings
from keras_mia.training.fitting.state import TrainingState
from keras_mia.training.runs.run import Run


def batches(start, worker, workers):
    def batch(index):
        key = tf.stack([tf.cast(index, tf.int32), 1])
        x = tf.random.stateless_normal((8, 4), key)
        return x, tf.reduce_sum(x, axis=1, keepdims=True)

    return tf.data.Dataset.counter(start).map(batch)


def model(rate=0.0):
    keras.utils.set_random_seed(3)
    layers = [keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.2)]
    network = keras.Sequential([*layers, keras.layers.Dense(1)])
    network = keras.Model(network.inputs, network.outputs)
    network.compile(keras.optimizers.AdamW(rate), loss="mse", jit_compile=False)
    return network


def score(network):
    return {"score": -float(tf.reduce_mean(tf.abs(network.trainable_variables[0])))}


validate = Validation(score, Criterion("score"))


def run_for(network, batches, run, budget, validate=validate, callbacks=(), **options):
    settings = FitSettings(8, budget, **{"peak_rate": 1e-2, **options})
    return fit(network, batches, run, settings, validate=validate, callbacks=callbacks)


def start(tmp_path, **options):
    run = Run.start(tmp_path / "run", "test", seed=0, **options)
    run.accept()
    return run


def test_the_loss_falls_and_the_run_says_what_it_did(tmp_path):
    run = start(tmp_path)
    state = run_for(model(), batches, run, budget=Budget(steps=60, epoch_steps=20))
    losses = [row["loss"] for row in state.history]
    assert losses[-1] < losses[0]
    assert [row["step"] for row in state.history] == [20, 40, 60]
    assert run.facts["steps"] == 60
    assert run.facts["repeat"].endswith("--seed 0 --steps 60 --validations 3")
    assert (run.folder / "best.keras").exists()
    assert (run.folder / "history.csv").read_text().count("\n") == 4


def test_a_resumed_run_ends_where_an_uninterrupted_one_does(tmp_path):
    budget = Budget(steps=60, epoch_steps=20)
    whole = model()
    run_for(whole, batches, start(tmp_path / "whole"), budget=budget)

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_for(model(), batches, start(tmp_path), budget=budget, callbacks=[Stop()])
    resumed = model()
    state = run_for(resumed, batches, start(tmp_path, resume=True), budget=budget)
    assert state.step == 60
    assert len(state.history) == 3
    for a, b in zip(whole.variables, resumed.variables, strict=True):
        np.testing.assert_array_equal(a, b)


def test_minutes_become_steps(tmp_path):
    run = start(tmp_path)
    state = run_for(model(), batches, run, budget=Budget(minutes=0.05, epoch_steps=20))
    assert state.total >= 100
    assert state.step == state.total == run.facts["steps"]


def test_the_second_half_is_cut_to_the_time_left_and_repeated_by_its_steps(tmp_path, monkeypatch):
    clock = iter(range(10**6))
    slow = {"at": 0}
    monkeypatch.setattr(
        "time.perf_counter",
        lambda: next(clock) * 0.01 + slow["at"],
    )

    class Slower(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            slow["at"] += 2.0

    run = start(tmp_path)
    budget = Budget(minutes=0.2, epoch_steps=40)
    first = model()
    state = run_for(first, batches, run, budget=budget, callbacks=[Slower()])
    assert 0 < state.total - state.first_half < state.first_half
    assert state.step == state.total
    assert run.facts["schedule"] == f"{state.first_half}+{state.total - state.first_half}"

    again = model()
    halves = state.first_half, state.total - state.first_half
    budget = Budget(steps=halves, epoch_steps=40, validations=state.validations)
    repeated = run_for(again, batches, start(tmp_path / "again"), budget=budget)
    assert repeated.best_epoch == state.best_epoch
    for a, b in zip(first.variables, again.variables, strict=True):
        np.testing.assert_array_equal(a, b)


def test_nan_stops_with_a_word(tmp_path):
    network = model()
    network.compile(keras.optimizers.SGD(1.0), loss=lambda t, y: (y - t) * math.nan)
    with pytest.raises(Problem, match="diverged"):
        run_for(network, batches, start(tmp_path), budget=Budget(steps=20))


def test_a_last_step_into_nan_is_not_validated(tmp_path):
    """Its loss is still a number: the weights are not."""
    network = model()
    network.compile(keras.optimizers.SGD(1.0), loss=lambda t, y: keras.ops.sqrt(0 * y))
    validation = Validation(lambda network: pytest.fail("validated"), Criterion("score"))
    with pytest.raises(Problem, match="weight is no number after step 1: training diverged"):
        run_for(network, batches, start(tmp_path), Budget(steps=1), validate=validation)


def test_patience(tmp_path):
    state = run_for(
        model(),
        batches,
        start(tmp_path),
        budget=Budget(steps=200, epoch_steps=10),
        validate=Validation(lambda network: {"score": 0.5}, Criterion("score")),
        patience=3,
    )
    assert state.step == 40


def test_the_last_epoch_is_always_validated():
    for total, validations in ((430, 3), (100, 10), (1000, 4), (101, 1)):
        plan = list(epochs(TrainingState(total=total, validations=validations), 100))
        assert plan[-1][1:] == (total, True)
        assert sum(scored for *_, scored in plan) <= validations


def test_a_folder_with_a_run_is_not_touched(tmp_path):
    write_text(start(tmp_path).folder / "plan.json", "{}")
    with pytest.raises(Problem, match="already holds a run"):
        start(tmp_path)
    start(tmp_path, overwrite=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("x")
    with pytest.raises(Problem, match="other files"):
        Run.start(tmp_path / "other", "test", seed=0, overwrite=True)
    assert (tmp_path / "other" / "thesis.txt").exists()
    with pytest.raises(Problem, match="no run to resume"):
        Run.start(tmp_path / "new", "test", seed=0, resume=True)


def kept_back(tmp_path, monkeypatch, evaluation: float, seconds: float = 0.5):
    """The run of a made-up clock whose validations take so many seconds."""
    at = {"now": 0.0}

    def clock():
        at["now"] += 0.01
        return at["now"]

    def slow(network):
        at["now"] += seconds
        return {"score": 0.5}

    monkeypatch.setattr("time.perf_counter", clock)
    run = start(tmp_path)
    budget = Budget(minutes=1, epoch_steps=40, evaluation=evaluation)
    validate = Validation(slow, Criterion("score"))
    run_for(model(), batches, run, budget, validate=validate)
    return run.facts, at["now"]


def test_judging_is_kept_back_of_the_minutes(tmp_path, monkeypatch):
    facts, seconds = kept_back(tmp_path, monkeypatch, evaluation=40)
    assert facts["reserved_seconds"] == pytest.approx(20, abs=1)
    assert 30 < seconds < 42
    facts, seconds = kept_back(tmp_path / "without", monkeypatch, evaluation=0)
    assert facts["reserved_seconds"] == 0
    assert 50 < seconds < 62


def test_at_most_half_of_the_minutes_is_kept_back_and_it_is_said(tmp_path, monkeypatch, capsys):
    facts, seconds = kept_back(tmp_path, monkeypatch, evaluation=600)
    assert facts["reserved_seconds"] == 30
    assert 22 < seconds < 32
    assert "Evaluating will take about 5." in capsys.readouterr().out


def test_a_resumed_run_knows_what_is_kept_back(tmp_path):
    state = TrainingState(total=100, reserved=12.5)
    network = model()
    network.optimizer.build(network.trainable_variables)
    checkpoint.save(tmp_path / "last.npz", network, state)
    assert checkpoint.restore(tmp_path / "last.npz", model()).reserved == 12.5


def test_a_run_that_goes_on_refuses_another_number_of_steps(tmp_path):
    run = start(tmp_path)
    run_for(model(), batches, run, budget=Budget(steps=40, epoch_steps=20))
    run.resumed = True
    with pytest.raises(Problem, match="has 40 steps, it is to go on with 60") as caught:
        run_for(model(), batches, run, budget=Budget(steps=60, epoch_steps=20))
    assert "--steps 40" in caught.value.remedy
    assert run_for(model(), batches, run, budget=Budget(steps=40, epoch_steps=20)).step == 40
