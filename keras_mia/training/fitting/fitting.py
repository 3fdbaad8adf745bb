"""Training within a budget: steps, validation, the best model, and going on after a stop."""

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import keras

from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.core.training_logs import VALIDATION, losses_in
from keras_mia.training.distributed.devices import from_chief, together
from keras_mia.training.fitting import checkpoint
from keras_mia.training.fitting.budget import Budget
from keras_mia.training.fitting.ending import ended_before, record_stop
from keras_mia.training.fitting.epochs import Epoch, epochs
from keras_mia.training.fitting.hooks import deployable
from keras_mia.training.fitting.loop import Loop
from keras_mia.training.fitting.selection import Validation, is_best
from keras_mia.training.fitting.settings import FitSettings
from keras_mia.training.fitting.state import TrainingState
from keras_mia.training.fitting.step_count import decide_second_half, decide_steps
from keras_mia.training.fitting.trainer import Trainer, peak_rates
from keras_mia.training.runs.folder import LOGS
from keras_mia.training.runs.run import Run


@together()
def fit(
    model: keras.Model,
    batches: Callable,
    run: Run,
    settings: FitSettings,
    *,
    validate: Validation,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> TrainingState:
    """Trains `model`, keeping the best one, by its smoothed validation score, as `best.keras`.

    Args:
        model: compiled within its strategy. With a `train_step` of its own it may say what of it is
            scored and saved, see `deployable`, and what a checkpoint holds, see `trainable_state`.
        batches: a function of `(start, worker, workers)` to a dataset, as `Loop` takes it.
        run: whose folder the best network, the history and the checkpoint go to; one that is
            resumed goes on.
        settings: batch size, budget, learning rate.
        validate: scores the network, and says which score chooses the best one.
        callbacks: Keras callbacks; their epoch logs hold the losses and `validation_*`.

    Returns:
        Where the run stands at its end.

    Raises:
        Problem: the loss is not a number any more, or a package is missing, or a run that goes on
            is to have another number of steps.
    """
    check_installed(settings)
    file = run.folder / "checkpoint" / "last.npz"
    goes_on = run.resumed and file.exists()
    peaks = peak_rates(model, settings.peak_rate)  # as it was compiled, not as it was stopped
    state = checkpoint.restore(file, model) if goes_on else TrainingState()
    check_continued(state, settings.budget, file)
    record_criterion(run, validate)
    loop = Loop(model, batches, settings.batch_size, start=state.step)
    trainer = Trainer(loop, model, state, peaks, settings.schedule)
    if not state.total:
        decide_steps(
            state,
            settings.budget,
            step=trainer.timed_step,
            validate=(lambda: validate(deployable(model))) if run.writes else None,
            clock=trainer.clock,
        )
        run.record(**state.length())
    calls = callback_list(model, run, state, settings, callbacks)
    fitted = _Fit(run, state, settings, validate, trainer, calls, file)
    if ended := ended_before(run) if goes_on else "":
        print(f"  The training ended itself at step {state.step} of {state.total}: {ended}")
    model.stop_training = bool(ended)
    calls.on_train_begin()
    fitted.train()
    calls.on_train_end()
    run.record(
        **state.length(),
        steps_done=state.step,
        waiting_share=round(state.waited / max(state.seconds, 1e-9), 4),
    )
    return state


@dataclass
class _Fit:
    """What the epochs of a run need."""

    run: Run
    state: TrainingState
    settings: FitSettings
    validate: Validation
    trainer: Trainer
    callbacks: keras.callbacks.CallbackList
    file: Path

    def train(self) -> None:
        """All epochs still to come, or until patience or a callback ends them."""
        state = self.state
        bar = progress(None, "training", total=state.total, done=state.step)
        with contextlib.closing(bar):  # the message of a stop comes below the bar
            for epoch in epochs(state, self.settings.budget.epoch_steps):
                if self._is_stopped():
                    break
                self.callbacks.on_epoch_begin(epoch.number)
                row = self._epoch(epoch, bar)
                self.callbacks.on_epoch_end(epoch.number, row)
            if self._is_stopped() and state.history and not state.best_epoch:
                state.history[-1] |= self._scores(state.history[-1], bar)
                self._save()

    def _is_stopped(self) -> bool:
        """Whether patience is at its end, or a callback ends the training: that of the chief."""
        if from_chief(float(self.trainer.model.stop_training)):
            record_stop(self.run)
            return True
        patience = self.settings.patience
        return bool(patience and self.state.validations_without_improvement() >= patience)

    def _epoch(self, epoch: Epoch, bar) -> dict:
        """Trains for an epoch, scores it, and writes down where the run stands; its row."""
        state, trainer, budget = self.state, self.trainer, self.settings.budget
        row = {"epoch": epoch.number, **trainer.steps(epoch.last, bar)}
        if epoch.is_validated:
            row |= self._scores(row, bar)
        state.seconds = row["seconds"] = round(trainer.clock(), 2)
        state.history.append(row)
        if epoch.last == state.first_half and not budget.fixed_steps():
            decide_second_half(state, budget, trainer.clock())
            self.run.record(**state.length())
            bar.total = state.total
        self._save()
        return row

    def _save(self) -> None:
        self.run.save_history(self.state.history)
        if self.run.writes:
            checkpoint.save(self.file, self.trainer.model, self.state)

    def _scores(self, row: dict, bar) -> dict[str, float]:
        """The validation scores of the network after the epoch of a row; it is kept where it is the
        best one so far."""
        self.trainer.check_weights()
        network, criterion = deployable(self.trainer.model), self.validate.criterion
        scores = self.validate(network) if self.run.writes else {criterion.score: math.nan}
        score = from_chief(scores[criterion.score])
        if is_best(self.state, criterion, row["epoch"], score):
            self.run.save_model(network)
        losses = [f"{name.replace('_', ' ')} {row[name]:.3f}" for name in losses_in(row)]
        bar.set_postfix_str(", ".join([*losses, f"validation {score:.3f}"]))
        return {f"{VALIDATION}{name}": value for name, value in scores.items()}


def check_installed(settings: FitSettings) -> None:
    """Raises a Problem where what the settings need is not installed."""
    if settings.tensorboard and find_spec("tensorboard") is None:
        raise Problem(
            "Logs for TensorBoard need the package tensorboard, which is not installed.",
            "--tensorboard",
            "pip install tensorboard, or leave it out.",
        )


def check_continued(state: TrainingState, budget: Budget, file: Path) -> None:
    """Sees to it that all workers go on from the same step, with the schedule of the run.

    Args:
        state: where the run stands.
        budget: that it is to go on with.
        file: of its checkpoint.

    Raises:
        Problem: a worker has another checkpoint, or another number of steps is given.
    """
    if int(from_chief(state.step)) != state.step:
        raise Problem(
            "This worker does not find the checkpoint that the chief goes on from.",
            file,
            "Give an --output on a file system that all machines share.",
        )
    fixed = budget.fixed_steps()
    if state.total and fixed and fixed != state.total:
        raise Problem(
            f"The run has {state.total} steps, it is to go on with {fixed}: the learning rate so"
            " far follows from the first number.",
            file,
            f"Go on with --steps {state.schedule}, or begin another run in a new --output.",
        )


def record_criterion(run: Run, validate: Validation) -> None:
    """Says by what the best network is chosen, where it is not the usual; the run keeps it."""
    run.record(chosen_by=validate.criterion.score)
    if validate.note:
        run.warn(validate.note)


def callback_list(
    model: keras.Model,
    run: Run,
    state: TrainingState,
    settings: FitSettings,
    callbacks: Sequence[keras.callbacks.Callback],
) -> keras.callbacks.CallbackList:
    """The callbacks of a run, with that of TensorBoard where the settings ask for it."""
    listed = list(callbacks)
    if settings.tensorboard and run.writes:
        run.list_logs()
        listed.append(keras.callbacks.TensorBoard(run.folder / LOGS))
    count = math.ceil(state.total / settings.budget.epoch_steps)
    return keras.callbacks.CallbackList(listed, model=model, epochs=count)
