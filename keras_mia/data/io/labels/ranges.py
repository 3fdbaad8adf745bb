"""Ranges of label values that are read as one value, such as the grey edges of a JPEG mask."""

from collections.abc import Mapping

import numpy as np

from keras_mia.data.image import integer_type

Ranges = tuple[tuple[int, int, int], ...]
"""`(low, high, value)`: label values from low to high, both included, are read as value."""

LARGEST = 2**31 - 1
INSTANCES: Ranges = ((1, LARGEST, 1),)
"""Numbered objects as one class."""


def merge(label: np.ndarray, ranges: Ranges) -> np.ndarray:
    """A label map in which each range has become its value.

    Args:
        label: integers of any shape.
        ranges: that do not overlap; values in none of them stay.

    Returns:
        Integers of the same shape; `label` itself where there are no ranges.

    Example:
        >>> merge(np.array([0, 3, 252, 255]), ((0, 127, 0), (128, 255, 255))).tolist()
        [0, 0, 255, 255]
    """
    label = np.asarray(label)
    if not ranges or not label.size:
        return label
    values = [value for *_, value in ranges]
    ends = min(int(label.min()), *values), max(int(label.max()), *values)
    merged = label.astype(integer_type(*ends))
    for low, high, value in ranges:
        merged[(label >= low) & (label <= high)] = value
    return merged


def merge_counts(counts: Mapping[int, int], ranges: Ranges) -> dict[int, int]:
    """How often each value occurs once each range has become its value.

    Args:
        counts: label value -> number of voxels.
        ranges: first and last value, and the value that they are read as.

    Example:
        >>> merge_counts({0: 90, 2: 4, 255: 6}, ((0, 127, 0), (128, 255, 255)))
        {0: 94, 255: 6}
    """
    merged: dict[int, int] = {}
    for label, count in counts.items():
        value = next((to for low, high, to in ranges if low <= label <= high), label)
        merged[value] = merged.get(value, 0) + count
    return merged


def value_text(value: int, ranges: Ranges) -> str:
    """The label values that are read as `value`.

    Args:
        value: after merging.
        ranges: first and last value, and the value that they are read as.

    Example:
        >>> value_text(255, ((128, 255, 255),)), value_text(1, INSTANCES), value_text(7, ())
        ('128-255 (written as 255)', '1 and above (written as 1)', '7')
    """
    match = next((one for one in ranges if one[2] == value), None)
    if match is None or match[0] == match[1]:
        return str(value)
    low, high, _ = match
    return (
        f"{low} and above (written as {value})"
        if high == LARGEST
        else (f"{low}-{high} (written as {value})")
    )
