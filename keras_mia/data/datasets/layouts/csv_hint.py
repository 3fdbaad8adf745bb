"""How a table would begin that says what folders do not."""

import csv
import io
import shlex
from collections.abc import Sequence
from pathlib import Path

from keras_mia.core.text import natural_key
from keras_mia.data.datasets.files.image_paths import entries
from keras_mia.data.datasets.layouts.unused_files import is_label_map

FILE = "cases.csv"


def command(name: str, folder: Path) -> str:
    """A command that trains on a folder, to be pasted.

    Example:
        >>> command("segment", Path("my data"))
        "keras-mia segment --data 'my data' --output run"
    """
    return f"keras-mia {name} --data {shlex.quote(str(folder))} --output run"


def csv_start(root: Path, columns: Sequence[str], cells: Sequence[object]) -> str:
    """A sentence with the first two lines of a table, to be pasted.

    Args:
        root: the folder that the table is to lie in.
        columns: their names.
        cells: of the first row: a text, a path, or several paths.
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n    ")
    writer.writerow(columns)
    writer.writerow([_cell(cell, root) for cell in cells])
    return (
        f"List them in a table, a row an image, and give --data"
        f" {shlex.quote(str(root / FILE))}. It begins:\n"
        f"    {lines.getvalue().rstrip()}"
    )


def label_map_start(root: Path) -> str:
    """`csv_start` with the first image and the first label map that names tell, or an example."""
    files = entries(root)
    masks = [path for path in files if is_label_map(path, root)]
    images = [path for path in files if path not in masks]
    image = images[0] if images else "IMAGE.png"
    return csv_start(root, ("image", "label"), (image, masks[0] if masks else "LABELMAP.png"))


def class_start(root: Path) -> str:
    """`csv_start` with the first image, and a class to be filled in."""
    files = entries(root)
    images = [path for path in files if not is_label_map(path, root)] or files
    return csv_start(root, ("image", "label"), (images[0] if images else "IMAGE.png", "CLASS"))


def _cell(cell: object, root: Path) -> str:
    if isinstance(cell, Path):
        return cell.relative_to(root).as_posix() if cell.is_relative_to(root) else str(cell)
    if isinstance(cell, str):
        return cell
    assert isinstance(cell, Sequence)
    return ";".join(_cell(one, root) for one in sorted(cell, key=natural_key))
