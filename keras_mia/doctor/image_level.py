"""What shows when images with one target each are compared; no file is read."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Case
from keras_mia.data.targets.base import as_text
from keras_mia.data.targets.multitask import texts_of
from keras_mia.data.targets.texts.numbers import numbers_in
from keras_mia.doctor.finding import Finding, finding
from keras_mia.doctor.images import Surveyed, compared, may_differ_in_part, parts_text
from keras_mia.doctor.targets.column import each_column
from keras_mia.doctor.targets.table import target_findings


def compare(
    surveyed: Surveyed,
    kinds: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    columns: str | Sequence[str] = (),
) -> list[Finding]:
    """All findings that follow from facts and targets.

    Args:
        surveyed: cases with their facts; their `split` may be known or not.
        kinds: of target, one a column; none: as the texts look.
        names: text of a target -> name to show.
        columns: of a table, where each case has several targets.
    """
    cases = [case for case, _ in surveyed]
    if not cases:  # none could be read, which is said of each
        return []
    return [
        *compared(surveyed),
        *copies(surveyed),
        *_one_hot(cases, columns),
        *(
            one
            for column in each_column(
                cases, kinds, columns, {c.name: facts for c, facts in surveyed}
            )
            for one in target_findings(column, names)
        ),
    ]


def copies(surveyed: Surveyed) -> Iterator[Finding]:
    """Images of equal content: in two parts of the split, or with different targets.

    Args:
        surveyed: cases with a text for a target, and their facts.
    """
    alike: dict[str, list[Case]] = defaultdict(list)
    for case, facts in surveyed:
        if facts.low != facts.high:
            alike[facts.digest].append(case)
    for first, *copies in alike.values():
        for case in copies:
            of, at = first.images[0], parts_text(first, case)
            if case.target == first.target:
                what, wrong = f"It is the same as {of}{at}.", may_differ_in_part(first, case)
                yield finding("same image", case, case.images[0], what, wrong=wrong)
            else:
                what = (
                    f"It is {as_text(case.text)}, and the same as {of}, which is"
                    f" {as_text(first.text)}{at}."
                )
                yield finding("two targets", case, case.images[0], what)


def _one_hot(cases: Sequence[Case], columns: str | Sequence[str]) -> Iterator[Finding]:
    """Columns of 0 and 1 of which each row has one 1."""
    if isinstance(columns, str) or len(columns) < 2:
        return
    rows = [[numbers_in(text) for text in texts_of(c.text, columns)] for c in cases]
    if rows and all(sorted(row) == [*[[0.0]] * (len(columns) - 1), [1.0]] for row in rows):
        what = (
            f"The columns {listing(columns, 3)} hold 0 and 1, and each row a single 1: they are one"
            f" class of {len(columns)}, and would be learnt as {len(columns)} targets."
        )
        names = list(columns)
        remedy = (
            'Write one column with the names, for instance: python -c "import csv; rows ='
            " list(csv.DictReader(open('TABLE.csv'))); [row.update(label=max("
            f"{names}, key=lambda name: float(row[name]))) for row in rows]; out ="
            " csv.DictWriter(open('labelled.csv', 'w', newline=''), rows[0]);"
            ' out.writeheader(); out.writerows(rows)"'
        )
        yield finding("one class in several columns", None, "", what, remedy=remedy)
