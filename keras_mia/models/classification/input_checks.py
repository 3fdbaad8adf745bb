"""Which options and sides a classifier can take."""

from collections.abc import Sequence


def least_size(*windows: tuple[int, int]) -> int:
    """The shortest side of which windows `(size, stride)`, one after the other, leave a voxel.

    A padded one counts as one of size 1: it takes nothing off but its stride.

    Example:
        >>> least_size((5, 1), (2, 2), (5, 1), (2, 2))
        16
    """
    least = 1
    for size, stride in reversed(windows):
        least = (least - 1) * stride + size
    return least


def check_sizes(
    space: Sequence[int | None], least: int, *, flattened: bool = False, instead: str = ""
) -> None:
    """Raises a ValueError where a side is too short, or has to be known and is not.

    Args:
        space: the sides of the image.
        least: the shortest side that fits.
        flattened: whether dense layers follow whose weights depend on every side.
        instead: what else a user with shorter sides could do.

    Example:
        >>> check_sizes((64, None), least=32)
    """
    for size in space:
        if size is None and flattened:
            raise ValueError("The maps are flattened: give every side of input_shape as a number.")
        if size is not None and size < least:
            raise ValueError(
                f"A side of {size} is too short: it has to be at least {least}{instead}."
            )


def check_choice(option: str, value: object, allowed: Sequence) -> None:
    """Raises a ValueError where `value` is none of `allowed`.

    Example:
        >>> check_choice("stem", "plain", ("strided", "plain"))
    """
    if value not in allowed:
        raise ValueError(f"{option} is one of {tuple(allowed)}, not {value!r}.")
