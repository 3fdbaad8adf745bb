"""Networks as options name them."""

import argparse
import contextlib
import inspect
from collections.abc import Callable, Mapping, Sequence

import keras

from keras_mia.cli.options.image_level import given_options
from keras_mia.cli.runs import run_folders
from keras_mia.core.problem import Problem
from keras_mia.models.describe import Row, describe, without_memory
from keras_mia.models.named import named_builder
from keras_mia.training.runs.run import Run


def asked_for(args: argparse.Namespace) -> keras.Model:
    """The best network of `--run`, or what `--network`, `--input-shape`, `--classes` and `--option`
    make.

    Raises:
        Problem: there is none.
    """
    if args.run:
        return Run(run_folders([args.run])[0]).best_model()
    return made(args.network, args.input_shape, args.classes, given_options(args.option))


def made(text: str, shape: Sequence[int], classes: int, options: Mapping) -> keras.Model:
    """A network to be described; the package's own take no memory for their weights."""
    builder = named_builder(text)
    where = f"--network {text}"
    check_options(builder, options, where)
    try:
        with contextlib.nullcontext() if ":" in text else without_memory():
            return builder(tuple(shape), classes, **options)
    except (TypeError, ValueError) as error:
        raise Problem(str(error), where, "Change --input-shape or --option.") from error


def check_options(builder: Callable, options: Mapping, where: str) -> None:
    """Raises a Problem where the builder does not have an option of this name."""
    parameters = inspect.signature(builder).parameters.values()
    named = [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    free = any(p.kind is p.VAR_KEYWORD for p in parameters)
    unknown = [name for name in options if name not in named[2:] and not free]
    if unknown:
        raise Problem(
            f"The network has no option {unknown[0]!r}.", where, f"It has {', '.join(named[2:])}."
        )


def rows_of(model: keras.Model) -> list[Row]:
    """What `describe` says of it.

    Raises:
        Problem: it cannot be described.
    """
    try:
        return describe(model)
    except ValueError as error:
        raise Problem(
            str(error), model.name, "Build it by keras.Model(inputs, outputs), each layer once."
        ) from error
