"""One's own network, from a file."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import keras

from keras_mia.core.problem import Problem


def own_builder(text: str) -> Callable[..., keras.Model]:
    """The function that `FILE.py:FUNCTION` names.

    Args:
        text: a Python file, a colon, and the name of a function in it with the signature of a
            builder, `(input_shape, classes, **options) -> keras.Model`.

    Raises:
        Problem: the file or the function is not there, or the file fails when it is loaded.
    """
    file, _, name = text.rpartition(":")
    path = Path(file)
    if not name or path.suffix != ".py" or not path.is_file():
        raise Problem("A network is named as FILE.py:FUNCTION.", text, "Check the file's path.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise Problem("The file cannot be loaded as Python.", path, "Check the file.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise Problem(
            f"Loading the file failed: {type(error).__name__}: {error}", path, "Correct it."
        ) from error
    builder = getattr(module, name, None)
    if not callable(builder):
        raise Problem(f"The file has no function {name!r}.", path, "Check the name.")
    return builder
