"""What is wrong with two kinds of images that have no pairs."""

from collections import Counter

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import SPLITS, Cases
from keras_mia.doctor.balance import Balance
from keras_mia.doctor.diagnosis import Diagnosis, diagnose_by, surveyed_cases, warnings_by
from keras_mia.doctor.finding import Finding
from keras_mia.doctor.image_level import copies
from keras_mia.doctor.images import Surveyed, compared


def diagnose_unpaired(cases: Cases) -> Diagnosis:
    """Examines each image once, by a few threads, and compares them.

    Args:
        cases: whose texts say of which kind they are.

    Returns:
        A `Diagnosis`. A case that is wrong by itself is not compared with the others.
    """
    return diagnose_by(_compared, cases, _counts)


def unpaired_warnings(cases: Cases) -> tuple[str, ...]:
    """The fast part of `diagnose_unpaired`: what is wrong as far as facts tell; no file is read.

    Args:
        cases: with the split to train by, and with their facts.

    Returns:
        A sentence for each kind of finding that is wrong.
    """
    return warnings_by(_compared, cases)


def check_kinds(cases: Cases) -> None:
    """Refuses images that are of both kinds.

    Args:
        cases: with their facts.

    Raises:
        Problem: there are such images.
    """
    both = [one for one in copies(surveyed_cases(cases)) if one.kind == "two targets"]
    if both:
        raise Problem(
            f"{plural(len(both), 'image')} of both kinds: what is to be made is there already."
            f" {both[0].what}",
            listing([one.file for one in both], 5),
            "Take them out of one of the two.",
        )


def _compared(surveyed: Surveyed) -> list[Finding]:
    return [*compared(surveyed), *copies(surveyed)]


def _counts(surveyed: Surveyed) -> Balance:
    """A row a kind: how many images there are, in each part of the split."""
    counts = Counter((str(case.text), case.split or "all") for case, _ in surveyed)
    parts = [part for part in (*SPLITS, "all") if any(part == one for _, one in counts)]
    return tuple(
        {"kind": kind, **{part: counts[kind, part] for part in parts}}
        for kind in dict.fromkeys(kind for kind, _ in counts)
    )
