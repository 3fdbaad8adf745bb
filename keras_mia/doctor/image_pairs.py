"""What is wrong with images and those that are to be made of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from keras_mia.core.parallel import map_cases
from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import SPLITS, Case, Cases
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.sampling import sample_indices
from keras_mia.data.fingerprint.target_image_facts import TargetImageFacts
from keras_mia.doctor.alignment import Shift, shift_of
from keras_mia.doctor.balance import Balance
from keras_mia.doctor.diagnosis import Diagnosis, diagnose_by, surveyed_cases, warnings_by
from keras_mia.doctor.finding import Finding, finding
from keras_mia.doctor.images import Surveyed, compared, may_differ_in_part, parts_text

MOST_COMPARED = 200
"""Pairs whose outlines are compared."""
STOPS = ("image as target", "constant target")
"""Kinds of findings that training stops at."""
Pair = tuple[Case, CaseFacts, TargetImageFacts]


def diagnose_pairs(cases: Cases) -> Diagnosis:
    """Examines each pair once, by a few threads, and compares them.

    Args:
        cases: as `read_cases(..., targets=["image"], strict=False)` gives them.

    Returns:
        A `Diagnosis`. A case that is wrong by itself is not compared with the others.
    """
    return diagnose_by(lambda surveyed: [*_compared(surveyed), *_shifted(surveyed)], cases, _ranges)


def pair_warnings(cases: Cases) -> tuple[str, ...]:
    """The fast part of `diagnose_pairs`: what is wrong as far as facts tell; no file is read.

    Args:
        cases: with the split to train by, and with their facts.

    Returns:
        A sentence for each kind of finding that is wrong.
    """
    return warnings_by(_compared, cases)


def check_pairs(cases: Cases) -> None:
    """Sees to it that something can be learnt of each pair, before anything is trained.

    Args:
        cases: with their facts.

    Raises:
        Problem: an image is its own target, or a target holds one value where its image does not.
    """
    pairs = _pairs(_once(surveyed_cases(cases)))
    wrong = [one for one in _of_one(pairs) if one.kind in STOPS and one.severity == "wrong"]
    for kind in STOPS:
        of_kind = [one for one in wrong if one.kind == kind]
        if of_kind:
            count = f" ({len(of_kind)} of {len(pairs)} cases)" if len(of_kind) > 1 else ""
            what = f"{of_kind[0].what.rstrip('.')}{count}."
            raise Problem(what, listing([one.file for one in of_kind]), of_kind[0].remedy)


def _compared(surveyed: Surveyed) -> list[Finding]:
    """All findings that follow from facts."""
    once = _once(surveyed)
    pairs = _pairs(once)
    return [
        *compared(once),
        *_of_one(pairs),
        *_other_targets(pairs),
        *_copies(pairs),
    ]


def _once(surveyed: Surveyed) -> Surveyed:
    """The cases of which some are not parts of one image."""
    return list({(case.images, case.target): (case, facts) for case, facts in surveyed}.values())


def _pairs(surveyed: Surveyed) -> list[Pair]:
    return [(case, one, one.target_image) for case, one in surveyed if one.target_image is not None]


def _of_one(pairs: Sequence[Pair]) -> Iterator[Finding]:
    for case, facts, target in pairs:
        flat = facts.low == facts.high
        if target.is_constant:
            what = f"All values of the target are {listing([f'{low:g}' for low in target.low])}."
            yield finding("constant target", case, case.target, what, wrong=not flat)
        elif target.digest == facts.digest:
            what = "Image and target are the same."
            yield finding("image as target", case, case.target, what)


def _other_targets(pairs: Sequence[Pair]) -> Iterator[Finding]:
    rules: tuple[Callable[[Pair], str], ...] = (
        lambda pair: plural(pair[2].channels, "channel"),
        lambda pair: f"values of {pair[2].dtype}" if pair[1].rank == 2 else "",
    )
    for of in rules:
        count = Counter(map(of, pairs))
        usual = max(sorted(count), key=lambda one: count[one], default="")
        for pair in pairs:
            if of(pair) != usual:
                what = f"The target has {of(pair)}, most have {usual}."
                yield finding("other target", pair[0], pair[0].target, what)


def _copies(pairs: Sequence[Pair]) -> Iterator[Finding]:
    """Images, and targets, that are in several pairs."""
    by_image: dict[str, list[Pair]] = defaultdict(list)
    by_target: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair[1].low != pair[1].high:
            by_image[pair[1].digest].append(pair)
        if not pair[2].is_constant:
            by_target[pair[2].digest].append(pair)
    for first, *copies in by_image.values():
        for case, _, target in copies:
            where = f"{first[0].images[0]}{parts_text(first[0], case)}"
            if target.digest == first[2].digest:
                what, wrong = f"It is the same as {where}.", may_differ_in_part(first[0], case)
                yield finding("same image", case, case.images[0], what, wrong=wrong)
            else:
                what = f"It is the same as {where}, whose target is another."
                yield finding("two targets", case, case.images[0], what)
    for first, *copies in by_target.values():
        for case, facts, _ in copies:
            if facts.digest != first[1].digest:
                what = f"It is the same as {first[0].target}{parts_text(first[0], case)}."
                wrong = may_differ_in_part(first[0], case)
                yield finding("same target", case, case.target, what, wrong=wrong)


def _shifted(surveyed: Surveyed) -> Iterator[Finding]:
    pairs = _pairs(_once(surveyed))
    chosen = [pairs[at] for at in sample_indices(len(pairs), MOST_COMPARED)]
    cases = [
        case
        for case, facts, target in chosen
        if facts.low != facts.high and not target.is_constant and target.digest != facts.digest
    ]
    shifts: list[Shift | None] = map_cases(_shift, cases, "comparing pairs")
    for case, shift in zip(cases, shifts, strict=True):
        if shift is not None:
            moved = " and ".join(f"{by:+d}" for by in shift.voxels)
            what = (
                f"Outlines correlate by {shift.at_zero:.2f}, with the target moved by {moved}"
                f" voxels along axes {listing(shift.axes)} by {shift.at_best:.2f}."
            )
            yield finding("shifted target", case, case.target, what, wrong=False)


def _shift(case: Case) -> Shift | None:
    image = case.image()
    return shift_of(image, case.target_image(image))


def _ranges(surveyed: Surveyed) -> Balance:
    """A row a part of the split: how many cases, and what values images and targets have."""
    pairs = _pairs(surveyed)
    parts = {case.split for case, _, _ in pairs}
    return tuple(
        {
            "part": part or "all",
            "cases": len(inside),
            "images": _range([facts for _, facts, _ in inside]),
            "targets": _range([target for _, _, target in inside]),
        }
        for part in (*SPLITS, None)
        if part in parts
        for inside in [[pair for pair in pairs if pair[0].split == part]]
    )


def _range(facts: Sequence[CaseFacts | TargetImageFacts]) -> str:
    low, high = min(min(one.low) for one in facts), max(max(one.high) for one in facts)
    return f"{low:g} to {high:g}"
