"""Apply trained networks to new images; each prediction lies on its image's own grid."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.cli.options import groups as options
from keras_mia.cli.task_choice import TaskParser
from keras_mia.tasks.task import Task


def parser(tasks: Sequence[type[Task]]) -> argparse.ArgumentParser:
    """The options of `keras-mia predict`.

    Args:
        tasks: whose options are added to those of all; of several the help text alone is used.
    """
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="keras-mia predict",
        description=__doc__,
        conflict_handler="resolve",
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
    group.add_argument("--output", required=True, type=Path, metavar="FOLDER", help="predictions")
    group.add_argument("--overwrite", action="store_true", help="replace predictions there")
    group.add_argument(
        "--shard",
        type=options.shard,
        metavar="K/N",
        help="predict the K-th of N parts of the images, all but those whose files are there"
        " already: for many machines, and to go on after a stop",
    )
    group = parser.add_argument_group("prediction")
    group.add_argument(
        "--no-mirror", action="store_true", help="do not average over mirrored images: faster"
    )
    for task in tasks:
        task.prediction_options(parser.add_argument_group(f"by a run of {task.name}"))
    return parser


def before(args: argparse.Namespace):
    """Runs and images, checked before TensorFlow is loaded.

    Args:
        args: the options.

    Returns:
        A `PredictionJob`.

    Raises:
        Problem: a run or the images are missing, or an output is there.
    """
    from keras_mia.cli.predict_job import prediction_job

    return prediction_job(args)


def main(args: argparse.Namespace, job) -> None:
    """Writes what the networks predict of each image.

    Args:
        args: the options.
        job: as `before` gives it.
    """
    from keras_mia.cli.predict import predict

    predict(args, job)


if __name__ == "__main__":
    run(TaskParser(parser, "predictor"), main, before=before)
