"""A predicted label map and the truth that it is scored by."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import Image, grid_difference, put_on
from keras_mia.data.io.dicom.images import is_segmentation
from keras_mia.data.io.image_io import read_label
from keras_mia.data.io.labels.ranges import merge
from keras_mia.data.targets.label_map import IGNORE, Classes


class Labels(NamedTuple):
    """A prediction and its truth, read.

    Args:
        truth: classes `(*space)`, `IGNORE` outside the case's region.
        prediction: classes `(*space)`.
        spacing_mm: where a file gives it.
        remarks: what was done to either when it was read, with the file.
    """

    truth: np.ndarray
    prediction: np.ndarray
    spacing_mm: tuple[float, ...] | None
    remarks: tuple[tuple[Path, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Pair:
    """A label map that was predicted, and the case that holds the truth.

    Args:
        prediction: its file.
        case: with the truth.
        values: how the prediction is read, as `read_label` takes it.
    """

    prediction: Path
    case: Case
    values: str | None = None

    @property
    def name(self) -> str:
        """Of the case."""
        return self.case.name

    @property
    def patient(self) -> str:
        """Of the case."""
        return self.case.patient

    def read(self, classes: Classes) -> Labels:
        """Truth and prediction as classes, and what was done to them.

        Raises:
            Problem: they do not lie on one grid, or hold values that are no class.
        """
        truth = self.case.label()
        prediction = read_label(self.prediction, truth, self.values)
        if is_segmentation(self.case.label_files[0]):
            truth = put_on(truth, prediction)
        difference = grid_difference(truth, prediction)
        if difference:
            raise Problem(
                f"The prediction and its truth, {self.case.target}, have {difference}.",
                self.prediction,
                "Bring both to one grid.",
            )
        expected = classes.encode(truth.array[..., 0], self.case.target)
        region = self.case.region_mask()
        if region is not None:
            expected = np.where(region, expected, np.uint8(IGNORE))
        self._check_values(prediction.array, classes)
        predicted = classes.encode(prediction.array[..., 0], self.prediction)
        targets = self.case.label_files
        remarks = ((targets[0], truth.remarks), (self.prediction, prediction.remarks))
        return Labels(expected, predicted, self._spacing_mm(truth, prediction), remarks)

    def _spacing_mm(self, truth: Image, prediction: Image) -> tuple[float, ...] | None:
        """That of the image, as the run itself measures, where it is known and still there."""
        if self.case.images:
            with contextlib.suppress(Problem):
                return self.case.image().spacing_mm
        # A label map without orientation often has voxels of 1 mm that nobody measured.
        return (prediction if truth.affine is None else truth).spacing_mm or truth.spacing_mm

    def _check_values(self, labels: np.ndarray, classes: Classes) -> None:
        values = {value for same_class in classes.values for value in same_class}
        odd = sorted(set(np.unique(merge(labels, classes.ranges)).tolist()) - values)
        if odd and not classes.rest_is_background:
            raise Problem(
                f"The prediction holds {listing(odd, 5)}, which is no class of the truth:"
                f" {listing(sorted(values), 12)}.",
                self.prediction,
                f"Both are masks: write {odd[0]} as {max(values)} in the predictions."
                if len(values) == 2 and len(odd) == 1 and odd[0] > min(values)
                else "Give prediction and truth the same label values.",
            )
