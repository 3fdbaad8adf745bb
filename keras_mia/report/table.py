"""Tables of a report."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A cell of a table that is more than a text.

    Args:
        text: what it says.
        note: stands below it, small.
        swatch: a CSS colour that stands before it; empty: none.
    """

    text: str
    note: str = ""
    swatch: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Args:
        head: its name.
        cells: one a column, beside the first, which is that of the heads.
        reference: what the cells are compared with, one a column; empty: nothing.
        strong: whether it sums up the others.
    """

    head: str | Cell
    cells: Sequence[str | Cell]
    reference: Sequence[str] = ()
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table, which scrolls in its box where the page is too narrow.

    Args:
        columns: their names, the first that of the rows' heads.
        rows: from top to bottom; none: the table is left out.
        label: what it holds, for those who do not see it.
        title: stands above it, where there are several; empty: none.
        reference: what the rows' references are called.
        text_columns: how many columns behind the first hold words, and begin at the left.
        transposed: whether rows are shown as columns, and columns as rows.
        tall: whether it scrolls upwards too, below its fixed head.
        prose: whether cells hold sentences, which are broken.
    """

    columns: Sequence[str | Cell]
    rows: Sequence[Row]
    label: str = "Table"
    title: str = ""
    reference: str = "baseline"
    text_columns: int = 0
    transposed: bool = False
    tall: bool = False
    prose: bool = False

    def __bool__(self) -> bool:
        return bool(self.rows)

    def arranged(self) -> "Table":
        """The table as it is laid out: with rows for columns where it is transposed."""
        if not self.transposed:
            return self
        first, *columns = self.columns
        rows = [
            Row(name, [_with_reference(row, column, self.reference) for row in self.rows])
            for column, name in enumerate(columns)
        ]
        heads = [row.head for row in self.rows]
        return Table([first, *heads], rows, self.label, self.title, tall=self.tall)


def _with_reference(row: Row, column: int, name: str) -> Cell:
    cell = row.cells[column]
    cell = cell if isinstance(cell, Cell) else Cell(cell)
    compared = row.reference[column] if row.reference else ""
    notes = [cell.note, f"{name} {compared}" if compared else ""]
    return Cell(cell.text, "; ".join(filter(None, notes)), cell.swatch)
