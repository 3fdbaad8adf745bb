"""A row of a table as a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import CaseTarget
from keras_mia.data.datasets.cases import IMAGE, Case
from keras_mia.data.datasets.files.naming import SPLIT_NAMES
from keras_mia.data.datasets.tables.columns import UNUSED, Columns
from keras_mia.data.datasets.tables.file_finder import FileFinder
from keras_mia.data.datasets.tables.table import parts_of
from keras_mia.data.datasets.target_forms.form import TargetForm
from keras_mia.data.io.formats import stem_of


@dataclass(frozen=True)
class RowReader:
    """Makes the case of each row of a table.

    Args:
        path: of the table, for messages.
        columns: that it has.
        form: of the targets; None: cases have no target.
        finder: of the files that cells name.
    """

    path: Path
    columns: Columns
    form: TargetForm | None
    finder: FileFinder

    def case(self, row: Mapping[str, str], line: int) -> Case:
        """The case of a row.

        Args:
            row: its cells, by column.
            line: where it stands in the file, from 1.

        Raises:
            Problem: it names no image, or one that is its own label map, or no part of a split.
        """

        def cell(column: str | None) -> str:
            return row[column] if column else ""

        images = tuple(map(self.finder, parts_of(cell(self.columns.image))))
        if not images:
            raise Problem(
                f"Line {line} names no image.", self.path, f"Fill column {self.columns.image!r}."
            )
        region = cell(self.columns.region)
        return Case(
            name=cell(self.columns.name) or stem_of(images[0]),
            inputs={IMAGE: images},
            target=self._target([cell(name) for name in self.columns.labels], images, line),
            patient=cell(self.columns.patient),
            split=self._split(cell(self.columns.split).lower(), line),
            region=self.finder(region) if region else None,
        )

    def _split(self, text: str, line: int) -> str | None:
        if text and text not in (*SPLIT_NAMES, UNUSED):
            raise Problem(
                f"Line {line} has the split {text!r}.",
                self.path,
                f"Write one of train, validation, test, {UNUSED}.",
            )
        return SPLIT_NAMES.get(text, text or None)

    def _target(self, cells: Sequence[str], images: Sequence[Path], line: int) -> CaseTarget | None:
        """The target of a row; None where a cell of it is empty."""
        if self.form is None or not all(cells):
            return None
        target = self.form.from_cells(cells, images, self.finder)
        if target is not None and not set(images).isdisjoint(target.files):
            raise Problem(
                f"Line {line} names its image as {self.form.noun} too.",
                self.path,
                f"Name {self.form.noun} in column {self.columns.labels[0]!r}.",
            )
        return target
