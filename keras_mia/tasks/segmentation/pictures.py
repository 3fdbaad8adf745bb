"""Cases to look at: image, truth and prediction."""

from pathlib import Path

from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import ras_orientation
from keras_mia.data.io.formats import read_label
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.pictures.cases import planes
from keras_mia.tasks.segmentation.evaluation.case_truth import truth
from keras_mia.tasks.segmentation.prediction_files import prediction_name
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan


def draw(case: Case, folder: Path, plan: SegmentationPlan, *, title: str) -> CasePicture:
    """A judged case to look at: image, truth, and the prediction that `save` wrote to `folder`."""
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
