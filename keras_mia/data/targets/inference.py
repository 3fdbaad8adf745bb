"""What is to be learnt, inferred from the texts of the training cases."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

from keras_mia.core.problem import Problem
from keras_mia.data.targets.base import Text
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.multitask import NAMED, AnyTarget, Multitask, texts_of
from keras_mia.data.targets.table import TARGETS
from keras_mia.data.targets.texts.box_corners import COLUMN_EXAMPLES, corners_of
from keras_mia.data.targets.texts.kind_inference import kind_of
from keras_mia.data.targets.texts.numbers import numbers_in


def infer_target(
    texts: Sequence[Text],
    columns: str | Sequence[str] = (),
    *,
    kinds: Sequence[str] = (),
    weights: Sequence[float] = (),
    names: Mapping[str, str] | None = None,
    others: Iterable[Text] = (),
    positive: str | None = None,
) -> AnyTarget:
    """What is to be learnt, in each column where there are several.

    Args:
        texts: of the training cases; a tuple a case where there are several columns.
        columns: their names.
        kinds: one of `kinds.KINDS` a column, or one for all; none: as the texts look.
        weights: of the losses, one a column; none: all 1, as numbers are learnt standardized.
        names: text -> name to show, where there is one column.
        others: texts of cases that are not for training, which may be spellings of a class too.
        positive: name of the positive one of two classes, where there is one column.

    Raises:
        Problem: there are more or fewer kinds or weights than columns, names for several columns,
            or nothing can be learnt from the texts.

    Example:
        >>> infer_target([("f", "61"), ("m", "47.5")], ["sex", "age"]).names
        ('sex: f', 'sex: m', 'age: value')
    """
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    box = box_columns(columns, kinds, texts)
    if len(columns) < 2 or box:
        if weights or len(kinds) > 1:
            raise Problem(
                "There is one target to each image.",
                "--loss-weights" if weights else "--kind",
                "Name several columns: --label-column sex age.",
            )
        kind = Box.kind if box else kinds[0] if kinds else kind_of(texts)
        target = TARGETS[kind].infer(texts, names=names, others=others, columns=box)
        return target if positive is None else target.with_positive(positive)
    kinds = tuple(kinds) * len(columns) if len(kinds) == 1 else tuple(kinds)
    _check_columns(columns, kinds, weights, {"--labels": names, "--positive": positive})
    each = zip(*(texts_of(text, columns) for text in texts), strict=True)
    parts = tuple(
        TARGETS[kind or kind_of(column_texts)].infer(column_texts, columns=(column,))
        for column, column_texts, kind in zip(
            columns, each, kinds or ("",) * len(columns), strict=True
        )
    )
    return Multitask(columns, parts, tuple(weights) or (1.0,) * len(parts))


def _check_columns(
    columns: Sequence[str],
    kinds: Sequence[str],
    weights: Sequence[float],
    of_one_column: Mapping[str, object],
) -> None:
    for option, given in of_one_column.items():
        if given:
            raise Problem(
                f"There are {len(columns)} columns of targets.",
                option,
                "Leave it out: names stand in the table, and the second class is the positive one.",
            )
    numbers = {"--kind": len(kinds), "--loss-weights": len(weights)}
    for option, number in numbers.items():
        if number and number != len(columns):
            raise Problem(
                f"{number} were given for {len(columns)} targets.",
                option,
                f"Give one for each of {', '.join(columns)}.",
            )
    if len(set(columns)) < len(columns):
        raise Problem("A column is named twice.", ", ".join(columns), "Name each once.")


def box_columns(
    columns: str | Sequence[str], kinds: Sequence[str], texts: Sequence[Text]
) -> tuple[str, ...]:
    """The columns of a box, where their names say what its numbers are; empty where they do not,
    and are targets of their own or hold the corners in the order of the image's axes.

    Args:
        columns: their names.
        kinds: as given; none: as the names look.
        texts: one a case.

    Returns:
        Some of `columns`, or none.

    Raises:
        Problem: a box is asked for, and several columns hold a number each without such names.

    Example:
        >>> box_columns(["ymin", "xmin", "ymax", "xmax"], (), [])
        ('ymin', 'xmin', 'ymax', 'xmax')
        >>> box_columns(["sex", "age"], (), [])
        ()
    """
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    if corners_of(columns) is not None and tuple(kinds) in ((), (Box.kind,)):
        return columns
    only_a_box = len(columns) > 1 and tuple(kinds) == (Box.kind,) and len(texts) > 0
    if only_a_box and all(len(numbers_in(text)) == len(columns) for text in texts):
        raise Problem(
            f"The columns {', '.join(columns)} do not say which corners of a box they are.",
            "--label-column",
            f"Rename them, such as {COLUMN_EXAMPLES}.",
        )
    return ()


def contents(
    texts: Sequence[Text],
    columns: str | Sequence[str] = (),
    kinds: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
) -> dict[Text, tuple[float | str, ...]]:
    """What each case adds to what folds are balanced by; of several columns together.

    Args:
        texts: one a case.
        columns: their names; one, or none, where there is one target.
        kinds: one a column, or one for all; none: as the texts look.
        names: text -> name to show; texts of one name are one class.

    Returns:
        Text -> numbers, classes and findings.

    Example:
        >>> contents([("f", "61"), ("m", "47.5")], ["sex", "age"])
        {('f', '61'): ('sex: f', 61.0), ('m', '47.5'): ('sex: m', 47.5)}
    """
    if box_columns(columns, kinds, texts):
        return dict.fromkeys(texts, ())
    several = () if isinstance(columns, str) or len(columns) < 2 else tuple(columns)
    rows = [texts_of(text, several) if several else (text,) for text in texts]
    starts = [f"{column}{NAMED}" for column in several] or [""]
    given = list(kinds) * len(starts) if len(kinds) == 1 else kinds
    classes = [
        TARGETS[kind or kind_of([row[index] for row in rows])]
        for index, kind in itertools.zip_longest(range(len(starts)), given)
    ]
    return {
        text: tuple(
            start + one if isinstance(one, str) else one
            for start, column_text, target in zip(starts, row, classes, strict=True)
            for one in target.content(column_text, names or {})
        )
        for text, row in zip(texts, rows, strict=True)
    }
