"""Apply trained networks to new images; each answer lies on its image's own grid."""

import argparse
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="keras-mia predict",
        description=__doc__,
        epilog="Label maps have the names of their images (.jpg and .gif become .png) and the label"
        " values of training. An image that cannot be read is named at the end; the others are"
        " predicted all the same, and the exit code is then 2. A run of `classify` writes a row an"
        " image into predictions.csv.",
    )
    options.add_runs(parser)
    group = parser.add_argument_group("data")
    group.add_argument(
        "--data", required=True, metavar="FILE_OR_FOLDER", help="an image, or a folder of images"
    )
    options.add_series(group)
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
        " say how large a voxel is), or NAME-probabilities.npz with the classes as last axis of"
        " `image`",
    )
    group.add_argument(
        "--no-mirror", action="store_true", help="do not average over mirrored images: faster"
    )
    group.add_argument(
        "--largest", action="store_true", help="keep the largest piece of each class"
    )
    group.add_argument("--fill-holes", action="store_true", help="fill the holes of each class")
    return parser


def before(args: argparse.Namespace):
    from keras_mia.cli.prediction_job import prediction_job

    return prediction_job(args)


def main(args: argparse.Namespace, job) -> None:
    from keras_mia.cli.predicting import predict_answers, predict_masks

    (predict_answers if job.table else predict_masks)(args, job)


if __name__ == "__main__":
    run(parser(), main, before=before)
