"""What a form of targets is to whoever reads a data set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_mia.data.datasets.case_target import CaseTarget
from keras_mia.data.datasets.tables.file_finder import FileFinder


@dataclass(frozen=True)
class TargetForm:
    """How data sets hold the targets of some kinds.

    Args:
        kinds: of target.
        noun: what one is called in messages, with its article.
        question: what names of files have to tell, where there is no table.
        column: of a table that holds it, where the user names none.
        from_cells: makes a target of a row's cells in these columns, none of them empty. It is
            given the files of the row's image too, and what finds files.
        matches: whether the cells of a column look like this form. Of several that may be meant the
            first that matches is taken, or the last.
        hint: how a table of a folder would begin, for a folder whose names do not tell.
    """

    kinds: frozenset[str]
    noun: str
    question: str
    column: str
    from_cells: Callable[[Sequence[str], Sequence[Path], FileFinder], CaseTarget | None]
    matches: Callable[[Sequence[str], FileFinder], bool]
    hint: Callable[[Path], str]
