"""Whether a generator knows images, or patients, that a classifier is to be scored by."""

import os
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.io.virtual_paths import source_of
from keras_mia.tasks.classification.synthetic.generator_run import OPTION, GeneratorRun

Identity = tuple[str, ...]
"""What tells an image or a patient: a kind, and texts."""


def check_leaks(cases: Cases, run: GeneratorRun) -> None:
    """Sees to it that samples show nothing of validation and test.

    What the generator was trained on may be in neither part, what it was chosen by not in the test
    part. An image is the same if it lies in the same file, or has equal voxels; a patient is the
    same by name, where a case is not called like its patient. What the classifier's own training
    knows as well, as where the data have an image twice, is not laid to the generator.

    Args:
        cases: of the classifier, examined, with their splits.
        run: of the generator.

    Raises:
        Problem: says how many images of validation and test the generator knows.
    """
    generator = run.cases()
    digests = _digests(cases, generator)
    learnt = _identities(generator.train, digests) - _identities(cases.train, digests)
    chosen_by = _identities(generator.validation, digests)
    chosen_by -= _identities([*cases.train, *cases.validation], digests)
    leaks = _matching(cases.validation, learnt, digests)
    leaks += _matching(cases.test, learnt | chosen_by, digests)
    if not leaks:
        return
    held_out = len(cases.validation) + len(cases.test)
    patients = len({case.patient for case in leaks})
    raise Problem(
        f"The generator was trained or chosen by {len(leaks)} of"
        f" {plural(held_out, 'validation or test image')}, or by their patients"
        f" ({plural(patients, 'patient')}): {listing([case.name for case in leaks], 5)}. Scores"
        " would be of images that training has seen.",
        f"{OPTION} {run.folder}",
        "Train the generator and this network with the same --data, --fold, --patient and --limit.",
    )


def _matching(
    cases: Iterable[Case], identities: Set[Identity], digests: Mapping[Identity, str]
) -> list[Case]:
    return [case for case in cases if identities & _identities([case], digests)]


def _identities(cases: Iterable[Case], digests: Mapping[Identity, str]) -> set[Identity]:
    """All that the images and the patients of cases are known by."""
    identities: set[Identity] = set()
    for case in cases:
        files = _files(case)
        identities.add(("files", *files))
        if files in digests:
            identities.add(("content", digests[files]))
        if case.patient != case.name:  # else each file counts as a patient of its own
            identities.add(("patient", case.patient))
    return identities


def _files(case: Case) -> Identity:
    return tuple(os.path.realpath(path) for path in case.images)


def _digests(cases: Cases, others: Cases) -> dict[Identity, str]:
    """Files -> what images of equal content share; of images that are not read yet and are still
    there, too."""
    digests = {_files(case): facts.digest for case, facts in cases.facts.items()}
    new = tuple(
        case
        for case in others
        if _files(case) not in digests
        and case.split in ("train", "validation")
        and all(source_of(path).exists() for path in case.images)
    )
    read = survey(replace(others, cases=new), doing="reading the generator's cases")
    return digests | {_files(case): read.facts[case].digest for case in new}
