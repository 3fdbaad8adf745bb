"""What shows only when label maps are compared: from facts alone, no file is read."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import SPLITS, Case
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.io.formats import LOSSY
from keras_mia.data.io.labels.plausibility import label_fault
from keras_mia.data.targets.label_map import MOST_CLASSES
from keras_mia.doctor.finding import Finding, finding
from keras_mia.doctor.images import (
    Surveyed,
    constant,
    may_differ_in_part,
    odd_spacing,
    parts_text,
    similar,
    unlike,
)

RARE = 0.1
"""Share of the cases up to which what they lack is more likely forgotten than absent."""

OF_PICTURES = 64
"""Classes without a name from which on label maps of pictures look like pictures themselves."""

LARGEST_CLASS = 2**16 - 1
"""Larger values without a name are no classes."""


@dataclass(frozen=True)
class Labels:
    """What the values of label maps mean.

    Args:
        names: label value -> name, of the data set and the user together.
        expected: the values that a label map may hold; None where nothing says.
        keep: values to keep as classes, the rest counts as background; None keeps all.
        are_classes: whether values are classes, even where they look as if they numbered objects.
    """

    names: Mapping[int, str]
    expected: Collection[int] | None = None
    keep: Collection[int] | None = None
    are_classes: bool = False

    def background(self, values: Collection[int]) -> int:
        """The smallest of the values that count."""
        counted = (value for value in values if self.expects(value) and not self._ignored(value))
        return min(counted, default=0)

    def classes(self, values: Collection[int]) -> list[int]:
        """The values that are classes, without background."""
        background = self.background(values)
        return [
            value
            for value in sorted(values)
            if value != background and not self._ignored(value)
            if self.keep is None or value in self.keep
        ]

    def name(self, value: int) -> str:
        """The value with its name, where it has one."""
        return f"{value} ({self.names[value]})" if value in self.names else str(value)

    def expects(self, value: int) -> bool:
        """Whether a label map may hold the value."""
        return self.expected is None or value in self.expected

    def _ignored(self, value: int) -> bool:
        return self.names.get(value, "").lower() == "ignore"


def compare(surveyed: Surveyed, labels: Labels) -> list[Finding]:
    """All findings that follow from the facts of cases.

    Args:
        surveyed: cases with their facts; their `split` may be known or not. Several may be parts of
            one image.
        labels: what the label values mean.
    """
    once: Surveyed = list({case.images: (case, facts) for case, facts in surveyed}.values())
    return [
        *constant(once),
        *unlike(once),
        *odd_spacing(once),
        *of_values(surveyed, labels),
        *_labels_as_images(once),
        *_same_images(once),
        *_same_labels(once),
        *similar(once),
    ]


def of_values(surveyed: Surveyed, labels: Labels) -> list[Finding]:
    """The findings that follow from the values of label maps; of values that cannot be classes that
    alone."""
    once: Surveyed = list({case.images: (case, facts) for case, facts in surveyed}.values())
    doubtful = list(_doubts(once, labels))
    return doubtful or [*_label_values(once, labels), *_classes(surveyed, labels)]


def _doubts(once: Surveyed, labels: Labels) -> Iterator[Finding]:
    labelled = [(case, facts) for case, facts in once if facts.values]
    doubtful = label_fault(
        [facts.values for _, facts in labelled],
        [facts.label.one_piece for _, facts in labelled if facts.label],
        are_classes=labels.are_classes or labels.keep is not None,
        named=labels.names,
        lossy=any(str(case.target).lower().endswith(LOSSY) for case, _ in labelled),
    )
    if doubtful:
        file = "" if doubtful.example is None else labelled[doubtful.example][0].target
        yield finding(doubtful.kind, None, file, doubtful.what, remedy=doubtful.remedy)


def _labels_as_images(once: Surveyed) -> Iterator[Finding]:
    for case, facts in once:
        if facts.label and facts.label.is_image:
            what = f"It shows what its label map {case.target} shows, and nothing else."
            yield finding("image as label map", case, case.images[0], what)


def _label_values(once: Surveyed, labels: Labels) -> Iterator[Finding]:
    held = Counter(value for _, facts in once for value in facts.values)
    labelled = [(case, facts) for case, facts in once if facts.values]
    classes = set(labels.classes(held))
    if len(classes) >= _most(once, labels):
        return
    usual = {value for value in classes if len(labelled) - held[value] <= _few(labelled)}
    empty = {case for case, facts in labelled if not classes & set(facts.values)}
    if empty and len(empty) == len(labelled):
        values = listing([labels.name(value) for value in sorted(held)])
        what = (
            f"All {plural(len(empty), 'label map')} hold {values} only: there is nothing to learn."
        )
        yield finding("no class", None, "", what)
        return
    for case, facts in labelled:
        odd = [value for value in facts.values if not labels.expects(value)]
        if odd:
            expected = listing([labels.name(value) for value in sorted(labels.expected or ())])
            what = f"It holds {_voxels(facts, odd)}; expected are {expected}."
            yield finding("unexpected label", case, case.target, what)
        absurd = [
            value
            for value in facts.values
            if labels.expected is None and value not in labels.names
            if value > LARGEST_CLASS or (value < 0 and 0 in held)
        ]
        if absurd:
            what = f"It holds {_voxels(facts, absurd)}, a number that classes seldom have."
            yield finding("odd label value", case, case.target, what)
        if case in empty:
            forgotten = len(empty) <= _few(labelled)
            what = f"It holds no class, {len(labelled) - len(empty)} of {len(labelled)} do."
            yield finding("empty label map", case, case.target, what, wrong=forgotten)
            continue
        if len(facts.values) == 1:
            what = f"It holds {labels.name(min(facts.values))} only."
            yield finding("full label map", case, case.target, what, wrong=False)
        missing = usual - set(facts.values)
        if missing and len(labelled) > 2:
            names = listing([labels.name(value) for value in sorted(missing)])
            what = f"It does not hold {names}, as nearly all others do."
            yield finding("missing label", case, case.target, what, wrong=False)


def _most(surveyed: Surveyed, labels: Labels) -> int:
    pictures = all(facts.rank == 2 for _, facts in surveyed)
    return OF_PICTURES if pictures and not labels.names else MOST_CLASSES


def _few(labelled: Surveyed) -> float:
    return max(1, RARE * len(labelled))


def _voxels(facts: CaseFacts, values: Sequence[int]) -> str:
    return listing([f"{value} in {_count(facts.values[value])}" for value in values], 5)


def _count(voxels: int) -> str:
    return plural(voxels, "voxel")


def _classes(surveyed: Surveyed, labels: Labels) -> Iterator[Finding]:
    holders: dict[int, list[Case]] = defaultdict(list)
    for case, facts in surveyed:
        for value in facts.values:
            holders[value].append(case)
    number = len({case.patient for case, _ in surveyed})
    classes = labels.classes(holders)
    if len(classes) >= _most(surveyed, labels):
        what = f"The label maps hold {len(holders)} different values, as images do."
        yield finding("too many labels", None, "", what)
        return
    for value in (value for value in classes if labels.expects(value)):
        cases = holders[value]
        if all(case.split for case in cases) and not any(c.split == "train" for c in cases):
            others = listing([case.name for case in cases], 3)
            what = f"No case for training holds {labels.name(value)}, of the others {others}."
            yield finding("untrained class", cases[0], cases[0].target, what)
            continue
        yield from _untested(surveyed, cases, labels.name(value))
        if number > 1 and len({case.patient for case in cases}) == 1:
            voxels = sum(facts.values.get(value, 0) for _, facts in surveyed)
            what = f"Of {number} patients one has {labels.name(value)}, in {_count(voxels)}."
            yield finding("class of one patient", cases[0], cases[0].target, what, wrong=False)
    for value in sorted(labels.names):
        if value not in holders and value in (labels.expected or ()) and holders:
            what = f"No label map holds {labels.name(value)}."
            yield finding("class without cases", None, "", what, wrong=False)


def _untested(surveyed: Surveyed, holders: Sequence[Case], name: str) -> Iterator[Finding]:
    for part in SPLITS[1:]:
        present = any(case.split == part for case, _ in surveyed)
        if present and not any(case.split == part for case in holders):
            what = f"The {part} part has no case with {name}."
            yield finding("untested class", None, "", what)


def _same_images(once: Surveyed) -> Iterator[Finding]:
    alike: dict[str, list[Case]] = defaultdict(list)
    for case, facts in once:
        if facts.low != facts.high:
            alike[facts.digest].append(case)
    for first, *copies in alike.values():
        for case in copies:
            what = f"It is the same as {first.images[0]}{parts_text(first, case)}."
            wrong = may_differ_in_part(first, case) or first.patient != case.patient
            yield finding("same image", case, case.images[0], what, wrong=wrong)


def _same_labels(once: Surveyed) -> Iterator[Finding]:
    alike: dict[str, list[tuple[Case, CaseFacts]]] = defaultdict(list)
    for case, facts in once:
        if facts.label and facts.label.digest is not None:
            alike[facts.label.digest].append((case, facts))
    for (first, first_facts), *copies in alike.values():
        for case, facts in copies:
            if facts.digest != first_facts.digest and case.patient != first.patient:
                what = (
                    f"It is the same as {first.target}, the images differ{parts_text(first, case)}."
                )
                yield finding("same label map", case, case.target, what)
