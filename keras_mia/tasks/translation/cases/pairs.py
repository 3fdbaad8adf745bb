"""The cases of translation: read once, and who trains."""

import contextlib
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import plural
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.layouts.image_pairs import read_image_pairs
from keras_mia.data.datasets.layouts.layout import NO_CHOICES
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.fingerprint.reading_notes import reading_notes
from keras_mia.data.fingerprint.survey import survey
from keras_mia.doctor.image_pairs import check_pairs, pair_warnings

FEWEST = 2


def examine(cases: Cases, *, test_only: bool = False) -> Cases:
    """Reads each image once.

    Args:
        cases: as `read_cases` gives them.
        test_only: whether only test cases are read.

    Raises:
        Problem: names the cases that cannot be read, or that have nothing to learn from: an image
            that is its own target, a target of one value.
    """
    cases = survey(cases, cases.test if test_only else None, thumbnails=not test_only)
    if not test_only and are_pairs(cases):
        check_pairs(cases)
    return cases


def are_pairs(cases: Cases) -> bool:
    """Whether images have targets, and are not to be made out of them.

    Args:
        cases: as `read_cases` gives them.
    """
    return any(case.target is not None for case in cases)


def check_alone(cases: Cases) -> None:
    """Refuses a folder of pairs whose images are to be made worse: both images of a pair would be
    cases, one of them in training and the other in the test.

    Args:
        cases: images without targets.

    Raises:
        Problem: the folder holds pairs.
    """
    folder, pairs = Path(cases.source), None
    if folder.is_dir():
        with contextlib.suppress(Problem):
            pairs = read_image_pairs(folder, NO_CHOICES)
    if pairs is not None and len(pairs):
        raise Problem(
            f"The folder holds {plural(len(pairs), 'pair')} of images, both of which show one"
            " patient.",
            folder,
            "Name the folder of those that are to be made, or leave --degrade out.",
        )


def split_cases(cases: Cases, fold: tuple[int, int]) -> Cases:
    """The cases with who trains and who is held out; a single training image also validates, by a
    tenth of its slices.

    Args:
        cases: examined.
        fold: which part tests, and of how many.

    Raises:
        Problem: there is a single image, or none to train on.
    """
    if len({case.patient for case in cases}) < FEWEST:
        raise Problem(
            "There is one patient only: what is learnt of a part of an image says nothing of"
            " others.",
            cases.source,
            "Give images of a second patient.",
        )
    made = split(cases, fold=fold[0], folds=fold[1])
    if not made.train:
        raise Problem("There is no case to train on.", cases.source, "Give images to learn from.")
    read = reading_notes([(case, made.facts[case.unsplit]) for case in made])
    warnings = pair_warnings(made) if are_pairs(made) else ()
    made = replace(made, notes=(*made.notes, *read), warnings=warnings)
    return survey(made, thumbnails=True)  # parts of an image whose slices are parted
