"""Which network of a run is kept as the best."""

import math

import keras
import pytest
import tensorflow as tf

from keras_mia.training import Budget, Criterion, FitSettings, Validation, fit
from keras_mia.training.fitting.selection import smooth
from keras_mia.training.runs.run import Run

NAN = math.nan


def trained(folder, scores, lower_is_better=False, note="", **options):
    """The state of a run whose validations have these scores, one an epoch."""
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.compile("sgd", loss="mse", jit_compile=False)
    left = iter(scores)

    def batches(start, worker, workers):
        return tf.data.Dataset.from_tensors((tf.ones((2, 4)), tf.ones((2, 1)))).repeat()

    run = Run.start(folder / "run", "test")
    run.accept()
    return fit(
        model,
        batches,
        run,
        FitSettings(
            2, Budget(steps=2 * len(scores), epoch_steps=2, validations=len(scores)), **options
        ),
        validate=Validation(
            lambda _: {"accuracy": 0.5, "own": next(left)}, Criterion("own", lower_is_better), note
        ),
    )


@pytest.mark.parametrize(
    ("scores", "lower", "best"),
    [
        ([0.1, 0.9, 0.2], False, 2),
        ([0.1, 0.9, 0.2], True, 1),
        ([0.9, 0.1, 0.9], True, 2),
        ([-3.0, -2.0, -9.0], False, 2),  # below what once stood for undefined
        ([3.0, 2.0, 9.0], True, 2),
        ([NAN, NAN, NAN], False, 3),  # the one that has learnt most
        ([NAN, NAN, NAN], True, 3),
        ([NAN, 0.0, NAN], False, 2),
        ([NAN, -5.0, NAN], False, 2),
        ([NAN, 5.0, 4.0], True, 3),
        ([1.0, 1.0, 1.0], False, 3),  # what cannot be told apart: the one that has learnt most
        ([0.0, 0.0, 0.0], True, 3),
        ([0.5, 0.5, 0.4], False, 2),
        ([0.3, NAN, 0.2], False, 1),
        ([0.3, NAN, 0.2], True, 3),
    ],
)
def test_the_best_is_the_best_by_its_own_direction(tmp_path, scores, lower, best):
    state = trained(tmp_path, scores, lower)
    assert state.best_epoch == best
    assert (tmp_path / "run" / "best.keras").exists()


def test_the_run_says_by_what_it_chose_and_why(tmp_path):
    trained(tmp_path, [0.5], note="No AUC is defined.")
    facts = Run(tmp_path / "run").facts
    assert facts["chosen_by"] == "own"
    assert facts["warnings"] == ["No AUC is defined."]
    assert "validation_own" in (tmp_path / "run" / "history.csv").read_text()


@pytest.mark.parametrize("scores", [[NAN, 0.5, 0.4, NAN, 0.6], [NAN] * 5])
def test_a_stopped_run_chooses_as_one_that_was_not(tmp_path, scores):
    from keras_mia.training.fitting import checkpoint

    state = trained(tmp_path, scores)
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.compile("sgd", loss="mse", jit_compile=False)
    again = checkpoint.restore(tmp_path / "run" / "checkpoint" / "last.npz", model)
    for name in ("smoothed", "best"):
        assert repr(getattr(again, name)) == repr(getattr(state, name))
    assert again.best_epoch == state.best_epoch


def test_patience_counts_from_the_best_by_its_direction(tmp_path):
    falling = [0.5, 0.4, 0.3, 0.2]
    assert trained(tmp_path / "low", falling, True, patience=2).step == 8
    assert trained(tmp_path / "high", falling, False, patience=2).step == 6


def test_what_is_undefined_changes_no_mean():
    assert smooth(0.8, NAN) == 0.8
    assert smooth(NAN, -3.0) == -3.0
    assert math.isnan(smooth(NAN, NAN))


def test_a_predictor_is_made_once_for_all_validations_of_a_network():
    made = []

    def predictor(network):
        made.append(network)
        return network

    validate = Validation(lambda one: {"own": one}, Criterion("own"), predictor=predictor)
    assert [validate(one)["own"] for one in (1.0, 1.0, 2.0, 2.0)] == [1.0, 1.0, 2.0, 2.0]
    assert made == [1.0, 2.0]
    assert validate.scores(3.0) == {"own": 3.0}
