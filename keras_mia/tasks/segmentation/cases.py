"""The cases of segmentation: read once, and who trains."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.fingerprint.reading_notes import reading_notes
from keras_mia.data.fingerprint.survey import content, survey
from keras_mia.doctor.diagnosis import check_labels, warnings

if TYPE_CHECKING:
    from keras_mia.tasks.segmentation.task import Segmentation


def split_cases(task: "Segmentation", cases: Cases, fold: tuple[int, int]) -> Cases:
    """The cases with who trains and who is held out; a single one is split in space.

    Args:
        task: what the user chose.
        cases: examined.
        fold: which part tests, and of how many.

    Raises:
        Problem: label values cannot be classes, or there are too few cases.
    """
    meaning: dict[str, Any] = {
        "names": task.names,
        "keep": task.keep,
        "are_classes": task.are_classes,
    }
    check_labels(cases, **meaning)
    made = split(
        cases,
        fold=fold[0],
        folds=fold[1],
        content=lambda case: content(cases.facts[case], keep=task.keep),
        keep=task.keep,
    )
    if not made.train:
        raise Problem("There is no case to train on.", cases.source, "Give images with label maps.")
    read = reading_notes([(case, made.facts[case.unsplit]) for case in made])
    made = replace(made, notes=(*made.notes, *read), warnings=warnings(made, **meaning))
    return survey(made, thumbnails=True)  # parts of an image that was split in space
