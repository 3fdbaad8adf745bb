"""Cases to look at: image, truth and prediction."""

from pathlib import Path

from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import ras_orientation
from keras_mia.data.io.image_io import read_label
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.pictures.cases import planes
from keras_mia.tasks.segmentation.evaluation.case_truth import truth
from keras_mia.tasks.segmentation.prediction_files import prediction_name
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan


def draw(case: Case, folder: Path, plan: SegmentationPlan, *, title: str) -> CasePicture:
    """A case to look at: image, truth, and the prediction that `save` wrote.

    Args:
        case: that was predicted.
        folder: that its prediction lies in.
        plan: for the classes and their names.
        title: of the picture.

    Returns:
        Planes through the case, side by side, in RAS orientation where it is a volume with one.

    Raises:
        Problem: a file cannot be read, or holds a label value that training did not have.
    """
    image = case.image()
    prediction = read_label(folder / prediction_name(case, image.rank))
    predicted = plan.classes.encode(prediction.array[..., 0])
    expected = truth(case, plan)
    orientation, placed = ras_orientation(image), image.rank == 3 and image.affine is not None
    spacing = orientation.permute(image.spacing) if placed else None
    return planes(
        orientation.apply(image.array),
        orientation.apply(expected),
        orientation.apply(predicted),
        names=plan.classes.names,
        title=title,
        spacing=spacing,
    )
