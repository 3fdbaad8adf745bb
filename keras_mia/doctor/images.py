"""What shows when images are compared, whatever is to be learnt of them; no file is read."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import SPLITS, Case, Slab
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.similarity import near_duplicates
from keras_mia.doctor.finding import Finding, channel_file, finding

ODD_SPACING = 4.0
"""Times the usual spacing from which on a voxel size looks like an error of its unit."""
SIZES = 2.0
"""Times the median side from which on resizing changes a lot, or much is cut or filled up."""


Surveyed = Sequence[tuple[Case, CaseFacts]]


def compared(once: Surveyed) -> list[Finding]:
    """All findings that follow from facts of images, whatever is to be learnt.

    Args:
        once: cases with their facts, each image once.
    """
    rules = (constant, unlike, odd_size, odd_type, odd_spacing, similar)
    return [one for rule in rules for one in rule(once)]


def patients(cases: Sequence[Case]) -> Iterator[Finding]:
    """Patients who are in several parts of a split; parts of one image are left out."""
    cases_of: dict[str, dict[str, list[Case]]] = defaultdict(lambda: defaultdict(list))
    for case in cases:
        if case.split and not isinstance(case.region, Slab):
            cases_of[case.patient][case.split].append(case)
    for patient, by_part in cases_of.items():
        if len(by_part) > 1:
            parts = [part for part in SPLITS if part in by_part]
            texts = [f"{part} ({plural(len(by_part[part]), 'case')})" for part in parts]
            case = by_part[parts[-1]][0]
            what = f"Patient {patient} is in {' and in '.join(texts)}."
            yield finding("patient in several parts", case, case.images[0], what)


def constant(once: Surveyed) -> Iterator[Finding]:
    """Images, or channels, of one value."""
    for case, facts in once:
        pairs = enumerate(zip(facts.low, facts.high, strict=True))
        flat = [channel for channel, (low, high) in pairs if low == high]
        if not flat:
            continue
        file = channel_file(case, flat, facts.channels)
        if len(flat) == facts.channels:
            what = f"All its values are {facts.low[0]:g}."
            yield finding("constant image", case, file, what)
        else:
            what = f"Channel {listing(flat)} of {facts.channels} holds one value only."
            yield finding("constant image", case, file, what, wrong=False)


def unlike(once: Surveyed) -> Iterator[Finding]:
    """Images with other axes than most, or other channels where they are not grey and colours."""
    made_alike = all(facts.channels == 1 or facts.colours for _, facts in once)
    for what, value in (("axes", "rank"), ("channels", "channels"))[: 1 if made_alike else 2]:
        count = Counter(getattr(facts, value) for _, facts in once)
        usual = max(sorted(count), key=lambda one: count[one], default=0)
        for case, facts in once:
            number = getattr(facts, value)
            if number != usual:
                text = f"It has {number} {what}, most images have {usual}."
                yield finding("odd channels", case, case.images[0], text)


def odd_spacing(once: Surveyed) -> Iterator[Finding]:
    """Volumes whose voxels are of another size than usual by far."""
    volumes = [(case, facts) for case, facts in once if facts.rank == 3]
    spacings = [facts.spacing for _, facts in volumes if facts.spacing is not None]
    if not spacings:
        return
    # sorted: slices may lie along any axis
    median = np.median(np.sort(spacings), axis=0)
    for case, facts in volumes:
        if facts.spacing is None:
            what = "The file gives no spacing, others do: all images would keep their pixels."
            yield finding("odd spacing", case, case.images[0], what, wrong=False)
        elif (np.abs(np.log(np.sort(facts.spacing) / median)) > np.log(ODD_SPACING)).any():
            size_text, usual_text = (
                " x ".join(f"{x:.3g}" for x in one) for one in (np.sort(facts.spacing), median)
            )
            what = f"Its voxels are {size_text} mm, usual are {usual_text} mm."
            yield finding("odd spacing", case, case.images[0], what, wrong=False)


def odd_size(once: Surveyed) -> Iterator[Finding]:
    """Images that are larger or smaller than usual by far."""
    for rank in sorted({facts.rank for _, facts in once}):
        alike = [(case, facts) for case, facts in once if facts.rank == rank]
        measured = rank == 3 and all(facts.spacing for _, facts in alike)
        unit = "mm" if measured else "voxels"
        # sorted: slices may lie along any axis, pictures may be upright
        sizes = np.array(
            [
                sorted(np.multiply(facts.space, (measured and facts.spacing) or 1))
                for _, facts in alike
            ]
        )
        median = np.median(sizes, axis=0)
        is_far = (np.abs(np.log(sizes / median)) > np.log(SIZES)).any(axis=1)
        for number in np.flatnonzero(is_far).tolist():
            case, _ = alike[number]
            size_text, usual_text = (
                " x ".join(f"{x:.4g}" for x in lengths) for lengths in (sizes[number], median)
            )
            what = f"It has {size_text} {unit}, usual are {usual_text}."
            yield finding("odd size", case, case.images[0], what, wrong=False)


def odd_type(once: Surveyed) -> Iterator[Finding]:
    """Pictures whose values have another type than most; volumes are standardized each by
    itself."""
    pictures = [(case, facts) for case, facts in once if facts.rank == 2]
    counts = Counter(facts.dtype for _, facts in pictures)
    commonest = max(sorted(counts), key=lambda one: counts[one], default="")
    for case, facts in pictures:
        if facts.dtype != commonest:
            what = f"Its values are {facts.dtype}, those of most images {commonest}."
            yield finding("odd type", case, case.images[0], what)


def similar(once: Surveyed) -> Iterator[Finding]:
    """Pictures that are copies but for size, brightness or compression, and may be in two parts."""
    pictures = [(case, facts) for case, facts in once if facts.thumbnail is not None]
    thumbnails = [facts.thumbnail for _, facts in pictures if facts.thumbnail is not None]

    def matters(one: int, other: int) -> bool:
        (case, facts), (first, first_facts) = pictures[one], pictures[other]
        return facts.digest != first_facts.digest and may_differ_in_part(case, first)

    for one, other in near_duplicates(thumbnails, matters):
        case, first = pictures[one][0], pictures[other][0]
        is_split = case.split is not None and first.split is not None
        what = f"It looks like {first.images[0]}{parts_text(first, case)}."
        yield finding("similar images", case, case.images[0], what, wrong=is_split)


def may_differ_in_part(one: Case, other: Case) -> bool:
    """Whether two cases are, or without a split may come to be, in two parts of it."""
    if one.split and other.split:
        return one.split != other.split
    return one.patient != other.patient


def parts_text(one: Case, other: Case) -> str:
    """Where two cases are, as the end of a sentence."""
    parts = [part for part in SPLITS if part in (one.split, other.split)]
    if len(parts) == 2:
        return f", in two parts of the split ({' and '.join(parts)})"
    return ", of another patient" if one.patient != other.patient else ""
