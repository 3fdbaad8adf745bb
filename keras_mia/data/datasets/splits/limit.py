"""Fewer training cases, to see what few would teach."""

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.targets.base import Text


def limited(cases: Cases, number: int, contents: Mapping[Text, Any] | None = None) -> Cases:
    """The cases with at most `number` of those for training, drawn from each target in turn.

    Which ones follows from their names alone. Validation and test stay as they are.

    Args:
        cases: with their splits.
        number: of training cases to keep.
        contents: what texts hold, as `targets.inference.contents` gives it: those that hold the
            same are one target.
    """
    by_content: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases.train, key=lambda case: hashlib.sha256(case.name.encode()).digest()):
        text = case.text if case.target is not None else ""
        by_content[str((contents or {}).get(text, text))].append(case)
    ordered = itertools.chain.from_iterable(itertools.zip_longest(*by_content.values()))
    kept = {case.name for case in itertools.islice(filter(None, ordered), number)}
    if len(kept) == len(cases.train):
        return cases
    remaining = tuple(case for case in cases if case.split != "train" or case.name in kept)
    note = (
        f"Of {len(cases.train)} training cases {len(kept)} are used, drawn from each target in"
        " turn."
    )
    return replace(cases, cases=remaining, notes=(*cases.notes, note))
