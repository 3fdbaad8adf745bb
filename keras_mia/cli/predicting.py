"""Trained networks applied to new images, for `predict`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from keras_mia.cli.inputs import check_output, image_cases, left_to_do, report_failures
from keras_mia.core.files import check_new, write_csv
from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.data.answer_plan import AnswerPlan
from keras_mia.data.cases import Case
from keras_mia.data.plan import Plan
from keras_mia.tasks import classification, segmentation
from keras_mia.tasks.deciding import Decision
from keras_mia.tasks.judge_answers import said
from keras_mia.training.run import Run


def predict_masks(args: argparse.Namespace, folders: Sequence[Path]) -> None:
    """Writes a label map for each image of `--data`.

    Raises:
        Problem: an output is there, or an image cannot be read; it is raised at the end.
    """
    plans = [Plan.read(folder / "plan.json") for folder in folders]
    predictor = segmentation.Predictor(
        [Run(folder).best_model(plan) for folder, plan in zip(folders, plans, strict=True)],
        plans,
        mirror=not args.no_mirror,
        largest=args.largest,
        fill=args.fill_holes,
    )
    cases = image_cases(args.data, folders)
    if args.form:
        segmentation.check_dicom_seg(cases)

    def files(case):
        seg = [segmentation.dicom_seg_name(case)] if args.form else []
        return [segmentation.prediction_name(case, plans[0].image_rank), *seg]

    check_output(
        args.output,
        cases,
        [name for case in cases for name in files(case)],
        args.overwrite or args.shard is not None,
    )
    todo: Sequence[Case] = cases
    if args.shard:
        todo = left_to_do(cases, args.shard, args.output, files, args.overwrite)

    failures = {}
    for case in progress(todo, "predicting"):
        try:
            image = case.image()
            prediction = predictor(image, probabilities=args.probabilities, where=case.images[0])
            segmentation.save(
                prediction,
                args.output,
                case,
                image,
                plans[0],
                probabilities=args.probabilities,
                dicom_seg=args.form == "dicom-seg",
            )
        except Problem as problem:
            failures[case] = problem
    report_failures(failures, len(todo), args.output)


def predict_answers(args: argparse.Namespace, folders: Sequence[Path]) -> None:
    """Answers the images of `--data` with trained networks, and writes a table of them.

    Raises:
        Problem: an option is for label maps, the table is there, or an image cannot be read.
    """
    for option in ("form", "probabilities", "largest", "fill_holes"):
        if getattr(args, option):
            raise Problem(
                "This run answers whole images: there is no label map.",
                f"--{option.replace('_', '-') if option != 'form' else 'as'}",
                "Leave the option out.",
            )
    plans = [AnswerPlan.read(folder / "plan.json") for folder in folders]
    predictor = classification.Predictor(
        [Run(folder).best_model(plan) for folder, plan in zip(folders, plans, strict=True)],
        plans,
        [Decision.read(folder) for folder in folders],
        mirror=not args.no_mirror,
    )
    cases = image_cases(args.data, folders)
    name = "answers.csv"
    if args.shard:
        name = "answers_{}_of_{}.csv".format(*args.shard)
        cases = cases[args.shard[0] - 1 :: args.shard[1]]
    check_new(args.output / name, args.overwrite)
    rows, failures = [], {}
    for case in progress(cases, "predicting"):
        try:
            told = predictor(case.image(), case.images[0])
        except Problem as problem:
            failures[case] = problem
            continue
        (row,) = said(told[None], predictor.plan, predictor.decision)
        rows.append({"case": case.name, **row})
    write_csv(args.output / name, rows, ["case", "prediction"])
    report_failures(failures, len(cases), args.output / name, "answer")
