"""Let a trained generator make new images."""

import argparse
from pathlib import Path

from keras_mia.cli.app import run
from keras_mia.cli.sampling.sample_formats import FORMATS
from keras_mia.core.option_types import above, positive


def parser() -> argparse.ArgumentParser:
    """The options of `keras-mia sample`."""
    parser = argparse.ArgumentParser(
        prog="keras-mia sample",
        description=__doc__,
        allow_abbrev=False,
        epilog="Sample number i of a seed and a class is always the same, however many are made."
        " Values are those of the training images: bytes where these held bytes, else float32.",
    )
    group = parser.add_argument_group("samples")
    group.add_argument("--run", required=True, type=Path, metavar="FOLDER", help="a finished run")
    group.add_argument(
        "--count", required=True, type=positive(int), metavar="N", help="how many images"
    )
    group.add_argument(
        "--class",
        dest="class_name",
        metavar="NAME",
        help="of all of them, where the run is of a conditional network (default: all classes)",
    )
    group.add_argument(
        "--seed", type=above(-1, int), default=0, help="another one makes other images (0)"
    )
    group = parser.add_argument_group("output")
    group.add_argument(
        "--output",
        required=True,
        type=Path,
        metavar="PATH",
        help="FILE.png: one picture of all, of volumes the middle slices; FILE.npz: arrays `images`"
        " and, with classes, `labels`; else a folder: a file each and, with classes, samples.csv",
    )
    group.add_argument(
        "--format",
        choices=FORMATS,
        help="of files in a folder (default: png of 8-bit pictures, else tiff; nifti of volumes)",
    )
    group.add_argument("--overwrite", action="store_true", help="replace samples there")
    return parser


def before(args: argparse.Namespace):
    """The run and the output, checked before TensorFlow is loaded.

    Args:
        args: the options.

    Returns:
        A `SamplingJob`.

    Raises:
        Problem: the run cannot be sampled from, or an output is there.
    """
    from keras_mia.cli.sampling.sampling_job import sampling_job

    return sampling_job(args)


def main(args: argparse.Namespace, job) -> None:
    """Writes new images.

    Args:
        args: the options.
        job: as `before` gives it.
    """
    from keras_mia.cli.sampling.sample import sample

    sample(args, job)


if __name__ == "__main__":
    run(parser(), main, before=before)
