"""The file that a trained network is kept in."""

import os
from pathlib import Path

import keras

from keras_mia.core.files.atomic import atomic
from keras_mia.core.problem import Problem
from keras_mia.layers.network_copies import functional_graph

BEST = "best.keras"


def save_network(model: keras.Model, path: Path) -> None:
    """Writes a network: of a functional one its graph alone, without the optimizer, which only a
    checkpoint needs, and without the class that trained it.

    Args:
        model: functional or sequential, or of a class that is registered with Keras.
        path: of the `.keras` file.
    """
    graph = functional_graph(model)
    lean = model if graph is None else keras.Model(graph.input, graph.output, name=model.name)
    with atomic(path) as temporary:
        lean.save(temporary)


def load_network(path: str | os.PathLike) -> keras.Model:
    """Loads a `.keras` file without running code from it.

    Args:
        path: of the file, such as `RUN/best.keras`.

    Returns:
        The network, which is not compiled.

    Raises:
        Problem: it is missing, broken, or not of this package.
    """
    path = Path(path)
    if not path.is_file():
        raise Problem("The trained network is missing.", path, "Name the folder of a finished run.")
    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        raise Problem(
            f"The trained network cannot be loaded: {first}", path, "Train it again."
        ) from error
