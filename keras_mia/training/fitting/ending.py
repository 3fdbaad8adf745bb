"""A training that ends itself before its last step, and says why."""

import keras

from keras_mia.training.runs.run import Run

BY_A_CALLBACK = "A callback ended the training."


def end_training(run: Run, model: keras.Model, reason: str) -> None:
    """Ends a training after the epoch that it is in; what it has learnt is evaluated.

    A callback calls it, with what it was handed: keep the run, and take `self.model`. The reason is
    a warning in the report, and is repeated where the run is resumed, which trains no further.

    Args:
        run: that trains.
        model: that is trained.
        reason: a sentence for the user.
    """
    run.warn(reason)
    run.record(ended=reason)
    model.stop_training = True


def record_stop(run: Run) -> None:
    """The run ended itself, and does not train on where it is resumed.

    Args:
        run: whose model has `stop_training` set; a callback of Keras gives no reason.
    """
    run.record(ended=run.facts.get("ended") or BY_A_CALLBACK)


def ended_before(run: Run) -> str:
    """Why a run that is resumed had ended itself; "": it had not, and goes on."""
    return str(run.facts.get("ended") or "")
