"""Classes and findings: one in two spellings, missing ones, those that training or a test lacks."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import SPLITS, Case
from keras_mia.data.targets.labels import Labels
from keras_mia.data.targets.texts.plausibility import joined_findings, missing_texts, spellings
from keras_mia.doctor.balance import Balance, split_counts, split_parts
from keras_mia.doctor.finding import KINDS, Finding, finding
from keras_mia.doctor.targets.column import Column

FEW = 10
SMALL = 0.05
"""A class is rare with fewer images, or with a smaller share of those of the largest."""


def class_findings(column: Column, target: Labels) -> Iterator[Finding]:
    """All findings that follow from one class to each image.

    Args:
        column: the cases with their classes.
        target: what is to be learnt of them.
    """
    yield from _label_findings(column, target)
    yield from _joined(column.cases, target)


def multilabel_findings(column: Column, target: Labels) -> Iterator[Finding]:
    """All findings that follow from several findings to each image.

    Args:
        column: the cases with their findings.
        target: what is to be learnt of them.
    """
    yield from _label_findings(column, target)
    yield from _never_absent(column.cases, target)
    yield from _unknown(column.cases, target)


def label_balance(column: Column, target: Labels) -> Balance:
    """A row a class or finding, with its share of the cases.

    Args:
        column: the cases with their classes or findings.
        target: what is to be learnt of them.
    """
    cases = column.cases
    holders: dict[str, list[Case]] = {text: [] for text in target.values}
    for case in cases:
        for text in target.labels(case.text):
            holders.setdefault(text, []).append(case)
    names = dict(zip(target.values, target.names, strict=True))
    parts = split_parts(cases)
    return tuple(
        {
            "value": text,
            "name": names[text] if names.get(text, text) != text else "",
            **split_counts(cases_with, parts),
            "share": len(cases_with) / len(cases),
        }
        for text, cases_with in holders.items()
    )


def _label_findings(column: Column, target: Labels) -> Iterator[Finding]:
    yield from _missing(column.cases, target)
    yield from _spellings(column, target)
    yield from _untrained(column.cases, target)
    yield from _untested(column.cases, target)
    yield from _rare(column, target)


def _missing(cases: Sequence[Case], target: Labels) -> Iterator[Finding]:
    count = Counter(text for case in cases for text in target.labels(case.text))
    meant = {v for name, v in zip(target.names, target.values, strict=True) if name != v}
    for text in sorted(missing_texts(count) - meant):
        what = (
            f"{text!r} is the target of {plural(count[text], 'image')}, and would be learnt as a"
            f" {target.noun}."
        )
        remedy = f'{KINDS["missing target"]} A name says that it is one: --labels "{text}=unread".'
        yield finding("missing target", None, "", what, remedy=remedy)


def _spellings(column: Column, target: Labels) -> Iterator[Finding]:
    count = Counter(
        text.removesuffix("?") for case in column.cases for text in target.labels(case.text)
    )
    usual = {
        group: max(group, key=lambda text: count[text])
        for group in spellings(text for text in count if text)
    }
    pairs = [
        f"{text}={most_used}"
        for group, most_used in usual.items()
        for text in group
        if text != most_used
    ]
    remedy = f'Write each alike, or say --labels "{",".join(pairs)}".'
    if not column.alone:
        remedy = "Write each alike."
    for group in usual:
        texts = " and ".join(f"{text!r} ({plural(count[text], 'image')})" for text in group)
        what = f"{texts} are one but for how they are written, and would be {len(group)} classes."
        yield finding("one class in several spellings", None, "", what, remedy=remedy)


def _joined(cases: Sequence[Case], target: Labels) -> Iterator[Finding]:
    separators = joined_findings(text for case in cases for text in target.labels(case.text))
    if separators:
        text, separator = next(iter(separators.items()))
        what = (
            f"{plural(len(separators), 'class')} such as {text!r} hold several targets, of which"
            f" some stand by themselves in other rows: {separator!r} does not part findings."
        )
        yield finding("several targets in one", None, "", what)


def _untrained(cases: Sequence[Case], target: Labels) -> Iterator[Finding]:
    holders: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        for text in {text.removesuffix("?") for text in target.labels(case.text)}:
            holders[text].append(case)
    for text, cases_with in holders.items():
        if text not in target.values:
            others = listing([case.name for case in cases_with], 3)
            what = f"No image for training has the target {text!r}, of the others {others}."
            yield finding("untrained class", cases_with[0], cases_with[0].images[0], what)


def _untested(cases: Sequence[Case], target: Labels) -> Iterator[Finding]:
    for split in SPLITS[1:]:
        part = [case for case in cases if case.split == split]
        count = Counter(text for case in part for text in target.labels(case.text))
        pairs = zip(target.names, target.values, strict=True)
        lacking = [name for name, text in pairs if not count[text]]
        if part and lacking:
            what = f"The {split} part has no image of {listing(lacking)}."
            yield finding("untested class", None, "", what)


def _rare(column: Column, target: Labels) -> Iterator[Finding]:
    count = Counter(text for case in column.train for text in target.labels(case.text))
    most = max(count.values(), default=0)
    patients: dict[str, set[str]] = defaultdict(set)
    for case in column.cases:
        for text in target.labels(case.text):
            patients[text].add(case.patient)
    many = len({case.patient for case in column.cases}) > 1
    for name, text in zip(target.names, target.values, strict=True):
        if many and len(patients[text]) == 1:
            what = f"Only one patient has {name}, in {plural(count[text], 'image')} to learn from."
            yield finding("class of one patient", None, "", what, wrong=False)
        if count[text] < max(FEW, SMALL * most):
            what = f"{name} has {plural(count[text], 'image')} to learn from, the largest {most}."
            yield finding("rare class", None, "", what, wrong=False)


def _unknown(cases: Sequence[Case], target: Labels) -> Iterator[Finding]:
    count = Counter(t for case in cases for t in target.labels(case.text) if t.endswith("?"))
    for name, text in zip(target.names, target.values, strict=True):
        if number := count[f"{text}?"]:
            what = f"{name} may or may not be in {number} of {plural(len(cases), 'image')}."
            yield finding("unknown target", None, "", what, wrong=False)


def _never_absent(cases: Sequence[Case], target: Labels) -> Iterator[Finding]:
    for split in SPLITS[1:]:
        part = [case for case in cases if case.split == split]
        count = Counter(text for case in part for text in target.labels(case.text))
        pairs = zip(target.names, target.values, strict=True)
        without = [name for name, text in pairs if count[text] + count[f"{text}?"] == len(part)]
        if part and without:
            what = f"The {split} part has no image known to be without {listing(without)}."
            yield finding("untested class", None, "", what)
