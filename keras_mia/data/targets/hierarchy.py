"""Fine classes below coarse ones: the fine ones are learnt, either predicted."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_mia.core.files.text_files import read_csv
from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, natural_key

COLUMNS = ("fine", "coarse")


@dataclass(frozen=True)
class ClassTree:
    """Which coarse class each fine class belongs to.

    Args:
        fine: names of the fine classes, in the order of a network's channels.
        coarse: names of the coarse classes.
        parents: of each fine class, the index of its coarse class.

    Source: Esteva et al. (2017), doi:10.1038/nature21056.
    """

    fine: tuple[str, ...]
    coarse: tuple[str, ...]
    parents: tuple[int, ...]

    @classmethod
    def read(cls, path: str | Path, fine: Sequence[str]) -> "ClassTree":
        """The tree of a CSV file with the columns `fine` and `coarse`, a line a fine class.

        Args:
            path: of the file. The coarse classes are sorted by name, as fine ones are.
            fine: names of the fine classes, in the order of the network's channels.

        Raises:
            Problem: the file cannot be read or lacks a column; a line is not full, names a class
                that is not in `fine` or was on a line before; a class of `fine` is on none; all
                have one coarse class.
        """
        rows = read_csv(path)
        if not rows or not set(COLUMNS) <= set(rows[0]):
            raise Problem("The class tree lacks rows or a column.", path, "Write fine,coarse.")
        above: dict[str, str] = {}
        lines: dict[str, int] = {}
        for line, row in enumerate(rows, start=2):
            name, parent = ((row[column] or "").strip() for column in COLUMNS)
            if not name or not parent:
                raise Problem(f"Line {line} of the class tree is not full.", path, "Fill both.")
            if name not in fine:
                raise Problem(
                    f"Line {line} has the class {name!r}, which is none of {', '.join(fine)}.",
                    path,
                    "Take the line away, or write the class as the data do.",
                )
            if name in lines:
                raise Problem(
                    f"Line {line} has the class {name!r}, as line {lines[name]} does.",
                    path,
                    "Keep one of them: a fine class has one coarse class.",
                )
            above[name], lines[name] = parent, line
        missing = [name for name in fine if name not in above]
        if missing:
            raise Problem(
                f"After line {len(rows) + 1} the class tree ends without {', '.join(missing)}.",
                path,
                "Add a line for each.",
            )
        coarse = tuple(sorted(set(above.values()), key=natural_key))
        if len(coarse) < 2:
            raise Problem(
                f"All fine classes are {coarse[0]}: there is nothing to tell apart.",
                path,
                "Write two coarse classes or more.",
            )
        return cls(tuple(fine), coarse, tuple(coarse.index(above[name]) for name in fine))

    def in_order(self, coarse: Sequence[str]) -> "ClassTree":
        """The same tree with its coarse classes in this order.

        Args:
            coarse: all of its coarse classes.
        """
        parents = tuple(coarse.index(self.coarse[parent]) for parent in self.parents)
        return ClassTree(self.fine, tuple(coarse), parents)

    def describe(self) -> str:
        """One line for the user.

        Example:
            >>> ClassTree(("1", "2", "3"), ("even", "odd"), (1, 0, 1)).describe()
            'even = 2; odd = 1, 3'
        """
        below = [
            [fine for fine, parent in zip(self.fine, self.parents, strict=True) if parent == index]
            for index in range(len(self.coarse))
        ]
        pairs = zip(self.coarse, below, strict=True)
        return "; ".join(f"{name} = {listing(fine, 5)}" for name, fine in pairs)


def sum_up(probabilities: np.ndarray, tree: ClassTree) -> np.ndarray:
    """The probability of each coarse class: that of its fine classes together.

    Args:
        probabilities: `(..., fine classes)`.
        tree: which belong together.

    Returns:
        `(..., coarse classes)`, of the same dtype, at most 1, though rounding adds up.

    Raises:
        ValueError: there are not as many probabilities as fine classes.

    Source: Esteva et al. (2017), doi:10.1038/nature21056.

    Example:
        >>> tree = ClassTree(("wart", "mole", "melanoma"), ("benign", "malignant"), (0, 0, 1))
        >>> sum_up(np.array([0.5, 0.25, 0.25]), tree)
        array([0.75, 0.25])
    """
    probabilities = np.asarray(probabilities)
    if probabilities.shape[-1] != len(tree.fine):
        raise ValueError(f"{probabilities.shape} does not end in {len(tree.fine)} fine classes.")
    belongs = np.eye(len(tree.coarse), dtype=probabilities.dtype)[list(tree.parents)]
    return np.minimum(probabilities @ belongs, 1)
