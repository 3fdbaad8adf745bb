"""All that a training run needs to go on exactly where it stopped, in one file."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mia.core.files.atomic import atomic
from keras_mia.core.files.schema import typed
from keras_mia.core.problem import Problem
from keras_mia.data.io.numpy_files import TEXT, UNREADABLE, names_in, npz_header, read_npz_array
from keras_mia.training.fitting.hooks import build_optimizers, trainable_state
from keras_mia.training.fitting.state import TrainingState

REMEDY = "Start again with --overwrite."


def save(path: Path, model: keras.Model, state: TrainingState) -> None:
    """Writes the model's `trainable_state` and where the run stands, all or nothing."""
    arrays: dict[str, Any] = {
        str(i): np.asarray(variable) for i, variable in enumerate(trainable_state(model))
    }
    arrays["state"] = json.dumps(dataclasses.asdict(state))
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)


def read_state(path: Path) -> TrainingState:
    """Where the run stood that `save` wrote.

    Raises:
        Problem: the file is broken.
    """
    try:
        content = json.loads(str(read_npz_array(path, "state", shape=(), kinds=TEXT)))
    except (*UNREADABLE, RecursionError) as error:
        raise _unreadable(path, error) from error
    return typed(TrainingState, content, path, REMEDY)


def restore(path: Path, model: keras.Model) -> TrainingState:
    """Puts back what `save` wrote.

    Args:
        model: compiled, with the layers and the optimizers it had when it was saved.

    Raises:
        Problem: the file is broken, or belongs to another network.
    """
    state = read_state(path)
    with model.distribute_strategy.scope():
        build_optimizers(model)
    variables = trainable_state(model)
    try:
        shapes = [npz_header(path, str(i)).shape for i in range(len(names_in(path)) - 1)]
        if shapes != [tuple(variable.shape) for variable in variables]:
            raise Problem(
                "The checkpoint belongs to another network.",
                path,
                "Resume with the options that the run was started with.",
            )
        arrays = [read_npz_array(path, str(i)) for i in range(len(shapes))]
    except UNREADABLE as error:
        raise _unreadable(path, error) from error
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return state


def _unreadable(path: Path, error: BaseException) -> Problem:
    text = str(error) or "it is cut off"
    return Problem(f"The checkpoint cannot be read: {text}.", path, REMEDY)
