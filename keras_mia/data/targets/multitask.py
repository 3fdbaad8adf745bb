"""Several answers to each image, each of a kind of its own."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.targets.box_corners import KNOWN, corners_of
from keras_mia.data.targets.image_level import ImageTarget, answers_of, content, positive_second
from keras_mia.data.targets.kind_inference import kind_of, numbers_in

BETWEEN = "; "
NAMED = ": "
"""Between an answer's column and what is told of it, in scores.csv and metrics.json."""


@dataclass(frozen=True)
class Multitask:
    """What is asked of each image, where it is more than one thing.

    Args:
        columns: what each answer is called.
        parts: what is asked in each column.
        weights: of the loss of each.
        kind: always "multitask".
    """

    columns: tuple[str, ...]
    parts: tuple[ImageTarget, ...]
    weights: tuple[float, ...]
    kind: str = "multitask"

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @property
    def names(self) -> tuple[str, ...]:
        """Of all outputs: the column's, and that in it."""
        pairs = zip(self.columns, self.parts, strict=True)
        return tuple(f"{column}{NAMED}{name}" for column, part in pairs for name in part.names)

    @property
    def mean(self) -> np.ndarray:
        """Of each output in training, `(outputs,)`; 0 where it is no number."""
        return np.array([part.mean for part in self.parts for _ in part.names])

    @property
    def std(self) -> np.ndarray:
        """Of each output in training, `(outputs,)`; 1 where it is no number."""
        return np.array([part.std for part in self.parts for _ in part.names])

    @property
    def placed(self) -> bool:
        """Whether an answer says where in the image something is."""
        return any(part.placed for part in self.parts)

    def encode(self, answer: str, where: object = None, space: Sequence[int] = ()) -> np.ndarray:
        """As `ImageTarget.encode`, of all of them side by side."""
        pairs = zip(self.parts, self.texts(answer), strict=True)
        return np.concatenate([part.encode(text, where, space) for part, text in pairs])

    def texts(self, answer: str) -> list[str]:
        """The answer of each column.

        Raises:
            Problem: there are more or fewer than columns.
        """
        return texts_in(answer, self.columns)

    @property
    def places(self) -> tuple[str, ...]:
        """What the network calls each answer: its column in letters that TensorFlow takes."""
        plain = [re.sub(r"[^A-Za-z0-9]+", "_", column).strip("_") for column in self.columns]
        return tuple(
            name if name and plain.count(name) == 1 else f"answer_{number}"
            for number, name in enumerate(plain, start=1)
        )

    def split(self, values) -> list:
        """An array or a tensor `(..., outputs)` of all answers as one for each of them."""
        ends = list(itertools.accumulate(map(len, self.parts)))
        return [values[..., low:high] for low, high in itertools.pairwise([0, *ends])]

    def describe(self) -> str:
        """A line for the user an answer."""
        parts = zip(self.columns, self.parts, self.weights, strict=True)
        return "\n  ".join(
            f"{column}: {part.describe()}"
            + ("" if weight == 1 else f" Its loss counts {weight:g}.")
            for column, part, weight in parts
        )


def joined(answers: Mapping[str, str], where: object = None) -> str:
    """The answers of all columns as one text; empty where one is missing.

    Raises:
        Problem: an answer holds what stands between two.

    Example:
        >>> joined({"sex": "f", "age": "61"})
        'f; 61'
    """
    for column, text in answers.items():
        if BETWEEN.strip() in text and len(answers) > 1:
            raise Problem(
                f"The answer {text!r} in {column!r} holds a {BETWEEN.strip()!r}.",
                where,
                "Write it without, as that stands between several answers.",
            )
    return BETWEEN.join(answers.values()) if all(answers.values()) else ""


def parts_of(answers: ImageTarget | Multitask) -> tuple[ImageTarget, ...]:
    """Each of several answers, or the only one."""
    return answers.parts if isinstance(answers, Multitask) else (answers,)


def one_box(
    columns: str | Sequence[str], kinds: Sequence[str], found: Sequence[str]
) -> tuple[str, ...]:
    """The columns of a box, where their names say what its numbers are; empty where they do not,
    and are answers of their own or hold the corners in the order of the image's axes.

    Args:
        columns: their names.
        kinds: of answer, as said; none: as the names look.
        found: a text a case, as `joined` makes it.

    Raises:
        Problem: a box is asked for, and several columns hold a number each without such names.

    Example:
        >>> one_box(["ymin", "xmin", "ymax", "xmax"], (), [])
        ('ymin', 'xmin', 'ymax', 'xmax')
        >>> one_box(["sex", "age"], (), [])
        ()
    """
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    if corners_of(columns) is not None and tuple(kinds) in ((), ("box",)):
        return columns
    alone = len(columns) > 1 and tuple(kinds) == ("box",) and len(found) > 0
    if alone and all(len(numbers_in(text)) == len(columns) for text in found):
        raise Problem(
            f"The columns {', '.join(columns)} do not say which corners of a box they are.",
            "--label-column",
            f"Rename them, such as {KNOWN}.",
        )
    return ()


