"""Classes, findings, numbers and boxes: texts of a table, or names of folders."""

from collections.abc import Sequence

from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.layouts.csv_hint import class_start
from keras_mia.data.datasets.target_forms.form import TargetForm
from keras_mia.data.targets.kinds import KINDS


def _from_cells(cells: Sequence[str], *_: object) -> Texts:
    return Texts(cells[0] if len(cells) == 1 else tuple(cells))


FORM = TargetForm(
    kinds=frozenset(KINDS),
    noun="a label",
    question="of which class they are",
    column="label",
    from_cells=_from_cells,
    matches=lambda *_: True,
    hint=class_start,
)
