"""What a user may choose of label maps, of the plan, of predictions and of scores."""

import argparse

from keras_mia.core.option_types import positive, within
from keras_mia.tasks.patches.options import add_patch_options
from keras_mia.tasks.segmentation.label_options import CLASSES, MERGE


def add_instances(group: argparse._ActionsContainer) -> None:
    """Whether label maps number objects."""
    group.add_argument(
        "--instances",
        choices=(MERGE, CLASSES),
        help="of label maps that number objects: merge takes all objects as one class; classes says"
        " that the values are classes and number nothing (default: such maps are refused)",
    )


def add_data_options(group: argparse._ArgumentGroup) -> None:
    """Which columns hold label maps and regions, and what label values mean."""
    group.add_argument(
        "--labels",
        metavar="0=NAME,1=NAME",
        help="names of the label values (default: as found); values of a range are one:"
        " 0-127=NAME,128-255=NAME",
    )
    add_instances(group)
    group.add_argument(
        "--classes",
        metavar="1,5,52",
        help="label values to keep; the rest counts as background (default: all)",
    )
    for column, default in (("label", "label"), ("region", "region or alike")):
        group.add_argument(
            f"--{column}-column",
            metavar="NAME",
            help=f"the CSV's column for {column} (default: {default})",
        )


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """What of the plan the user sets; the rest is proposed."""
    group = add_patch_options(parser)
    group.add_argument(
        "--foreground-share", type=within(0, 1), metavar="SHARE", help="of the patches"
    )


def add_prediction_options(group: argparse._ArgumentGroup) -> None:
    """What is written of an image, and what is cleaned up in it."""
    group.add_argument(
        "--as",
        dest="form",
        choices=("dicom-seg",),
        help="besides each label map write NAME.dcm, a DICOM Segmentation of its DICOM image, for"
        " the archive; as the standard wants it carries the patient's name, number and date of"
        " birth, which no other file does (needs the extra dicom)",
    )
    group.add_argument(
        "--probabilities",
        action="store_true",
        help="also write NAME-probabilities.nii.gz with the classes as fourth axis (volumes that"
        " say how large a voxel is), or NAME-probabilities.npz with the classes as last axis of"
        " `image`",
    )
    group.add_argument(
        "--largest", action="store_true", help="keep the largest piece of each class"
    )
    group.add_argument("--fill-holes", action="store_true", help="fill the holes of each class")


def add_evaluation_options(group: argparse._ArgumentGroup) -> None:
    """What label values mean where no run says it, and the tolerance."""
    group.add_argument(
        "--labels",
        metavar="0=NAME,1=NAME",
        help="names of the truth's label values, without --run; values of a range are one:"
        " 0-127=NAME,128-255=NAME",
    )
    add_instances(group)
    group.add_argument(
        "--tolerance",
        type=positive(float),
        default=1.0,
        metavar="MM",
        help="of the surface Dice; in px where no file gives a spacing (default: 1)",
    )
