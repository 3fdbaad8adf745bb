"""What validation cases say of a network's outputs, and a run keeps: calibration.json."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_mia.core.files.schema import typed
from keras_mia.core.files.text_files import read_json

FILE = "calibration.json"


@dataclass(frozen=True)
class Calibration:
    """How outputs become predictions: found on validation cases, then kept.

    Args:
        temperature: by which logits are divided, so that probabilities say how often it is true.
        thresholds: from which probability on it is yes: of the second class of two, or of each
            finding; None: the most probable of several classes.
        parts: of each of several targets.
        baseline: what is predicted without a look at the image, by the training cases: how often
            each class or finding is there, the mean number, the corners of the mean box.
        note: what a reader of the probabilities has to know of them; empty where nothing.
    """

    temperature: float = 1.0
    thresholds: tuple[float, ...] | None = None
    parts: tuple["Calibration", ...] = ()
    baseline: tuple[float, ...] = ()
    note: str = ""

    @classmethod
    def read(cls, folder: Path) -> "Calibration":
        """That of a run.

        Args:
            folder: of the run.

        Raises:
            Problem: the run is not finished, or the file is broken.
        """
        path = folder / FILE
        return typed(cls, read_json(path), path, "Train it again, or take another run.")


def averaged(calibrations: Sequence[Calibration]) -> Calibration:
    """That of the mean of what several networks predict, each at its own temperature.

    Args:
        calibrations: of networks with the same target.

    Example:
        >>> averaged([Calibration(1.5, (0.4,)), Calibration(2.0, (0.6,))])
        Calibration(temperature=1.0, thresholds=(0.5,), parts=(), baseline=(), note='')
    """
    thresholds = [one.thresholds for one in calibrations if one.thresholds is not None]
    baseline = [one.baseline for one in calibrations if one.baseline]
    parts = zip(*(one.parts for one in calibrations), strict=True)
    return Calibration(
        thresholds=tuple(np.mean(thresholds, axis=0).tolist()) if thresholds else None,
        parts=tuple(map(averaged, parts)),
        baseline=tuple(np.mean(baseline, axis=0).tolist()) if baseline else (),
        note=" ".join(dict.fromkeys(one.note for one in calibrations if one.note)),
    )


def case_thresholds(
    calibrations: Sequence[Calibration], counts: Sequence[int]
) -> np.ndarray | None:
    """The thresholds by which cases were predicted.

    Args:
        calibrations: of a run, or of several runs on different cases.
        counts: how many cases each of them predicted.

    Returns:
        `(thresholds,)`; of several runs `(cases, thresholds)`; None where there are none.
    """
    if calibrations[0].thresholds is None:
        return None
    if len(calibrations) == 1:
        return np.asarray(calibrations[0].thresholds)
    return np.repeat([one.thresholds for one in calibrations], counts, axis=0)


def case_baseline(calibrations: Sequence[Calibration], counts: Sequence[int]) -> np.ndarray | None:
    """The baseline of each case, by the cases that its own run was trained on.

    Args:
        calibrations: of a run, or of several runs on different cases.
        counts: how many cases each of them predicted.

    Returns:
        `(cases, outputs)`; None where a run has none.
    """
    if not all(one.baseline for one in calibrations):
        return None
    return np.repeat([one.baseline for one in calibrations], counts, axis=0)
