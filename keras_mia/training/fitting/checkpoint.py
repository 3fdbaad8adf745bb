"""All that a training run needs to go on exactly where it stopped, in one file."""

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mia.core.files.atomic import atomic
from keras_mia.core.files.schema import typed
from keras_mia.core.problem import Problem
from keras_mia.data.io.numpy_files import TEXT, UNREADABLE, names_in, npz_header, read_npz_array


@dataclasses.dataclass
class State:
    """Where a run stands.

    Attributes:
        step: steps done.
        total: steps of the whole run; 0 until known.
        turn: the step at which half of the schedule is done; 0: half of them.
        validations: how often whole cases are to be scored.
        reserved: seconds of the budget that are kept back for judging.
        smoothed: the validation score, half of it from the validations before; NaN until defined.
        best: the best smoothed score so far, NaN until defined.
        best_epoch: the last one that had it, whose network is kept.
        improved_epoch: the first one that had it.
        seconds: spent on training and validation so far.
        waited: seconds of them spent waiting for data.
        history: a row an epoch.
    """

    step: int = 0
    total: int = 0
    turn: int = 0
    validations: int = 0
    reserved: float = 0.0
    smoothed: float = math.nan
    best: float = math.nan
    best_epoch: int = 0
    improved_epoch: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    history: list[dict] = dataclasses.field(default_factory=list)


def save(path: Path, model: keras.Model, state: State) -> None:
    """Writes the model's and its optimizer's variables and the state, all or nothing."""
    arrays: dict[str, Any] = {
        str(i): np.asarray(variable) for i, variable in enumerate(_variables(model))
    }
    arrays["state"] = json.dumps(dataclasses.asdict(state))
    with atomic(path) as beside, beside.open("wb") as file:
        np.savez(file, **arrays)


def restore(path: Path, model: keras.Model) -> State:
    """Puts back what `save` wrote.

    Args:
        model: compiled, with the layers it had when it was saved.

    Raises:
        Problem: the file is broken, or belongs to another network.
    """
    again = "Start again with --overwrite."
    with model.distribute_strategy.scope():
        model.optimizer.build(model.trainable_variables)
    variables = _variables(model)
    try:
        found = json.loads(str(read_npz_array(path, "state", shape=(), kinds=TEXT)))
        state = typed(State, found, path, again)
        shapes = [npz_header(path, str(i)).shape for i in range(len(names_in(path)) - 1)]
        if shapes != [tuple(variable.shape) for variable in variables]:
            raise Problem(
                "The checkpoint belongs to another network.",
                path,
                "Resume with the options that the run was started with.",
            )
        arrays = [read_npz_array(path, str(i)) for i in range(len(shapes))]
    except (*UNREADABLE, RecursionError) as error:
        said = str(error) or "it is cut off"
        raise Problem(f"The checkpoint cannot be read: {said}.", path, again) from error
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return state


def _variables(model: keras.Model) -> list[keras.Variable]:
    """The seed generators' states among them, which Keras' own formats leave out."""
    return [*model.variables, *model.optimizer.variables]
