"""Trained networks applied to new images, for `predict`."""

import argparse
from collections.abc import Callable
from typing import Any

from keras_mia.cli.inputs import report_failures
from keras_mia.cli.predict_job import PredictionJob
from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.reading_notes import remark_notes
from keras_mia.data.image import Image
from keras_mia.data.io.pictures.channels import planned_channels
from keras_mia.data.preprocess.image_checks import is_constant, is_much_smaller
from keras_mia.training.runs.run import Run


def predict(args: argparse.Namespace, job: PredictionJob) -> None:
    """Writes what networks predict of each image: files, or a row of a table.

    Args:
        args: of the app.
        job: networks and images.

    Raises:
        Problem: an image cannot be predicted; it is raised at the end.
    """
    runs = zip(job.folders, job.plans, strict=True)
    models = [Run(folder).best_model(plan) for folder, plan in runs]
    predictor = job.task.predictor(models, job.folders, mirror=not args.no_mirror)

    def write(case: Case, image: Image) -> dict[str, Any]:
        prediction = predictor(image, case.images[0])
        row = job.task.write(prediction, args.output, case, image, job.plans[0])
        return {"case": case.name, **row}

    rows, failures = _each(job, write)
    if job.table is not None:
        write_csv(job.table, rows, ["case", "prediction"])
    report_failures(failures, len(job.cases), job.table or args.output, job.task.output)


def _each(
    job: PredictionJob, predict: Callable[[Case, Image], Any]
) -> tuple[list[Any], dict[Case, Problem]]:
    """What `predict` gives for each image, and the images that it refuses.

    Images of a single value, as in training, and those that show much less than the network looks
    at are named in warnings.
    """
    rows, failures, constant, small, remarks = [], {}, [], [], []
    plan = job.plans[0]
    window = job.task.window(plan)
    for case in progress(job.cases, "predicting"):
        try:
            image = case.image()
            rows.append(predict(case, image))
        except Problem as problem:
            failures[case] = problem
            continue
        remarks.append((case.name, planned_channels(image, plan).remarks))
        if is_constant(image):
            constant.append(str(case.images[0]))
        elif is_much_smaller(image, window, plan.spacing_mm):
            small.append(str(case.images[0]))
    for sentence in remark_notes(remarks):
        print(f"  {sentence}")
    if constant:
        print(f"  Warning: Constant image ({len(constant)}): {listing(constant, 5)}.")
    if small:
        print(
            f"  Warning: Much smaller than what the network looks at ({len(small)}):"
            f" {listing(small, 5)}."
        )
    return rows, failures
