"""A training that ends itself: what it has learnt is kept, why is said, and it does not go on."""

import keras
import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv, read_json
from keras_mia.training import Budget, Criterion, Validation, end_training
from keras_mia.training.fitting.ending import BY_A_CALLBACK
from tests.training.fitting.test_fitting import batches, model, run_for, start

REASON = "The discriminator has died: its loss is 0."


class Ends(keras.callbacks.Callback):
    """Ends a training after an epoch; where there is no run, as a callback of Keras does."""

    def __init__(self, epoch, run=None):
        super().__init__()
        self.epoch, self.run = epoch, run

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch and self.run:
            end_training(self.run, self.model, REASON)
        elif epoch == self.epoch:
            self.model.stop_training = True


def test_it_ends_after_its_epoch_and_says_why_once(tmp_path, capsys):
    run = start(tmp_path)
    budget = Budget(steps=60, epoch_steps=10)
    state = run_for(model(), batches, run, budget, callbacks=[Ends(2, run)])
    assert (state.step, state.total) == (20, 60)
    assert f"  Warning: {REASON}\n" in capsys.readouterr().out
    facts = read_json(run.folder / "run.json")
    assert facts["warnings"] == [REASON]
    assert (facts["ended"], facts["steps"], facts["steps_done"]) == (REASON, 60, 20)
    run.warn(REASON)
    assert run.facts["warnings"] == [REASON]


@pytest.mark.parametrize("gives_reason", [True, False])
def test_resumed_it_trains_no_further_and_says_why_it_had_ended(tmp_path, capsys, gives_reason):
    run, network = start(tmp_path), model()
    budget = Budget(steps=60, epoch_steps=10)
    ends = Ends(2, run if gives_reason else None)
    run_for(network, batches, run, budget, callbacks=[ends])
    capsys.readouterr()
    resumed = model()
    state = run_for(resumed, batches, start(tmp_path, resume=True), budget)
    assert state.step == 20
    reason = REASON if gives_reason else BY_A_CALLBACK
    assert f"  The training ended itself at step 20 of 60: {reason}\n" in capsys.readouterr().out
    for one, other in zip(network.variables, resumed.variables, strict=True):
        np.testing.assert_array_equal(one, other)
    again = start(tmp_path, overwrite=True)
    assert run_for(model(), batches, again, budget).step == 60


def test_one_that_ends_before_it_was_scored_is_scored_and_kept(tmp_path):
    run = start(tmp_path)
    budget = Budget(steps=60, epoch_steps=10, validations=1)
    run_for(model(), batches, run, budget, callbacks=[Ends(2, run)])
    assert (run.folder / "best.keras").exists()
    rows = read_csv(run.folder / "history.csv")
    assert [bool(row.get("validation_score")) for row in rows] == [False, True]


def test_patience_that_is_at_its_end_trains_no_further_when_resumed(tmp_path):
    budget = Budget(steps=200, epoch_steps=10)
    same = Validation(lambda network: {"score": 0.5}, Criterion("score"))
    for resume in (False, True):
        run = start(tmp_path, resume=resume)
        state = run_for(model(), batches, run, budget, validate=same, patience=3)
        assert state.step == 40
