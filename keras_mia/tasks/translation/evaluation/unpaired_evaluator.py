"""The scores of images that have no true ones: how they look, and how much of them was changed."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.tables.run_tables import Column
from keras_mia.data.image import Image
from keras_mia.metrics import confidence_intervals
from keras_mia.metrics.statistics.interval import mean_score
from keras_mia.tasks.extremes import extremes
from keras_mia.tasks.intervals import interval_fields
from keras_mia.tasks.score_text import scores_text
from keras_mia.tasks.translation.evaluation.evaluator import FORMAT
from keras_mia.tasks.translation.evaluation.score_space import ScoreSpace, stated_range, unit_of
from keras_mia.tasks.translation.evaluation.texture_sets import (
    NETWORK,
    REAL,
    TextureSets,
    cells_of,
    slice_axis,
)
from keras_mia.tasks.translation.identity import identity
from keras_mia.tasks.translation.translation_plan import TranslationPlan

IDENTITY = "identity"
MAIN, CHANGE = "kernel_distance", "change"
COLUMNS = (Column(CHANGE, empty=True, number=True, finite=False),)


class UnpairedEvaluator:
    """Takes one image that was made after another, to hold all of them against real ones.

    Args:
        real: test cases of the kind that is made.
        plan: of the run.

    Attributes:
        rows: a row a case: by how much it was changed.
    """

    def __init__(self, real: Sequence[Case], plan: TranslationPlan):
        self.plan, self.textures = plan, TextureSets()
        self.rows: list[dict[str, Any]] = []
        # Read twice, as memory may not hold all of them.
        self.data_range = float(np.median([self._space(case)[0].data_range for case in real]))
        for case in real:
            space, image = self._space(case)
            self.textures.add(REAL, self._cells(space, space.truth, image))

    def _space(self, case: Case) -> tuple[ScoreSpace, Image]:
        image = self.plan.source(case)
        return ScoreSpace.of(image, image, self.plan), image

    def _cells(self, space: ScoreSpace, array: np.ndarray, image: Image) -> np.ndarray:
        axis = slice_axis(image.spacing)
        return cells_of(array, data_range=self.data_range, mask=space.mask, axis=axis)

    def add(self, case: Case, source: Image, made: np.ndarray, plan: TranslationPlan) -> None:
        """Takes an image.

        Args:
            case: whose source it was made of.
            source: as the network is given it.
            made: `(*space, channels)`, in the values that it is written in.
            plan: of the run that made it, whose values these are.
        """
        space = ScoreSpace.of(source, source, plan)
        values = space.values(made)
        unchanged = space.values(identity(source, plan))
        self.textures.add(NETWORK, self._cells(space, values, source))
        self.textures.add(IDENTITY, self._cells(space, unchanged, source))
        change = np.abs(values - unchanged)
        counted = change if space.mask is None else change[space.mask]
        mean = float(counted.mean(dtype=np.float64)) if counted.size else math.nan
        self.rows.append({"case": case.name, "patient": case.patient, "change": mean})

    def metrics(self) -> dict[str, Any]:
        """What metrics.json holds."""
        patients = [row["patient"] for row in self.rows]
        changes = np.array([row["change"] for row in self.rows])
        intervals = confidence_intervals(
            lambda weights: {"change": mean_score(changes)(weights)}, patients
        )
        distances = self.textures.distances()
        baseline = {"kernel_distance": distances[IDENTITY]}
        gain = distances[NETWORK] - distances[IDENTITY]
        return {
            "format": FORMAT,
            "task": "translation",
            "split": "test",
            "cases": len(self.rows),
            "patients": len(set(patients)),
            "main": MAIN,
            "data_range": stated_range(self.plan),
            "unit": unit_of(self.plan),
            "mean": {
                "kernel_distance": distances[NETWORK],
                "change": float(np.nanmean(changes)) if np.isfinite(changes).any() else math.nan,
            },
            **interval_fields(intervals),
            "classes": {},
            "baseline": baseline,
            "baseline_name": IDENTITY,
            "baselines": {IDENTITY: baseline},
            "gains": {
                IDENTITY: {"difference": gain, "low": math.nan, "high": math.nan, "p": math.nan}
            },
        }

    def extremes(self) -> list[tuple[str, str]]:
        """Titles and names of the cases that were changed least, as usual, and most."""
        values = {row["case"]: row["change"] for row in self.rows}
        titles = {"Best": "Changed least", "Median": "Median", "Worst": "Changed most"}
        return [
            (f"{titles.get(title, title)}: {case}, by {values[case]:.4g}", case)
            for case, title in extremes(values, lower_is_better=True).items()
        ]

    def describe(self, metrics: Mapping[str, Any]) -> str:
        """What an app prints at its end.

        Args:
            metrics: as `metrics` gives them.
        """
        return scores_text(metrics, (MAIN, CHANGE))


def is_unpaired(metrics: Mapping[str, Any]) -> bool:
    """Whether the images that were made have no true ones.

    Args:
        metrics: of a run, as metrics.json has them; may be empty.
    """
    return CHANGE in (metrics.get("mean") or {})
