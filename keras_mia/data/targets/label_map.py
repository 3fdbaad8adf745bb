"""From the values of label maps to classes, and back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import integer_type
from keras_mia.data.io.labels.ranges import INSTANCES, Ranges, merge, merge_counts, value_text

IGNORE = 255
_UNKNOWN = 254
MOST_CLASSES = 254
# Labels below it are looked up in a table; larger or negative ones are sorted, which is slower.
_TABLE = 2**20


@dataclass(frozen=True)
class Classes:
    """The classes of a data set; class 0 is background.

    Args:
        names: of each class.
        values: the label values that each class stands for.
        ignored: label values that count neither in the loss nor in a score.
        rest_is_background: whether values of no class are background, and no error.
        ranges: label values that are read as one of these values.
    """

    names: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    ignored: tuple[int, ...] = ()
    rest_is_background: bool = False
    ranges: Ranges = ()

    def __len__(self) -> int:
        return len(self.names)

    def encode(self, label: np.ndarray, where: object = None) -> np.ndarray:
        """Label values to classes.

        Args:
            label: integers of any shape.
            where: the file or case that an error names.

        Returns:
            uint8 classes of the same shape; `IGNORE` for ignored values.

        Raises:
            Problem: a value that training did not have.

        Example:
            >>> Classes(("paper", "ink"), ((0,), (255,))).encode(np.array([255, 0])).tolist()
            [1, 0]
        """
        label = merge(label, self.ranges)
        if not label.size:
            return np.zeros(label.shape, np.uint8)
        low, high = int(label.min()), int(label.max())
        if low >= 0 and high < _TABLE:
            classes = self._codes(np.arange(high + 1))[label]
        else:
            present, indices = np.unique(label, return_inverse=True)
            classes = self._codes(present)[indices].reshape(label.shape)
        unknown = classes == _UNKNOWN
        if unknown.any():
            odd = sorted({int(value) for value in np.unique(label[unknown])})
            raise Problem(
                f"The label map holds {_list(odd)}, which the labels for training do not:"
                f" they hold {_list(self._all())}.",
                where,
                "Correct the label map, or keep the classes you mean with --classes.",
            )
        return classes

    def decode(self, classes: np.ndarray) -> np.ndarray:
        """Classes to label values: of each class the first.

        Args:
            classes: integers of any shape.

        Returns:
            An array of the same shape, in the smallest integer type that holds all of them.
        """
        first = [values[0] for values in self.values]
        return np.array(first, integer_type(min(first), max(first)))[classes]

    def describe(self) -> str:
        """One line for the user."""
        parts = [
            f"{name} = {_list([value_text(value, self.ranges) for value in values])}"
            for name, values in zip(self.names, self.values, strict=True)
        ]
        line = f"{len(self)} classes: {', '.join(parts)}"
        if self.rest_is_background:
            line += "; all other values count as background"
        if self.ignored:
            line += f"; ignored: {_list([value_text(one, self.ranges) for one in self.ignored])}"
        return line

    def _all(self) -> list[int]:
        return sorted({*self.ignored, *(value for values in self.values for value in values)})

    def _codes(self, values: np.ndarray) -> np.ndarray:
        """The class of each of the sorted `values`."""
        codes = np.full(values.shape, 0 if self.rest_is_background else _UNKNOWN, np.uint8)
        for code, group in (*enumerate(self.values), (IGNORE, self.ignored)):
            codes[np.isin(values, group)] = code
        return codes


def classes_of(
    values: Iterable[int],
    names: Mapping[int, str] | None = None,
    keep: Sequence[int] | None = None,
    labels: Mapping[int, str] | None = None,
    ranges: Ranges = (),
) -> Classes:
    """The sorted values of the training labels are the classes, the smallest is background.

    Args:
        values: those found in the training labels.
        names: value -> name as the data set gives them; one named "ignore" is ignored.
        keep: the values to keep as classes; the rest counts as background.
        labels: value -> name as the user gives them; values of one name become one class.
        ranges: label values that are read as one; `labels` then names all values that there are.

    Returns:
        `Classes`.

    Raises:
        Problem: fewer than two classes are left, or too many, or a value asked for is not there.

    Example:
        >>> classes_of([0, 1, 2], names={1: "anterior"}).names
        ('background', 'anterior', 'label 2')
    """
    present = sorted(merge_counts({int(value): 1 for value in values}, ranges))
    _check_options(present, keep or (), labels or {}, ranges)
    named = {**(names or {}), **(labels or {})}
    ignored = tuple(value for value in present if named.get(value, "").lower() == "ignore")
    counted = [value for value in present if value not in ignored]
    if len(counted) > MOST_CLASSES:
        raise Problem(
            f"The label maps hold {len(counted)} different values, at most {MOST_CLASSES} classes"
            " are possible.",
            None,
            "Check that these are label maps and not images (JPEG blurs labels), or keep some"
            " values with --classes.",
        )
    if not counted:
        raise Problem("The training labels hold no value that counts.", None, "Check the labels.")
    background, default_name = counted[0], "object" if ranges == INSTANCES else "label {}"
    kept = counted[1:] if keep is None else [v for v in counted[1:] if v in set(keep)]
    groups = {named.get(background, "background"): [background]}
    for value in counted[1:]:
        if value in kept:
            groups.setdefault(named.get(value, default_name.format(value)), []).append(value)
        else:
            next(iter(groups.values())).append(value)
    if len(groups) < 2:
        raise Problem(
            f"Two or more classes are needed, the training labels hold {_list(counted)}.",
            "the training labels",
            "Check the label maps, and --classes and --labels if given.",
        )
    return Classes(
        names=tuple(groups),
        values=tuple(tuple(group) for group in groups.values()),
        ignored=ignored,
        rest_is_background=keep is not None,
        ranges=ranges,
    )


def _check_options(
    present: Sequence[int], keep: Sequence[int], labels: Mapping[int, str], ranges: Ranges
) -> None:
    """Refuses options that name values which no label map holds, or leave out some of them."""
    for option, given in (("--classes", keep), ("--labels", labels)):
        missing = sorted(set(given) - set(present))
        if missing:
            values_text = _list([value_text(value, ranges) for value in missing])
            raise Problem(
                f"No label map for training holds {values_text}; they hold {_list(present)}.",
                option,
                "Choose among these values.",
            )
    beyond = [value for value in present if value not in labels]
    if beyond and ranges not in ((), INSTANCES):
        raise Problem(
            f"The label maps for training hold {_list(beyond)}, which lies in no range.",
            "--labels",
            "Give it a range, or widen one.",
        )


def _list(values: Sequence[object]) -> str:
    listed = ", ".join(str(value) for value in values[:12])
    return listed if len(values) <= 12 else f"{listed} and {len(values) - 12} more"
