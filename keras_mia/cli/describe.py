"""Networks described, for `describe`."""

import argparse
import contextlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from keras_mia.cli.runs import run_folders, trained
from keras_mia.core.files.folders import check_folder, check_new
from keras_mia.core.option_types import named_values
from keras_mia.core.problem import Problem
from keras_mia.models.builder_names import builder_names, check_builder

if TYPE_CHECKING:
    import keras

    from keras_mia.models.describe import Row

SUFFIXES = (".png", ".svg", ".pdf")


def check_description(args: argparse.Namespace) -> None:
    """Sees to it that there is a network to describe, and that its picture may be written.

    Raises:
        Problem: not so.
    """
    if args.picture:
        if args.picture.suffix not in SUFFIXES:
            raise Problem(
                f"A picture's name ends in {', '.join(SUFFIXES)}.",
                args.picture,
                "Name another --picture.",
            )
        check_folder(args.picture.parent)
        check_new(args.picture, args.overwrite)
    if args.run:
        trained(run_folders([args.run])[0])
        return
    check_builder(args.network)
    named_values(args.option)
    if not args.input_shape:
        raise Problem(
            "The network's input is not known.",
            f"--network {args.network}",
            "Give --input-shape, sides first and channels last: 224 224 3.",
        )


def network(args: argparse.Namespace) -> "keras.Model":
    """The best network of `--run`, or what `--network`, `--input-shape`, `--classes` and `--option`
    make.

    Raises:
        Problem: there is none.
    """
    if args.run:
        from keras_mia.training.runs.run import Run

        return Run(run_folders([args.run])[0]).best_model()
    return _made(args.network, args.input_shape, args.classes, named_values(args.option))


def _made(text: str, shape: Sequence[int], classes: int, options: Mapping) -> "keras.Model":
    """A network to be described; the package's own take no memory for their weights."""
    from keras_mia.models.describe import without_memory
    from keras_mia.models.named import named_builder
    from keras_mia.training.fitting.hooks import deployable

    builder = named_builder(text)
    where = f"--network {text}"
    given = (tuple(shape), classes)[: _positions(builder)]
    _check_options(builder, options, len(given), where)
    try:
        copies = ":" in text or text in builder_names("generation")  # they read weights
        with contextlib.nullcontext() if copies else without_memory():
            return deployable(builder(*given, **options))
    except (TypeError, ValueError) as error:
        raise Problem(str(error), where, "Change --input-shape or --option.") from error


def _positions(builder: Callable) -> int:
    """How many arguments a builder takes by position: those of GANs may take no classes."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(one.kind in kinds for one in inspect.signature(builder).parameters.values())


def _check_options(builder: Callable, options: Mapping, given: int, where: str) -> None:
    """Raises a Problem where the builder does not have an option of this name."""
    parameters = inspect.signature(builder).parameters.values()
    named = [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    free = any(p.kind is p.VAR_KEYWORD for p in parameters)
    unknown = [name for name in options if name not in named[given:] and not free]
    if unknown:
        raise Problem(
            f"The network has no option {unknown[0]!r}.",
            where,
            f"It has {', '.join(named[given:])}.",
        )


def rows_of(model: "keras.Model") -> "list[Row]":
    """What `describe` says of it.

    Raises:
        Problem: it cannot be described.
    """
    from keras_mia.models.describe import describe

    try:
        return describe(model)
    except ValueError as error:
        raise Problem(
            str(error), model.name, "Build it by keras.Model(inputs, outputs), each layer once."
        ) from error
