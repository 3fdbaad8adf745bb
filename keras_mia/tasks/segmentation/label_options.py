"""What options say of the values of label maps."""

import itertools
import re
from typing import TYPE_CHECKING

from keras_mia.core.option_types import check_named_once
from keras_mia.core.problem import Problem

if TYPE_CHECKING:
    from keras_mia.data.io.labels.ranges import Ranges

MERGE, CLASSES = "merge", "classes"


def label_ranges(
    labels: str | None, *, instances: str | None = None, classes: str | None = None
) -> "Ranges":
    """The label values that `--labels` or `--instances` makes one.

    Args:
        labels: text of `--labels`.
        instances: value of `--instances`.
        classes: text of `--classes`.

    Raises:
        Problem: both do, or ranges stand beside `--classes`, or as in `label_names`.

    Example:
        >>> label_ranges("0-127=background,128-255=polyp")
        ((0, 127, 0), (128, 255, 255))
    """
    from keras_mia.data.io.labels.ranges import INSTANCES  # help texts load nothing

    spans = _spans(labels)
    wide = any(low < high for low, high, _ in spans)
    if wide and classes:
        raise Problem(
            "Ranges say of all label values what they are; --classes would keep some of them.",
            f"--classes {classes}",
            "Leave it out, and give values that are background a range of that name.",
        )
    if instances == MERGE:
        if wide:
            raise Problem(
                "Ranges and --instances merge both say which label values are one class.",
                f"--labels {labels}",
                "Give one of them; --labels 1=NAME names the merged objects.",
            )
        return INSTANCES
    lowest = min((low for low, _, _ in spans), default=0)
    return tuple((low, high, _value(low, high, lowest)) for low, high, _ in spans if wide)


def label_names(text: str | None) -> dict[int, str] | None:
    """`"0=membrane,255=cell"` as `{0: "membrane", 255: "cell"}`.

    A range has the name under the value that it is read as: its low end where it is the lowest of
    all, and so background; else its high end.

    Raises:
        Problem: these are no pairs, or ranges overlap or leave values out.

    Example:
        >>> label_names("0-127=background,128-255=polyp")
        {0: 'background', 255: 'polyp'}
    """
    spans = _spans(text)
    lowest = min((low for low, _, _ in spans), default=0)
    return {_value(low, high, lowest): name for low, high, name in spans} or None


def label_values(text: str | None) -> list[int] | None:
    """`"1,5,52"` as `[1, 5, 52]`."""
    if not text:
        return None
    try:
        return [int(value) for value in text.split(",")]
    except ValueError:
        raise Problem(
            "Classes are label values.", f"--classes {text}", "--classes 1,5,52"
        ) from None


def _value(low: int, high: int, lowest: int) -> int:
    return low if low == lowest else high


def _spans(text: str | None) -> list[tuple[int, int, str]]:
    if not text:
        return []
    pairs = [re.fullmatch(r"\s*(-?\d+)(?:-(-?\d+))?\s*=(.*\S)\s*", x) for x in text.split(",")]
    if not all(pairs):
        raise Problem(
            "Label names are pairs VALUE=NAME or LOW-HIGH=NAME.",
            f"--labels {text}",
            "--labels 0=background,1=liver, or --labels 0-127=background,128-255=liver",
        )
    spans = [
        (int(pair[1]), int(pair[2] if pair[2] is not None else pair[1]), pair[3].strip())
        for pair in pairs
        if pair
    ]
    if any(low != high for low, high, _ in spans):
        _check_ranges(sorted(spans), text)
    check_named_once([str(low) for low, _, _ in spans], text)
    return spans


def _check_ranges(spans: list[tuple[int, int, str]], text: str) -> None:
    for low, high, name in spans:
        if low > high:
            raise Problem(
                f"The range {low}-{high} runs backwards.",
                f"--labels {text}",
                f"Write {high}-{low}={name}.",
            )
    for (_, end, _), (start, stop, _) in itertools.pairwise(spans):
        if start <= end:
            raise Problem(
                f"Two ranges hold {_range_text(start, min(end, stop))}.",
                f"--labels {text}",
                "Let each label value lie in one range.",
            )
        if start > end + 1:
            gap = _range_text(end + 1, start - 1)
            raise Problem(
                f"No range holds {gap}.",
                f"--labels {text}",
                f"Widen the range before or after it, or add {gap}=NAME ({gap}=ignore leaves such"
                " voxels out of training and scores).",
            )


def _range_text(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"
