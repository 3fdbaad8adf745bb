"""Data sets that tensorflow-datasets has prepared on this machine: `tfds:NAME`."""

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.files.naming import SPLIT_NAMES
from keras_mia.data.datasets.sources.samples import cache_folder, written_whole
from keras_mia.data.datasets.tables import csv_table
from keras_mia.data.datasets.tables.columns import Columns
from keras_mia.data.datasets.target_forms.form import TargetForm
from keras_mia.data.io.image_io import write_image


def read_tfds(
    name: str, forms: Sequence[TargetForm], *, required: bool = True
) -> tuple[Path, Cases]:
    """The images of a data set with their labels, written once as files with a table.

    Args:
        name: as tensorflow-datasets has it, "colorectal_histology" or "mnist:3.0.1".
        forms: of the targets; none: cases have no target.
        required: whether images without labels are an error.

    Returns:
        The folder of the table, and the cases.

    Raises:
        Problem: it is not prepared on this machine, or has no images, or none with one label
            each.
    """
    builder = _builder(name, labelled=required and bool(forms))
    folder = cache_folder("tfds") / builder.info.full_name
    written_whole(folder, functools.partial(_write, builder))
    cases = csv_table.read_table_cases(folder / "cases.csv", Columns(), forms, required=required)
    return folder, cases


def _builder(name: str, *, labelled: bool):
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder(name)
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        raise Problem(
            f"tensorflow-datasets does not know it: {first}", f"tfds:{name}", "Check the name."
        ) from error
    # tfds' own download hangs for minutes without a network, so it is never begun from here.
    if not builder.is_prepared():
        raise Problem(
            "The data set is not prepared on this machine.",
            builder.data_path,
            f"Run `tfds build {name}` where there is a network, or set TFDS_DATA_DIR.",
        )
    features = builder.info.features
    if "image" not in features or (labelled and _label(builder) is None):
        raise Problem(
            f"Images{' with one label each' * labelled} were expected, it has"
            f" {', '.join(features)}.",
            f"tfds:{name}",
            "Export what you need as files with a CSV of image,label.",
        )
    return builder


def _label(builder):
    """The feature that is the class of an image; None: there is none."""
    import tensorflow_datasets as tfds

    features = builder.info.features
    label = features["label"] if "label" in features else None  # noqa: SIM401 it has no get
    return label if isinstance(label, tfds.features.ClassLabel) else None


def _write(builder, folder: Path) -> None:
    import tensorflow_datasets as tfds

    label = _label(builder)
    splits = list(builder.info.splits)
    authors = len(splits) > 1 and set(splits) <= {*SPLIT_NAMES}
    rows = []
    for split in splits:
        for number, example in enumerate(tfds.as_numpy(builder.as_dataset(split=split))):
            file = f"{split}/{number:06}.png"
            write_image(folder / file, np.asarray(example["image"]))
            row = {"image": file} | ({"split": split} if authors else {})
            if label is not None:
                row["label"] = label.int2str(int(example["label"]))
            rows.append(row)
    write_csv(folder / "cases.csv", rows)
