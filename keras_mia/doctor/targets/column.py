"""The cases with one of their targets, as checks of its kind take them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.targets.base import ImageTarget
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.inference import box_columns, infer_target
from keras_mia.data.targets.multitask import texts_of


@dataclass(frozen=True)
class Column:
    """The cases with one of their targets.

    Args:
        cases: whose text is that of the target alone; their `split` may be known or not.
        names: the columns of a table that it stands in: one, or those of a box.
        kind: where it was said; None: as the texts look.
        facts: of the images by the names of the cases; empty where they are not known.
        alone: whether there is no other target.
    """

    cases: Sequence[Case]
    names: tuple[str, ...] = ()
    kind: str | None = None
    facts: Mapping[str, CaseFacts] | None = None
    alone: bool = True

    @property
    def train(self) -> list[Case]:
        """The cases of the training part; all where there is no split."""
        return [case for case in self.cases if case.split in (None, "train")]

    def target(self, names: Mapping[str, str] | None = None) -> ImageTarget:
        """What is to be learnt, by the texts of the training part.

        Args:
            names: text -> name to show.

        Raises:
            Problem: the texts are of no kind.
        """
        return infer_target(
            [case.text for case in self.train],
            self.names,
            kinds=[self.kind] if self.kind else (),
            names=names,
            others=[case.text for case in self.cases if case.split not in (None, "train")],
        )


def each_column(
    cases: Sequence[Case],
    kinds: Sequence[str],
    columns: str | Sequence[str],
    facts: Mapping[str, CaseFacts] | None = None,
) -> Iterator[Column]:
    """The cases with each of their targets alone.

    Args:
        cases: with texts as targets.
        kinds: of target, one a column, or one for all; none: as the texts look.
        columns: of the table, where each case has several targets.
        facts: of the images by the names of the cases, where they are known.
    """
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    box = box_columns(columns, kinds, [case.text for case in cases if case.target])
    if len(columns) < 2 or box:
        kind = Box.kind if box else kinds[0] if kinds else None
        yield Column(cases, box or columns, kind, facts)
        return
    texts = [(case, texts_of(case.text, columns)) for case in cases if case.target]
    for number, column in enumerate(columns):
        kind = kinds[number] if len(kinds) > 1 else kinds[0] if kinds else None
        column_cases = [replace(case, target=Texts(one[number])) for case, one in texts]
        yield Column(column_cases, (column,), kind, facts, alone=False)
