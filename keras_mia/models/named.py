"""Builders by name: the package's, and one's own from a file."""

import importlib.util
import inspect
from collections.abc import Callable
from pathlib import Path

import keras

from keras_mia import models
from keras_mia.core.problem import Problem


def named_builder(text: str, room: str = "") -> Callable[..., keras.Model]:
    """The package's builder of this name, or the function that `FILE.py:FUNCTION` names.

    Args:
        text: the name.
        room: folder of the package's builders that may be meant; "": any.

    Raises:
        Problem: there is none.

    Example:
        >>> named_builder("lenet", "classification").__name__
        'lenet'
    """
    if ":" in text:
        return own_builder(text)
    named = {name: home for name, home in models.HOMES.items() if home.startswith(room)}
    known = {name: getattr(models, name) for name in sorted(named)}
    known = {name: function for name, function in known.items() if is_builder(function)}
    if text not in known:
        raise Problem(
            f"There is no network {text!r}.",
            "--network",
            f"Choose {', '.join(known)}, or FILE.py:FUNCTION.",
        )
    return known[text]


def is_builder(function: Callable) -> bool:
    """Whether it begins as a builder does, `(input_shape, classes, ...)`."""
    return list(inspect.signature(function).parameters)[:2] == ["input_shape", "classes"]


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
