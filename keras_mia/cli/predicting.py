"""Trained networks applied to new images, for `predict`."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from keras_mia.cli.inputs import report_failures
from keras_mia.cli.prediction_job import PredictionJob
from keras_mia.core.files.atomic import write_csv
from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.image_checks import is_constant, is_much_smaller
from keras_mia.data.fingerprint.reading_notes import gathered
from keras_mia.data.image import Image
from keras_mia.data.io.pictures.channels import fitted
from keras_mia.tasks import classification, segmentation
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.table import kind_of
from keras_mia.training.runs.run import Run


def predict_masks(args: argparse.Namespace, job: PredictionJob) -> None:
    """Writes a label map for each image.

    Raises:
        Problem: an image cannot be predicted; it is raised at the end.
    """
    predictor = segmentation.Predictor(
        [Run(folder).best_model(plan) for folder, plan in zip(job.folders, job.plans, strict=True)],
        job.plans,
        mirror=not args.no_mirror,
        largest=args.largest,
        fill=args.fill_holes,
    )

    def predict(case: Case, image: Image) -> None:
        prediction = predictor(image, probabilities=args.probabilities, where=case.images[0])
        segmentation.save(
            prediction,
            args.output,
            case,
            image,
            job.plans[0],
            probabilities=args.probabilities,
            dicom_seg=args.form == "dicom-seg",
        )

    _, failures = _each(job, predict, job.plans[0].patch)
    report_failures(failures, len(job.cases), args.output)


def predict_answers(args: argparse.Namespace, job: PredictionJob) -> None:
    """Answers images with trained networks, and writes a table of them.

    Raises:
        Problem: an image cannot be answered; it is raised at the end.
    """
    predictor = classification.Predictor(
        [Run(folder).best_model(plan) for folder, plan in zip(job.folders, job.plans, strict=True)],
        job.plans,
        [Calibration.read(folder) for folder in job.folders],
        mirror=not args.no_mirror,
    )

    def answer(case: Case, image: Image) -> dict[str, Any]:
        told = predictor(image, case.images[0])
        (row,) = kind_of(predictor.plan).rows(told[None], predictor.calibration)
        return {"case": case.name, **row, **predictor.plan.target.voxels(told, image)}

    rows, failures = _each(job, answer, job.plans[0].size)
    assert job.table is not None
    write_csv(job.table, rows, ["case", "prediction"])
    report_failures(failures, len(job.cases), job.table, "answer")


def _each(
    job: PredictionJob, predict: Callable[[Case, Image], Any], window: Sequence[int]
) -> tuple[list[Any], dict[Case, Problem]]:
    """What `predict` gives for each image, and the images that it refuses.

    Images of a single value, as in training, and those that show much less than the network looks
    at, which is `window`, are named in warnings.
    """
    found, failures, constant, small, remarks = [], {}, [], [], []
    plan = job.plans[0]
    for case in progress(job.cases, "predicting"):
        try:
            image = case.image()
            found.append(predict(case, image))
        except Problem as problem:
            failures[case] = problem
            continue
        remarks.append((case.name, fitted(image, plan).remarks))
        if is_constant(image):
            constant.append(str(case.images[0]))
        elif is_much_smaller(image, window, plan.spacing_mm):
            small.append(str(case.images[0]))
    for sentence in gathered(remarks):
        print(f"  {sentence}")
    if constant:
        print(f"  Warning: Constant image ({len(constant)}): {listing(constant, 5)}.")
    if small:
        print(
            f"  Warning: Much smaller than what the network looks at ({len(small)}):"
            f" {listing(small, 5)}."
        )
    return found, failures