def asked_of(
    found: Sequence[str],
    columns: str | Sequence[str],
    *,
    kinds: Sequence[str] = (),
    weights: Sequence[float] = (),
    names: Mapping[str, str] | None = None,
    others: Iterable[str] = (),
    positive: str | None = None,
) -> ImageTarget | Multitask:
    """What is asked, in each column where there are several, by the answers of the training cases.

    Args:
        found: a text a training case, as `joined` makes it.
        columns: their names.
        kinds: of answer, one a column, or one for all; none: as the answers look.
        weights: of the losses, one a column; none: all 1, as numbers are learnt standardized.
        names: text of an answer -> name to show, where there is one column.
        others: texts of cases that are not for training, as `answers_of` takes them.
        positive: name of the positive one of two classes, where there is one column.

    Raises:
        Problem: there are more or fewer kinds or weights than columns, names for several columns,
            or as `answers_of` and `positive_second`.

    Example:
        >>> asked_of(["f; 61", "m; 47.5"], ["sex", "age"]).names
        ('sex: f', 'sex: m', 'age: value')
    """
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    box = one_box(columns, kinds, found)
    kinds = list(kinds) * max(1, len(columns)) if len(kinds) == 1 and not box else list(kinds)
    if len(columns) < 2 or box:
        if weights or len(kinds) > 1:
            raise Problem(
                "There is one answer to each image.",
                "--loss-weights" if weights else "--kind",
                "Name several columns: --label-column sex age.",
            )
        kind = "box" if box else kinds[0] if kinds else None
        asked = replace(answers_of(found, kind=kind, names=names, others=others), corners=box)
        _check_varied(asked, found)
        return asked if positive is None else positive_second(asked, positive)
    for of_one, option in ((names, "--labels"), (positive, "--positive")):
        if of_one:
            raise Problem(
                f"There are {len(columns)} columns of answers.",
                option,
                "Leave it out: names stand in the table, and the second class is the positive one.",
            )
    each_given: tuple[tuple[Sequence, str], ...] = (
        (kinds, "--kind"),
        (weights, "--loss-weights"),
    )
    for given, option in each_given:
        if given and len(given) != len(columns):
            raise Problem(
                f"{len(given)} were given for {len(columns)} answers.",
                option,
                f"Give one for each of {', '.join(columns)}.",
            )
    if len(set(columns)) < len(columns):
        raise Problem("A column is named twice.", ", ".join(columns), "Name each once.")
    answers = list(zip(*(texts_in(text, columns) for text in found), strict=True))
    each = zip(answers, itertools.chain(kinds, itertools.repeat(None)), strict=False)
    parts = tuple(
        replace(part, corners=(column,)) if part.placed and corners_of((column,)) else part
        for column, part in zip(
            columns, (answers_of(texts, kind=kind) for texts, kind in each), strict=True
        )
    )
    for part, texts in zip(parts, answers, strict=True):
        _check_varied(part, texts)
    return Multitask(columns, parts, tuple(weights) or (1.0,) * len(parts))


def _check_varied(asked: ImageTarget, found: Sequence[str]) -> None:
    values = {number for text in found for number in numbers_in(text)}
    if asked.kind == "regression" and len(found) > 1 and len(values) == 1:
        raise Problem(
            f"All answers for training are {values.pop():g}: there is nothing to learn.",
            "the answers",
            "Check the column.",
        )


def texts_in(answer: str, columns: Sequence[str]) -> list[str]:
    """The answer of each column, of what `joined` made of them.

    Raises:
        Problem: there are more or fewer than columns.

    Example:
        >>> texts_in("f; 61", ("sex", "age"))
        ['f', '61']
    """
    found = answer.split(BETWEEN)
    if len(found) != len(columns):
        raise Problem(
            f"{len(columns)} answers were expected, found {answer!r}.",
            ", ".join(columns),
            "Several answers are the columns of a CSV file, none of them empty.",
        )
    return found


def contents(
    found: Sequence[str],
    columns: str | Sequence[str] = (),
    kinds: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
) -> dict[str, tuple[float | str, ...]]:
    """What each answer adds to what folds are balanced by; of several columns together.

    Args:
        found: a text a case, as `joined` makes it.
        columns: their names; one, or none, where there is one answer.
        kinds: of answer, one a column, or one for all; none: as the answers look.
        names: text of an answer -> name to show; texts of one name are one class.

    Example:
        >>> contents(["f; 61", "m; 47.5"], ["sex", "age"])
        {'f; 61': ('sex: f', 61.0), 'm; 47.5': ('sex: m', 47.5)}
    """
    if one_box(columns, kinds, found):
        return dict.fromkeys(found, ())
    several = () if isinstance(columns, str) or len(columns) < 2 else tuple(columns)
    texts = list(found)
    rows = [texts_in(text, several) if several else [text] for text in texts]
    each = list(kinds) * len(rows[0]) if len(kinds) == 1 else list(kinds)
    each += [kind_of([row[column] for row in rows]) for column in range(len(each), len(rows[0]))]
    begins = [f"{column}{NAMED}" for column in several] or [""]
    return {
        text: tuple(
            begin + one if isinstance(one, str) else one
            for begin, answer, kind in zip(begins, row, each, strict=True)
            for one in content(answer, kind, names)
        )
        for text, row in zip(texts, rows, strict=True)
    }


def named(column: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of one of several answers, each name behind its column.

    Example:
        >>> named("sex", {"truth": "f"})
        {'sex: truth': 'f'}
    """
    return {f"{column}{NAMED}{name}": value for name, value in found.items()}


def of_column(row: Mapping[str, object], column: str) -> dict:
    """What a row of scores.csv tells of one of several answers.

    Example:
        >>> of_column({"case": "7", "sex: truth": "f", "age: truth": "61"}, "sex")
        {'case': '7', 'truth': 'f'}
    """
    own = {key: row[key] for key in ("case", "patient") if key in row}
    start = f"{column}{NAMED}"
    return own | {
        key.removeprefix(start): value for key, value in row.items() if key.startswith(start)
    }
