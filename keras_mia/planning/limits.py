"""What a user may set fields of a plan to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem

Limits = Mapping[str, tuple[Callable[[Any], bool], str]]
"""Field of a plan -> whether a value of it may be, and what may be, in words."""

SHARED: Limits = {
    "modality": (lambda value: isinstance(value, str), "a name such as CT or MR"),
    "spacing_mm": (lambda value: min(value) > 0, "lengths in mm above 0"),
    "batch_size": (lambda value: value >= 1, "1 or more"),
    "flip": (lambda value: min(value, default=0) >= 0, "axes of what the network sees"),
    "rotation_deg": (lambda value: min(value) >= 0, "angles of 0 or more"),
}
"""Of the plans of all families."""

SEQUENCES: Mapping[str, type] = {
    **dict.fromkeys(("spacing_mm", "rotation_deg", "class_weights"), float),
    **dict.fromkeys(("patch", "size", "flip"), int),
}
"""Fields that hold several numbers, and of which type; a single one stands for all axes."""


def choice(values: Sequence[str]) -> tuple[Callable[[Any], bool], str]:
    """The limits of a field that is one of some names.

    Args:
        values: the names.

    Returns:
        Whether a value is one of them, and what may be, in words.
    """
    return lambda value: value in values, " or ".join(values)


def within_limits(overrides: Mapping[str, Any] | None, limits: Limits) -> dict[str, Any]:
    """What a user gave, each value of the type that the plan holds.

    Args:
        overrides: field of the plan -> the value; None counts as not given.
        limits: of the fields that can be set.

    Returns:
        Field -> value, without those that were not given.

    Raises:
        Problem: names a field that cannot be set, or a value that cannot be.
    """
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    return {name: _within(name, value, limits) for name, value in given.items()}


def _within(field: str, value: Any, limits: Limits) -> Any:
    if field not in limits:
        raise Problem(
            f"A plan has no field {field!r} to set.", field, f"Choose from {', '.join(limits)}."
        )
    fits, expected = limits[field]
    try:
        if field in SEQUENCES:
            several = isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)
            value = tuple(SEQUENCES[field](one) for one in (value if several else (value,)))
        good = fits(value)
    except (TypeError, ValueError):
        good = False
    if not good:
        raise Problem(f"{value!r} was given, {expected} was expected.", field, "Change the value.")
    return value.upper() if field == "modality" else value


def one_an_axis(field: str, values: Sequence, axes: int) -> tuple:
    """A number for each axis; a single one is repeated.

    Args:
        field: of the plan, for messages.
        values: one, or one an axis.
        axes: how many there are; angles are counted by `angles`.

    Returns:
        One an axis.

    Raises:
        Problem: there are other numbers of them.
    """
    if len(values) not in (1, axes):
        raise Problem(
            f"{len(values)} numbers were given, not {axes}.",
            field,
            "Give one number." if axes == 1 else f"Give one number, or {axes}.",
        )
    return tuple(values) * (axes // len(values))


def angles(values: Sequence[float], network_rank: int) -> tuple[float, ...]:
    """An angle for each plane of rotation: one in 2D, one about each axis in 3D.

    Args:
        values: one, or one a plane.
        network_rank: 2 or 3.

    Returns:
        One a plane.

    Raises:
        Problem: there are other numbers of them.
    """
    return one_an_axis("rotation_deg", values, 1 if network_rank == 2 else 3)


def check_flip(flip: Sequence[int], network_rank: int) -> None:
    """Refuses axes that are none of the network's.

    Args:
        flip: axes to mirror along.
        network_rank: how many it has.

    Raises:
        Problem: names the last axis that is not there.
    """
    if any(axis >= network_rank for axis in flip):
        raise Problem(
            f"Axis {max(flip)} was given for a {network_rank}D network.",
            "flip",
            f"Axes are counted from 0 to {network_rank - 1}.",
        )


def check_batch(batch_size: int, replicas: int) -> None:
    """Refuses a batch that devices cannot share.

    Args:
        batch_size: examples in it.
        replicas: how many devices share it.

    Raises:
        Problem: it does not divide among them.
    """
    if batch_size % replicas:
        raise Problem(
            f"A batch of {batch_size} does not divide among {replicas} devices.",
            "batch_size",
            f"Give a multiple of {replicas}.",
        )
