"""Any number of findings at once, each present, absent or not known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.targets.base import Text, as_text
from keras_mia.data.targets.labels import Labels, named_texts

NO_FINDINGS = {"", "none", "no finding", "no findings"}
"""What stands for no finding, without regard to case."""
UNKNOWN = -1.0


@dataclass(frozen=True)
class Multilabel(Labels):
    """Any number of findings at once; texts join them by `|`, with a `?` where not known.

    Args:
        names: of the findings.
        values: the text that each name stands for in the data.
        spellings: pairs of a text and the one of `values` that it is read as.
        kind: always "multilabel".

    Example:
        >>> Multilabel(("mass", "fluid"), ("mass", "fluid")).encode("fluid|mass?")
        array([-1.,  1.], dtype=float32)
    """

    kind: Literal["multilabel"] = "multilabel"
    noun: ClassVar[str] = "finding"

    @classmethod
    def infer(
        cls,
        texts: Sequence[Text],
        *,
        names: Mapping[str, str] | None = None,
        others: Iterable[Text] = (),
        columns: tuple[str, ...] = (),
    ) -> Self:
        learnt = {finding for text in texts for finding in _finding_names(text)}
        elsewhere = {finding for text in others for finding in _finding_names(text)}
        named = named_texts(learnt, names or {}, elsewhere, least=1)
        for name in named.names:
            if "|" in name or name.endswith("?") or name.lower() in NO_FINDINGS:
                raise Problem(
                    f"A finding cannot be called {name!r}: `|` stands between findings, `?` behind"
                    " one that is not known, and none for no finding.",
                    "--labels",
                    "Choose another name.",
                )
        return cls(*named)

    @classmethod
    def content(cls, text: Text, names: Mapping[str, str]) -> list[float | str]:
        certain = [one for one in findings(as_text(text)) if not one.endswith("?")]
        return list(dict.fromkeys(names.get(one, one) for one in certain))

    def encode(self, text: Text, where: object = None, space: Sequence[int] = ()) -> np.ndarray:
        multi_hot = np.zeros(len(self), np.float32)
        for part in findings(as_text(text)):
            is_certain = not part.endswith("?")
            index = self.index(part if is_certain else part[:-1].strip(), where)
            if not multi_hot[index] > 0:  # of texts that are one finding, one is there
                multi_hot[index] = 1.0 if is_certain else UNKNOWN
        return multi_hot

    def decode(self, values: np.ndarray, column: str) -> dict[str, str]:
        pairs = zip(self.names, values, strict=True)
        present = [name if value > 0 else f"{name}?" for name, value in pairs if value]
        return {column: "|".join(present) or "none"}

    def parse(self, row: Mapping[str, str], column: str) -> list[float]:
        parts = set(row[column].split("|"))
        return [
            1.0 if name in parts else UNKNOWN if f"{name}?" in parts else 0.0 for name in self.names
        ]

    def labels(self, text: Text) -> list[str]:
        texts = findings(as_text(text))
        certain = dict.fromkeys(self.canonical(one) for one in texts if not one.endswith("?"))
        uncertain = dict.fromkeys(
            self.canonical(one[:-1].strip()) for one in texts if one.endswith("?")
        )
        return [*certain, *(f"{one}?" for one in uncertain if one not in certain)]

    def _balance(self, truth: np.ndarray) -> np.ndarray:
        return (truth == 0).sum(axis=0) / np.maximum((truth == 1).sum(axis=0), 1)

    @property
    def phrase(self) -> str:
        return "several findings at once"

    def describe(self) -> str:
        return f"{len(self)} findings, any number at once: {self._names_text()}"


def findings(text: str) -> list[str]:
    """The findings that a text names; none for "No Finding", "none" or an empty one.

    Args:
        text: as the data have it.

    Example:
        >>> findings("Mass|Effusion"), findings("No Finding")
        (['Mass', 'Effusion'], [])
    """
    parts = [part.strip() for part in text.split("|")]
    return [part for part in parts if part.lower() not in NO_FINDINGS]


def _finding_names(text: Text) -> list[str]:
    """The findings of a case, whether known or not."""
    return [one.rstrip("?").strip() for one in findings(as_text(text))]
