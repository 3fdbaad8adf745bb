"""Apply trained networks to new images; each answer lies on its image's own grid."""

import argparse
from pathlib import Path

from keras_mia.cli import options
from keras_mia.cli.app import run


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="keras-mia predict",
        description=__doc__,
        epilog="Label maps have the names of their images (.jpg and .gif become .png) and the label"
        " values of training. An image that cannot be read is named at the end; the others are"
        " predicted all the same, and the exit code is then 2. A run of `classify` writes a row an"
        " image into answers.csv.",
    )
    options.add_runs(parser)
    group = parser.add_argument_group("data")
    group.add_argument(
        "--data", required=True, metavar="FILE_OR_FOLDER", help="an image, or a folder of images"
    )
    group.add_argument("--output", required=True, type=Path, metavar="FOLDER", help="label maps")
    group.add_argument("--overwrite", action="store_true", help="replace label maps there")
    group.add_argument(
        "--shard",
        type=options.shard,
        metavar="K/N",
        help="predict the K-th of N parts of the images, all but those whose files are there"
        " already: for many machines, and to go on after a stop",
    )
    group.add_argument(
        "--as",
        dest="form",
        choices=("dicom-seg",),
        help="besides each label map write NAME.dcm, a DICOM Segmentation of its DICOM image, for"
        " the archive; as the standard wants it carries the patient's name, number and date of"
        " birth, which no other file does (needs the extra dicom)",
    )
    group = parser.add_argument_group("prediction")
    group.add_argument(
        "--probabilities",
        action="store_true",
        help="also write NAME-probabilities.nii.gz with the classes as fourth axis (volumes that"
        " have an affine), or NAME-probabilities.npz with the classes as last axis of `image`",
    )
    group.add_argument(
        "--no-mirror", action="store_true", help="do not average over mirrored images: faster"
    )
    group.add_argument(
        "--largest", action="store_true", help="keep the largest piece of each class"
    )
    group.add_argument("--fill-holes", action="store_true", help="fill the holes of each class")
    return parser


def main(args: argparse.Namespace) -> None:
    from keras_mia.cli.inputs import check_output, image_cases, left_to_do, report_failures
    from keras_mia.cli.runs import run_folders, task_name
    from keras_mia.core.problem import Problem
    from keras_mia.core.progress import progress
    from keras_mia.data.plan import Plan
    from keras_mia.tasks import task
    from keras_mia.training.run import Run

    folders = run_folders(args.run)
    name = task_name(folders)
    if name == "classification":
        from keras_mia.cli.answer_steps import answer_images

        answer_images(args, folders)
        return
    answer = task(name)
    plans = [Plan.read(folder / "plan.json") for folder in folders]
    predictor = answer.Predictor(
        [Run(folder).best_model(plan) for folder, plan in zip(folders, plans, strict=True)],
        plans,
        mirror=not args.no_mirror,
        largest=args.largest,
        fill=args.fill_holes,
    )
    cases = image_cases(args.data, folders)
    if args.form:
        answer.check_dicom_seg(cases)

    def files(case):
        seg = [answer.dicom_seg_name(case)] if args.form else []
        return [answer.prediction_name(case, plans[0].image_rank), *seg]

    check_output(
        args.output,
        cases,
        [name for case in cases for name in files(case)],
        args.overwrite or args.shard is not None,
    )
    if args.shard:
        cases = left_to_do(cases, args.shard, args.output, files, args.overwrite)

    failures = {}
    for case in progress(cases, "predicting"):
        try:
            image = case.image()
            prediction = predictor(image, probabilities=args.probabilities, where=case.images[0])
            answer.save(
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
    report_failures(failures, len(cases), args.output)


if __name__ == "__main__":
    run(parser(), main)
