"""How a network's outputs become decisions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from keras_mia.core.files.atomic import read_json
from keras_mia.core.files.schema import typed
from keras_mia.core.problem import Problem
from keras_mia.core.text import plural
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.targets.base import ImageTarget
from keras_mia.data.targets.multilabel import UNKNOWN
from keras_mia.data.targets.multitask import Multitask
from keras_mia.metrics import apply_temperature, choose_threshold, temperature
from keras_mia.metrics.classification.calibration import SMALLEST
from keras_mia.metrics.classification.temperature_scaling import COLDEST, HOTTEST

FILE = "calibration.json"
FEWEST = 30
"""Validation cases that a temperature is fitted on at least. Of logits of 2 the inverse temperature
of n cases has a deviation of about 1.5 / sqrt(n) (Fisher's information): of 30 cases it is found to
within a half either way, of 4 it may be anything."""


@dataclass(frozen=True)
class Calibration:
    """How outputs become decisions: found on validation, then kept.

    Args:
        temperature: by which logits are divided, so that probabilities say how often it is true.
        thresholds: from which probability on it is yes: of the second class of two, or of each
            finding; None: the most probable of several classes.
        parts: the decisions of each of several answers.
        trivial: what is told without a look at the image, by the training cases: how often each
            class or finding is there, the mean number, the corners of the mean box.
        note: what a reader of the probabilities has to know of them; empty where nothing.
    """

    temperature: float = 1.0
    thresholds: tuple[float, ...] | None = None
    parts: tuple["Calibration", ...] = ()
    trivial: tuple[float, ...] = ()
    note: str = ""

    @classmethod
    def read(cls, folder: Path) -> "Calibration":
        """What a run decided.

        Raises:
            Problem: the run is not finished, or the file is broken.
        """
        path = folder / FILE
        return typed(cls, read_json(path), path, "Train it again, or take another run.")

    def applied(self, outputs: np.ndarray, answers: ImageTarget) -> np.ndarray:
        """What is told of outputs `(cases, outputs)`: probabilities that are as sure as they are
        right, numbers in the data's unit, corners as shares of the sides."""
        if isinstance(answers, Multitask):
            each = zip(self.parts, answers.split(outputs), answers.parts, strict=True)
            return np.concatenate([own.applied(told, part) for own, told, part in each], -1)
        if answers.kind == "multiclass":
            return apply_temperature(_logits(outputs), self.temperature)
        return answers.in_units(outputs)


def averaged(decisions: Sequence[Calibration]) -> Calibration:
    """The decision on the mean of what several networks tell, each at its own temperature.

    Args:
        decisions: of networks that answer the same question.

    Example:
        >>> averaged([Calibration(1.5, (0.4,)), Calibration(2.0, (0.6,))])
        Calibration(temperature=1.0, thresholds=(0.5,), parts=(), trivial=(), note='')
    """
    cuts = [one.thresholds for one in decisions if one.thresholds is not None]
    trivial = [one.trivial for one in decisions if one.trivial]
    return Calibration(
        thresholds=tuple(np.mean(cuts, axis=0).tolist()) if cuts else None,
        parts=tuple(averaged(parts) for parts in zip(*(d.parts for d in decisions), strict=True)),
        trivial=tuple(np.mean(trivial, axis=0).tolist()) if trivial else (),
        note=" ".join(dict.fromkeys(one.note for one in decisions if one.note)),
    )


def decide_on(
    outputs: np.ndarray, truth: np.ndarray, plan: ImagePlan, trained: np.ndarray | None = None
) -> Calibration:
    """The temperature and the thresholds that validation cases ask for.

    Args:
        outputs: `(cases, outputs)` of the network on validation cases.
        truth: as `ImageTarget.encode` gives it.
        plan: for the kind of answer.
        trained: the truth of the training cases, which the trivial answer comes from; None: there
            is none.
    """
    answers = plan.target
    if isinstance(answers, Multitask):
        known = [None] * len(answers.parts) if trained is None else answers.split(trained)
        both = (answers.split(values) for values in (outputs, truth))
        return Calibration(parts=tuple(map(decide_on, *both, plan.each().values(), known)))
    decision = _decided(outputs, truth, plan)
    return decision if trained is None else replace(decision, trivial=_trivial(trained, answers))


def _trivial(truth: np.ndarray, answers: ImageTarget) -> tuple[float, ...]:
    """The mean of what is known of the training cases, as `Calibration.trivial` has it."""
    truth = np.asarray(truth, float)
    known = truth != UNKNOWN if answers.kind == "multilabel" else np.ones(truth.shape, bool)
    mean = np.where(known, truth, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return tuple(answers.in_units(mean).tolist())


def _decided(outputs: np.ndarray, truth: np.ndarray, plan: ImagePlan) -> Calibration:
    kind = plan.target.kind
    if kind == "multilabel":
        return Calibration(
            thresholds=tuple(_cut(t, p) for t, p in zip(truth.T, outputs.T, strict=True))
        )
    if kind != "multiclass":
        return Calibration()
    logits = _logits(outputs)
    heat, note = _temperature(logits, truth.argmax(-1))
    if len(plan.told) != 2:
        return Calibration(heat, note=note)
    told = plan.summed(apply_temperature(logits, heat))
    return Calibration(heat, (_cut(plan.summed(truth)[:, 1], told[:, 1]),), note=note)


def _logits(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms of float32 probabilities, of which 0 is one that float32 cannot hold."""
    return np.log(np.maximum(np.asarray(probabilities, float), SMALLEST))


def _temperature(logits: np.ndarray, labels: np.ndarray) -> tuple[float, str]:
    """The temperature, and what is to be said of it."""
    count = len(labels)
    if count < FEWEST or len(np.unique(labels)) < 2:
        why = "all validation cases are of one class"
        if count < FEWEST:
            why = f"{plural(count, 'validation case')} are fewer than {FEWEST}"
        return 1.0, (
            f"No temperature was fitted, since {why}: the probabilities are those of the network,"
            " which may be surer than it is right."
        )
    heat = temperature(logits, labels, smoothing=2 / (count + 2))
    if COLDEST < heat < HOTTEST:
        return heat, ""
    return heat, (
        f"The temperature that the validation cases ask for lies beyond {heat:g}, where it was"
        " held: the probabilities cannot be taken at their word."
    )


def _cut(truth: np.ndarray, probability: np.ndarray) -> float:
    known = truth >= 0
    truth, probability = truth[known], probability[known]
    try:
        cut = choose_threshold(truth == 1, probability)
    except Problem:  # validation cases of one kind only
        return 0.5
    # Down to the next smaller probability all thresholds are as good. The middle is farthest from
    # both: at its end, where validation cases are all told apart, the least sure of the test fail.
    below = probability[probability < cut]
    return float((cut + below.max()) / 2) if below.size else cut
