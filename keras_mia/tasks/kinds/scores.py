"""What metrics.json begins with, whatever is scored."""

import math
from collections.abc import Hashable, Mapping, Sequence

import numpy as np

FORMAT = 1


def head(task: str, split: str, truth: np.ndarray, patients: Sequence[Hashable]) -> dict:
    """Of what the scores are, and of how many cases.

    Args:
        task: what was learnt.
        split: which cases these are.
        truth: with a row a case.
        patients: whose case it is, one for each case.
    """
    cases = {"cases": len(truth), "patients": len(set(patients))}
    return {"format": FORMAT, "task": task, "split": split, **cases}


def defined(scores: Mapping[str, float]) -> dict[str, float]:
    """Those that are no NaN.

    Args:
        scores: by name.
    """
    return {name: value for name, value in scores.items() if not math.isnan(value)}
