"""Training within a budget: steps, validation, the best model, and going on after a stop."""

import contextlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.training.distributed.devices import from_chief, together
from keras_mia.training.fitting import checkpoint
from keras_mia.training.fitting.budget import Budget
from keras_mia.training.fitting.checkpoint import State
from keras_mia.training.fitting.loop import Loop
from keras_mia.training.fitting.schedule import WARM_UP, learning_rate
from keras_mia.training.fitting.selection import Criterion, Validation, smooth
from keras_mia.training.runs.folder import LOGS
from keras_mia.training.runs.run import Run

FEWEST = 100
"""Steps that are made however little time there is: fewer teach nothing."""
VALIDATION_SHARE = 0.1
PRUDENCE = 0.95
"""Of the time left at the turn, after which nothing is found anew, as much is used."""
JUDGING_SHARE = 0.5
"""Of the minutes, at most as much is kept back for judging."""
QUICK = 0.05
"""A validation of less than this share of the minutes is timed again, once it is compiled."""


@together()
def fit(
    model: keras.Model,
    batches: Callable,
    run: Run,
    *,
    batch_size: int,
    budget: Budget,
    validate: Validation,
    peak_rate: float = 1e-3,
    schedule: str = "polynomial",
    patience: int | None = None,
    tensorboard: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> State:
    """Trains `model`, keeping the best one, by its smoothed validation score, as `best.keras`.

    Args:
        model: compiled within its strategy.
        batches: a function of `(start, worker, workers)` to a dataset, as `Loop` takes it.
        batch_size: examples in a batch of all replicas together.
        budget: how long.
        validate: scores the model, and says which score chooses the best one.
        peak_rate: the highest learning rate.
        schedule: as `learning_rate` takes it.
        patience: stop after so many validations without a better score.
        tensorboard: whether to write logs for TensorBoard into the run's folder.
        callbacks: Keras callbacks; their epoch logs hold the losses and `validation_*`.

    Returns:
        Where the run stands at its end.

    Raises:
        Problem: the loss is not a number any more, or a package is missing, or a run that goes on
            is to have another number of steps.
    """
    _check_installed(tensorboard)
    file = run.folder / "checkpoint" / "last.npz"
    state = _begun(file, model, run, budget)
    _announce(run, validate)
    loop = Loop(model, batches, batch_size, start=state.step)
    trainer = _Trainer(model, loop, state, peak_rate, schedule)
    if not state.total:
        trainer.resolve(budget, validate if run.writes else None)
        run.record(**_length(state))

    if tensorboard and run.writes:
        run.list_logs()
        callbacks = [*callbacks, keras.callbacks.TensorBoard(run.folder / LOGS)]
    calls = keras.callbacks.CallbackList(
        list(callbacks), model=model, epochs=math.ceil(state.total / budget.epoch_steps)
    )
    model.stop_training = False
    calls.on_train_begin()
    bar = progress(None, "training", total=state.total, done=state.step)
    with contextlib.closing(bar):  # a stop is told below the bar
        for epoch, last, scored in epochs(state, budget.epoch_steps):
            calls.on_epoch_begin(epoch)
            row = {"epoch": epoch, **trainer.steps(last, bar)}
            if scored:
                scores, score = _validated(model, run, state, validate, epoch)
                row |= {f"validation_{name}": value for name, value in scores.items()}
                bar.set_postfix_str(f"loss {row['loss']:.3f}, validation {score:.3f}")
            state.seconds = row["seconds"] = round(trainer.clock(), 2)
            state.history.append(row)
            if last == state.turn and not budget.known_steps():
                trainer.resolve_again(budget)
                run.record(**_length(state))
                bar.total = state.total
            run.save_history(state.history)
            if run.writes:
                checkpoint.save(file, model, state)
            calls.on_epoch_end(epoch, row)
            if patience and scored and _validations_in_vain(state) >= patience:
                break
            if model.stop_training:
                break
    calls.on_train_end()
    run.record(
        **_length(state),
        steps_done=state.step,
        waiting_share=round(state.waited / max(state.seconds, 1e-9), 4),
    )
    return state


def _check_installed(tensorboard: bool) -> None:
    if tensorboard and find_spec("tensorboard") is None:
        raise Problem(
            "Logs for TensorBoard need the package tensorboard, which is not installed.",
            "--tensorboard",
            "pip install tensorboard, or leave it out.",
        )


def _begun(file: Path, model: keras.Model, run: Run, budget: Budget) -> State:
    """Where the run stands at its beginning: at that of training, or where its checkpoint was."""
    state = checkpoint.restore(file, model) if run.resumed and file.exists() else State()
    if int(from_chief(state.step)) != state.step:
        raise Problem(
            "This worker does not find the checkpoint that the chief goes on from.",
            file,
            "Give an --output on a file system that all machines share.",
        )
    known = budget.known_steps()
    if state.total and known and known != state.total:
        raise Problem(
            f"The run has {state.total} steps, it is to go on with {known}: the learning rate so"
            " far follows from the first number.",
            file,
            f"Go on with --steps {_halves(state)}, or begin another run in a new --output.",
        )
    return state


def _validated(
    model: keras.Model, run: Run, state: State, validate: Validation, epoch: int
) -> tuple[Mapping[str, float], float]:
    """The scores of an epoch's network, and the one that chooses; the best one so far is kept."""
    # A loss is that before its step, which may have been the one that went astray.
    if not all(np.isfinite(np.asarray(variable)).all() for variable in model.variables):
        raise _diverged("A weight is no number", state)
    criterion = validate.criterion
    scores = validate(model) if run.writes else {criterion.score: math.nan}
    score = from_chief(scores[criterion.score])
    if _is_best(state, criterion, epoch, score):
        run.save_model(model)
    return scores, score


def epochs(state: State, epoch_steps: int):
    """`(number, last step, whether to validate)` of each epoch still to come, counted from 1.

    The first half is laid out as if the second were as long, since that is found at its end.
    """
    last = state.step
    while last < state.total:
        total = 2 * state.turn if last < state.turn else state.total
        count, epoch = math.ceil(total / epoch_steps), last // epoch_steps + 1
        every = math.ceil(count / max(1, state.validations))
        last = min(epoch * epoch_steps, total)
        yield epoch, last, (count - epoch) % every == 0


def _announce(run: Run, validate: Validation) -> None:
    """Says by what the best network is chosen, where it is not the usual; the run keeps it."""
    run.record(chosen_by=validate.criterion.score)
    if validate.note:
        print(f"  Warning: {validate.note}")
        run.record(warnings=[*dict.fromkeys([*run.facts.get("warnings", []), validate.note])])


def _length(state: State) -> dict[str, object]:
    """What run.json says of the number of steps; `schedule` is what `--steps` takes."""
    return {
        "steps": state.total,
        "schedule": _halves(state),
        "validations": state.validations,
        "reserved_seconds": round(state.reserved, 1),
    }


def _halves(state: State) -> str:
    return f"{state.turn}+{state.total - state.turn}" if state.turn else str(state.total)


def _is_best(state: State, criterion: Criterion, epoch: int, score: float) -> bool:
    """Whether the network is the best one so far, which the state then says. Of networks that no
    score tells apart it is the last one: it has learnt longest."""
    state.smoothed = smooth(state.smoothed, score)
    value = math.nan if math.isnan(score) else state.smoothed
    if criterion.better(state.best, value):
        return False
    if criterion.better(value, state.best):
        state.improved_epoch = epoch
    state.best, state.best_epoch = value, epoch
    return True


def _validations_in_vain(state: State) -> int:
    return sum(
        row["epoch"] > state.improved_epoch and any(name.startswith("validation_") for name in row)
        for row in state.history
    )


class _Trainer:
    """The loop with its learning rate and its clock."""

    def __init__(self, model, loop: Loop, state: State, peak_rate: float, schedule: str):
        self.model, self.loop, self.state = model, loop, state
        self.peak_rate, self.schedule = peak_rate, schedule
        self.begun = time.perf_counter() - state.seconds
        self.waited_before, self.rate = state.waited, 0.0

    def clock(self) -> float:
        return time.perf_counter() - self.begun

    def step(self):
        state = self.state
        total, turn = state.total or None, state.turn
        self.rate = learning_rate(state.step, total, self.peak_rate, self.schedule, turn)
        self.model.optimizer.learning_rate.assign(self.rate)
        logs = self.loop.step()
        self.state.step += 1
        return logs

    def resolve(self, budget: Budget, validate) -> None:
        """Finds out how many steps the run has; takes the first ones to time them.

        Of several workers the chief decides; the others have no `validate`.
        """
        state, known = self.state, budget.known_steps()
        if known:
            state.total, state.turn = known, budget.turn()
            state.validations = budget.validations or math.ceil(known / budget.epoch_steps)
            return
        validation, state.reserved = self._validation_and_judging(budget, validate)
        times = []
        for _ in range(WARM_UP):
            begun = time.perf_counter()
            float(self.step()["loss"])
            times.append(time.perf_counter() - begun)
        steady = times[WARM_UP // 2 :]  # the first ones compile, and fill the queue of batches
        seconds = sum(steady) / len(steady)
        left = max(1.0, budget.minutes * 60 - state.reserved - self.clock())
        affordable = max(2, int(VALIDATION_SHARE * left / validation))
        steps = max(1.0, left - min(affordable * validation, VALIDATION_SHARE * left)) / seconds
        steps = WARM_UP + int(steps)
        if steps < FEWEST:
            print(
                f"  The time allows {steps} steps; {FEWEST} are made at least, which takes about"
                f" {FEWEST * seconds / 60:.1f} minutes."
            )
        state.total = int(from_chief(max(FEWEST, steps)))
        if state.total > 2 * budget.epoch_steps:
            state.turn = budget.epoch_steps * round(state.total / 2 / budget.epoch_steps)
            state.total = 2 * state.turn
        count = math.ceil(state.total / budget.epoch_steps)
        state.validations = int(from_chief(budget.validations or min(affordable, count)))

    def _validation_and_judging(self, budget: Budget, validate) -> tuple[float, float]:
        """Seconds that a validation takes, and those of the minutes kept back for judging."""
        if not validate:
            return 1e-3, 0.0
        times: list[float] = []
        while len(times) < 2 and sum(times) < QUICK * budget.minutes * 60:
            begun = time.perf_counter()
            validate(self.model)
            times.append(max(1e-3, time.perf_counter() - begun))
        compiling = times[0] - times[-1]
        judging = budget.judging * times[-1] + compiling if budget.judging else 0.0
        most = JUDGING_SHARE * budget.minutes * 60
        if judging > most:
            print(
                f"  Judging will take about {judging / 60:.1f} minutes. Half of the"
                f" {budget.minutes:g} minutes are kept back for it, the rest goes beyond them."
            )
        return times[-1], min(judging, most)

    def resolve_again(self, budget: Budget) -> None:
        """At the turn: how many steps the second half has, by the pace of the first."""
        state, now = self.state, self.clock()
        left = budget.minutes * 60 - state.reserved - now
        affordable = PRUDENCE * left / (now / state.step)
        second = min(max(affordable, state.turn / 4), 2 * state.turn)
        state.total = max(FEWEST, state.turn + int(from_chief(max(1, int(second)))))

    def steps(self, last: int, bar) -> dict[str, float]:
        """Trains up to step `last`; the mean logs since the last call, and the rate."""
        while self.state.step < last:
            logs = self.step()
            bar.update(self.state.step - bar.n)
            if self.state.step % 10 == 0 or self.state.step == last:
                self._check(float(logs["loss"]))
        self.state.waited = self.waited_before + self.loop.waited
        row = {name: round(float(value), 6) for name, value in logs.items()}
        self.loop.reset_metrics()
        return {"step": last, "seconds": self.clock(), **row, "learning_rate": self.rate}

    def _check(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise _diverged(f"The loss is {loss}", self.state)


def _diverged(what: str, state: State) -> Problem:
    return Problem(
        f"{what} after step {state.step}: training diverged.",
        "the last good model, if there was one, is in best.keras",
        "Lower --learning-rate, or take --precision float32.",
    )
