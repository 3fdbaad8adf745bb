"""What shows when images that are answered as a whole are compared; no file is read."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import SPLITS, Case
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.targets.base import as_text
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.inference import box_columns, infer_target
from keras_mia.data.targets.labels import Labels
from keras_mia.data.targets.multitask import texts_of
from keras_mia.data.targets.regression import Regression
from keras_mia.data.targets.texts.box_corners import fault, swapped
from keras_mia.data.targets.texts.kind_inference import numbers_in
from keras_mia.data.targets.texts.plausibility import far, joined, missing, spellings
from keras_mia.doctor.finding import KINDS, Finding, finding
from keras_mia.doctor.images import Surveyed, apart, constant, odd_spacing, sides, similar, unlike

SIZES = 2.0
"""Times the median side from which on resizing changes a lot, or much is cut or filled up."""

FEW = 10
SMALL = 0.05
"""A class is rare with fewer images, or with a smaller share of those of the largest."""

ORDER = (
    "Say what a box's numbers are by the columns' names, such as xmin ymin xmax ymax; in a column"
    " without such a name a picture's are row, column, row, column."
)
TURNED = f"With rows and columns exchanged all boxes would lie inside. {ORDER}"


def compare(
    seen: Surveyed,
    kinds: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    columns: str | Sequence[str] = (),
) -> list[Finding]:
    """All findings that follow from facts and answers.

    Args:
        seen: cases with their facts; their `split` may be known or not.
        kinds: of answers, one a column; none: as the answers facts.
        names: text of an answer -> name to show.
        columns: of a table, where each case has several answers.
    """
    cases = [case for case, _ in seen]
    if not cases:  # none could be read, which is said of each
        return []
    return [
        *constant(seen),
        *unlike(seen),
        *_sizes(seen),
        *_types(seen),
        *odd_spacing(seen),
        *_copies(seen),
        *similar(seen),
        *_one_hot(cases, columns),
        *(
            found
            for own, kind, named in each_answer(cases, kinds, columns)
            for found in of_answer(own, kind, names, named, {c.name: facts for c, facts in seen})
        ),
    ]


def each_answer(
    cases: Sequence[Case], kinds: Sequence[str], columns: str | Sequence[str]
) -> Iterator[tuple[Sequence[Case], str | None, tuple[str, ...]]]:
    """The cases with each of several answers alone, its kind where it was said, its columns."""
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    box = box_columns(columns, kinds, [case.text for case in cases if case.target])
    if len(columns) < 2 or box:
        yield cases, "box" if box else kinds[0] if kinds else None, box or columns
        return
    told = [(case, texts_of(case.text, columns)) for case in cases if case.target]
    for number in range(len(columns)):
        kind = kinds[number] if len(kinds) > 1 else kinds[0] if kinds else None
        own = [replace(case, target=texts[number]) for case, texts in told]
        yield own, kind, columns[number : number + 1]


def asked(
    cases: Sequence[Case],
    kind: str | None = None,
    names: Mapping[str, str] | None = None,
    columns: Sequence[str] = (),
) -> Any:
    """What is asked, by the answers of the training part, or of all where there is no split.

    Raises:
        Problem: the answers are of no kind.
    """
    found = [case.text for case in cases if _learnt(case)]
    others = [case.text for case in cases if not _learnt(case)]
    answers = infer_target(found, columns, kinds=[kind] if kind else (), names=names, others=others)
    return answers


def _learnt(case: Case) -> bool:
    return case.split in (None, "train")


def _sizes(seen: Surveyed) -> Iterator[Finding]:
    for rank in sorted({facts.rank for _, facts in seen}):
        alike = [(case, facts) for case, facts in seen if facts.rank == rank]
        measured = rank == 3 and all(facts.spacing for _, facts in alike)
        unit = "mm" if measured else "voxels"
        # sorted: slices may lie along any axis, pictures may be upright
        sizes = np.array(
            [
                sorted(np.multiply(facts.space, (measured and facts.spacing) or 1))
                for _, facts in alike
            ]
        )
        usual = np.median(sizes, axis=0)
        far = (np.abs(np.log(sizes / usual)) > np.log(SIZES)).any(axis=1)
        for number in np.flatnonzero(far).tolist():
            case, _ = alike[number]
            found, words = (
                " x ".join(f"{x:.4g}" for x in sides) for sides in (sizes[number], usual)
            )
            what = f"It has {found} {unit}, usual are {words}."
            yield finding("odd size", case, case.images[0], what, wrong=False)


def _types(seen: Surveyed) -> Iterator[Finding]:
    """Pictures only: volumes are standardized each by itself."""
    pictures = [(case, facts) for case, facts in seen if facts.rank == 2]
    count = Counter(facts.dtype for _, facts in pictures)
    usual = max(sorted(count), key=lambda one: count[one], default="")
    for case, facts in pictures:
        if facts.dtype != usual:
            what = f"Its values are {facts.dtype}, those of most images {usual}."
            yield finding("odd type", case, case.images[0], what)


def _copies(seen: Surveyed) -> Iterator[Finding]:
    alike: dict[str, list[Case]] = defaultdict(list)
    for case, facts in seen:
        if facts.low != facts.high:
            alike[facts.digest].append(case)
    for first, *copies in alike.values():
        for case in copies:
            of, at = first.images[0], sides(first, case)
            if case.target == first.target:
                what, wrong = f"It is the same as {of}{at}.", apart(first, case)
                yield finding("same image", case, case.images[0], what, wrong=wrong)
            else:
                what = (
                    f"It is {as_text(case.text)}, and the same as {of}, which is"
                    f" {as_text(first.text)}{at}."
                )
                yield finding("two answers", case, case.images[0], what)


def of_answer(
    cases: Sequence[Case],
    kind: str | None,
    names: Mapping[str, str] | None,
    columns: Sequence[str],
    seen: Mapping[str, CaseFacts],
) -> Iterator[Finding]:
    """All findings that follow from one answer to each image.

    Args:
        cases: with the answer; their `split` may be known or not.
        kind: of the answer; None: as they facts.
        names: text of an answer -> name to show.
        columns: of a table, that it stands in.
        seen: facts of the images by the names of the cases.
    """
    try:
        answers = asked(cases, kind, names, columns)
    except Problem as problem:
        yield finding("unusable answer", None, "", problem.what, mend=problem.mend)
        return
    if answers.kind in ("multiclass", "multilabel"):
        yield from _missing(cases, answers)
        yield from _spellings(cases, answers, len(columns) > 1)
        yield from _joined(cases, answers)
        yield from _untrained(cases, answers)
        yield from _untested(cases, answers)
        yield from _rare(cases, answers)
        yield from _unknown(cases, answers)
    elif answers.kind == "box":
        yield from boxes(cases, answers, seen)
    else:
        yield from _numbers(cases, answers)


def boxes(cases: Sequence[Case], answers: Box, seen: Mapping[str, CaseFacts]) -> Iterator[Finding]:
    """Boxes that lie outside their images, or have no size, or no meaning."""
    found: list[tuple[Case, np.ndarray, Sequence[int], str, str]] = []
    told = []
    for case in cases:
        facts = seen[case.name]
        space = facts.stored_space
        try:
            box = answers.corners(case.text, case.name, len(space))
        except Problem as problem:
            yield finding("unusable answer", case, case.images[0], problem.what)
            continue
        told.append((box, space))
        if wrong := fault(box, space):
            found.append((case, box, space, *wrong))
    outside = any(kind == "box outside" for *_, kind, _ in found)
    turned = outside and swapped([box for box, _ in told], [space for _, space in told])
    for case, _, _, kind, what in found:
        mend = (TURNED if turned else ORDER) if kind == "box outside" else None
        yield finding(kind, case, case.images[0], what, mend=mend)


def _missing(cases: Sequence[Case], answers: Labels) -> Iterator[Finding]:
    count = Counter(text for case in cases for text in answers.labels(case.text))
    meant = {v for name, v in zip(answers.names, answers.values, strict=True) if name != v}
    for text in sorted(missing(count) - meant):
        what = (
            f"{text!r} is the answer of {plural(count[text], 'image')}, and would be learnt as a"
            f" {'class' if answers.kind == 'multiclass' else 'finding'}."
        )
        mend = f'{KINDS["missing answer"]} A name says that it is one: --labels "{text}=unread".'
        yield finding("missing answer", None, "", what, mend=mend)


def _spellings(cases: Sequence[Case], answers: Labels, among_columns: bool) -> Iterator[Finding]:
    count = Counter(text.removesuffix("?") for case in cases for text in answers.labels(case.text))
    found = {
        own: max(own, key=lambda text: count[text])
        for own in spellings(text for text in count if text)
    }
    pairs = [f"{text}={usual}" for own, usual in found.items() for text in own if text != usual]
    mend = f'Write each alike, or say --labels "{",".join(pairs)}".'
    if among_columns:
        mend = "Write each alike."
    for own in found:
        words = " and ".join(f"{text!r} ({plural(count[text], 'image')})" for text in own)
        what = f"{words} are one but for how they are written, and would be {len(own)} classes."
        yield finding("one class in several spellings", None, "", what, mend=mend)


def _joined(cases: Sequence[Case], answers: Labels) -> Iterator[Finding]:
    if answers.kind != "multiclass":
        return
    found = joined(text for case in cases for text in answers.labels(case.text))
    if found:
        text, mark = next(iter(found.items()))
        what = (
            f"{plural(len(found), 'class')} such as {text!r} hold several answers, of which some"
            f" stand by themselves in other rows: {mark!r} does not part findings."
        )
        yield finding("several answers in one", None, "", what)


def _one_hot(cases: Sequence[Case], columns: str | Sequence[str]) -> Iterator[Finding]:
    """Columns of 0 and 1 of which each row has one 1."""
    if isinstance(columns, str) or len(columns) < 2:
        return
    rows = [[numbers_in(text) for text in texts_of(c.text, columns)] for c in cases]
    if rows and all(sorted(row) == [*[[0.0]] * (len(columns) - 1), [1.0]] for row in rows):
        what = (
            f"The columns {listing(columns, 3)} hold 0 and 1, and each row a single 1: they are one"
            f" class of {len(columns)}, and would be learnt as {len(columns)} answers."
        )
        names = list(columns)
        mend = (
            'Write one column with the names, for instance: python -c "import pandas as pd; t ='
            f" pd.read_csv('TABLE.csv'); t['label'] = t[{names}].idxmax(axis=1);"
            " t.to_csv('labelled.csv', index=False)\""
        )
        yield finding("one class in several columns", None, "", what, mend=mend)


def _numbers(cases: Sequence[Case], answers: Regression) -> Iterator[Finding]:
    told = []
    for case in cases:
        try:
            answers.encode(case.text, case.name)
        except Problem as problem:
            yield finding("unusable answer", case, case.images[0], problem.what, mend=problem.mend)
            continue
        told.append((case, numbers_in(case.text)[0]))
    for number, wrong, words in far([value for _, value in told]):
        case, value = told[number]
        what = f"Its number is {value:g}; {words}."
        yield finding("odd number", case, case.images[0], what, wrong=wrong)


def _untrained(cases: Sequence[Case], answers: Labels) -> Iterator[Finding]:
    holders: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        for text in {text.removesuffix("?") for text in answers.labels(case.text)}:
            holders[text].append(case)
    for text, found in holders.items():
        if text not in answers.values:
            others = listing([case.name for case in found], 3)
            what = f"No image for training has the answer {text!r}, of the others {others}."
            yield finding("untrained class", found[0], found[0].images[0], what)


def _untested(cases: Sequence[Case], answers: Labels) -> Iterator[Finding]:
    for side in SPLITS[1:]:
        part = [case for case in cases if case.split == side]
        count = Counter(text for case in part for text in answers.labels(case.text))
        named = list(zip(answers.names, answers.values, strict=True))
        lacking = [name for name, text in named if not count[text]]
        without = [name for name, text in named if count[text] + count[f"{text}?"] == len(part)]
        if part and lacking:
            what = f"The {side} part has no image of {listing(lacking)}."
            yield finding("untested class", None, "", what)
        if part and without and answers.kind == "multilabel":
            what = f"The {side} part has no image known to be without {listing(without)}."
            yield finding("untested class", None, "", what)


def _rare(cases: Sequence[Case], answers: Labels) -> Iterator[Finding]:
    learnt = [case for case in cases if _learnt(case)]
    count = Counter(text for case in learnt for text in answers.labels(case.text))
    most = max(count.values(), default=0)
    patients: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        for text in answers.labels(case.text):
            patients[text].add(case.patient)
    many = len({case.patient for case in cases}) > 1
    for name, text in zip(answers.names, answers.values, strict=True):
        if many and len(patients[text]) == 1:
            what = f"Only one patient has {name}, in {plural(count[text], 'image')} to learn from."
            yield finding("class of one patient", None, "", what, wrong=False)
        if count[text] < max(FEW, SMALL * most):
            what = f"{name} has {plural(count[text], 'image')} to learn from, the largest {most}."
            yield finding("rare class", None, "", what, wrong=False)


def _unknown(cases: Sequence[Case], answers: Labels) -> Iterator[Finding]:
    if answers.kind == "multiclass":
        return
    count = Counter(t for case in cases for t in answers.labels(case.text) if t.endswith("?"))
    for name, text in zip(answers.names, answers.values, strict=True):
        if number := count[f"{text}?"]:
            what = f"{name} may or may not be in {number} of {plural(len(cases), 'image')}."
            yield finding("unknown answer", None, "", what, wrong=False)
