"""The cases of `--data`, and what is said of them."""

import argparse
from collections.abc import Collection
from typing import Any

from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.reading import read_cases


def read(args: argparse.Namespace, targets: Collection[str], *, strict: bool = True) -> Cases:
    """The cases that the options of `add_data` name.

    Args:
        args: of the app.
        targets: the kinds of target that they may have, as `read_cases` takes them.
        strict: whether an image without a target is an error.

    Raises:
        Problem: nothing was found, or images have no target.
    """
    columns = [f"{name}_column" for name in ("image", "label", "region", "split", "patient")]
    given: dict[str, Any] = {
        name: getattr(args, name) for name in ("patient", "series", *columns) if name in args
    }
    kinds = bool(getattr(args, "kind", None))
    return read_cases(args.data, targets=targets, strict=strict, folders_are_classes=kinds, **given)


def needs_tensorflow(source: str) -> bool:
    """Whether a source cannot be read without TensorFlow.

    Args:
        source: as the user names it.
    """
    return source.startswith("tfds:")


def print_notes(cases: Cases) -> None:
    """Says what was understood of the data, and what may be wrong with them.

    Args:
        cases: as they were read.
    """
    for note in cases.notes:
        print(f"  {note}")
    for warning in cases.warnings:
        print(f"  Warning: {warning}")
    if cases.warnings:
        print("  `keras-mia doctor` with the same --data tells more.")
