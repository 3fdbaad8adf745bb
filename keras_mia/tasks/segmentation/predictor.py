"""From an image to the classes of its voxels, and to files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import Image
from keras_mia.data.io.dicom import segmentation
from keras_mia.data.io.image_io import write_image
from keras_mia.data.preprocess.prepare import Watch
from keras_mia.inference.clean import fill_holes, largest_component
from keras_mia.tasks.patches.ensemble import members_of
from keras_mia.tasks.segmentation.prediction_files import (
    dicom_seg_name,
    prediction_name,
    probabilities_name,
)
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan


@dataclass(frozen=True, eq=False)
class Prediction:
    """What is predicted of one image, on the image's own grid.

    Args:
        classes: `(*space)` uint8, the number of a class in the plan.
        probabilities: `(*space, classes)` float32, or None where they are not wanted.
    """

    classes: np.ndarray
    probabilities: np.ndarray | None = None


class Predictor:
    """`predict` with its windows compiled once, for many images.

    Args:
        models: one, or several whose probabilities are averaged.
        plan: the plan that they were trained with, or a plan a model. Models whose plans prepare
            images differently, as those of folds may, meet on the source's grid.
        mirror: whether mirrored images are predicted too and averaged, along the plan's flips;
            where pictures may lie any way, turned by 90 degrees as well.
        largest: keep only the largest piece of each class.
        fill: fill the holes of each class.

    Raises:
        Problem: the plans differ in their classes or in the images that they are for.
    """

    def __init__(
        self,
        models: keras.Model | Sequence[keras.Model],
        plan: SegmentationPlan | Sequence[SegmentationPlan],
        *,
        mirror: bool = True,
        largest: bool = False,
        fill: bool = False,
    ):
        self._members = members_of(
            models, plan, mirror=mirror, alike=("classes", "channels", "image_rank")
        )
        self.plan, self.largest, self.fill = self._members[0].plan, largest, fill

    def __call__(
        self,
        image: Image,
        *,
        probabilities: bool = False,
        watch: Watch | None = None,
        where: object = None,
    ) -> Prediction:
        """The class of each voxel of `image`, on its own grid.

        Args:
            image: as `read_image` gives it.
            probabilities: whether to keep those of all classes.
            watch: is given the probabilities of all voxels, a part at a time, as `prepare.Watch`
                has it.
            where: the file or case, for messages.
        """
        if probabilities or len(self._members) > 1:
            of_classes = self._probabilities(image, where)
            classes = of_classes.argmax(-1).astype(np.uint8)
            if watch:
                watch(lambda array: array, of_classes)
        else:
            classes = self._members[0].restored(image, where, watch=_clipped(watch))
        if self.largest:
            classes = largest_component(classes)
        if self.fill:
            classes = fill_holes(classes)
        return Prediction(classes, of_classes if probabilities else None)

    def _probabilities(self, image: Image, where: object) -> np.ndarray:
        total = None
        for member in self._members:
            of_member = member.restored(image, where, probabilities=True)
            of_member *= member.share
            total = of_member if total is None else np.add(total, of_member, out=total)
        assert total is not None
        # Blending leaves a rounding error above 1.
        return np.minimum(total, 1, out=total)


def _clipped(watch: Watch | None) -> Watch | None:
    """The same, without the rounding error above 1 that blending leaves."""
    return watch and (lambda take, block: watch(take, np.minimum(block, 1)))


def predict(models, image: Image, plan: SegmentationPlan, **options) -> Prediction:
    """Segments one image; for many, make a `Predictor` once.

    Args:
        models: one, or several whose probabilities are averaged.
        image: as `read_image` gives it.
        plan: the plan that they were trained with.
        options: those of `Predictor`.

    Returns:
        The class of each voxel, on the image's own grid.
    """
    return Predictor(models, plan, **options)(image)


def save(
    prediction: Prediction,
    folder: Path,
    case: Case,
    image: Image,
    plan: SegmentationPlan,
    *,
    probabilities: bool = False,
    dicom_seg: bool = False,
) -> Path:
    """Writes the label map, with the label values of training, on the source's grid.

    Args:
        prediction: of `case`.
        folder: where to.
        case: names the file, whose suffix is the source's where it keeps labels as they are.
        image: whose grid it is.
        plan: for the label values.
        probabilities: whether to write those of all classes beside it.
        dicom_seg: whether to write it as a DICOM Segmentation of the case's first image too; that
            file carries the patient of the image.

    Returns:
        The path of the label map.

    Raises:
        Problem: the folder cannot be written to, or no DICOM Segmentation can be made.
    """
    path = folder / prediction_name(case, image.rank)
    if dicom_seg:
        values = (values[0] for values in plan.classes.values[1:])
        segments = dict(zip(plan.classes.names[1:], values, strict=True))
        segmentation.write(
            folder / dicom_seg_name(case), case.images[0], prediction.classes, segments
        )
    if probabilities:
        assert prediction.probabilities is not None, "they were not asked for when predicting"
        path_of_probabilities = folder / probabilities_name(case, image.rank)
        write_image(path_of_probabilities, prediction.probabilities, like=image)
    write_image(path, plan.classes.decode(prediction.classes)[..., None], like=image)
    return path
