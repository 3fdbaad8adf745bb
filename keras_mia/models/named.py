"""Builders by name: the package's, and one's own from a file."""

import functools
import importlib.util
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import keras

from keras_mia import models
from keras_mia.core.problem import Problem
from keras_mia.models.builder_names import check_builder, check_file


def named_builder(text: str, package: str = "") -> Callable[..., keras.Model]:
    """The package's builder of this name, or the function that `FILE.py:FUNCTION` names.

    Args:
        text: the name.
        package: folder of the package's builders that may be meant; "": any.

    Raises:
        Problem: there is none.

    Example:
        >>> named_builder("lenet", "classification").__name__
        'lenet'
    """
    check_builder(text, package)
    return builder_from_file(text) if ":" in text else getattr(models, text)


def builder_from_file(text: str) -> Callable[..., keras.Model]:
    """The function that `FILE.py:FUNCTION` names.

    Args:
        text: a Python file, a colon, and the name of a function in it with the signature of a
            builder, `(input_shape, classes, **options) -> keras.Model`.

    Raises:
        Problem: the file or the function is not there, or the file fails when it is loaded; when
            called: the function fails, or gives no model.
    """
    check_file(text)
    file, _, name = text.rpartition(":")
    path = Path(file)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise Problem("The file cannot be loaded as Python.", path, "Check the file.")
    module = importlib.util.module_from_spec(spec)
    caching, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # the folder is the user's
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise Problem(
            f"Loading the file failed: {type(error).__name__}: {error}", path, "Correct it."
        ) from error
    finally:
        sys.dont_write_bytecode = caching
    builder = getattr(module, name, None)
    if not callable(builder):
        raise Problem(f"The file has no function {name!r}.", path, "Check the name.")
    return _checked(builder, name, path)


def _checked(
    builder: Callable[..., keras.Model], name: str, path: Path
) -> Callable[..., keras.Model]:
    @functools.wraps(builder)
    def build(*args, **options):
        try:
            model = builder(*args, **options)
        except (Exception, SystemExit) as error:
            calls = traceback.extract_tb(error.__traceback__)
            lines = [f", line {call.lineno}" for call in calls if call.filename == str(path)]
            raise Problem(
                f"{name} failed: {type(error).__name__}: {error}",
                f"{path}{lines[-1] if lines else ''}",
                f"Correct it: {name}({_call(args, options)}) is called.",
            ) from error
        if not isinstance(model, keras.Model):
            raise Problem(
                f"{name} gave {type(model).__name__}, no keras.Model.", path, "Return the model."
            )
        return model

    return build


def _call(args: Sequence, options: Mapping) -> str:
    """How a builder is called, in words."""
    given = [f"{key}={value!r}" for key, value in options.items()]
    return ", ".join([*("input_shape", "classes")[: len(args)], *given])
