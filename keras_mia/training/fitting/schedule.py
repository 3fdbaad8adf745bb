"""The learning rate as a function of the step."""

import math

WARM_UP = 20


def learning_rate(
    step: int, total: int | None, peak: float, kind: str = "polynomial", first_half: int = 0
) -> float:
    """The rate of step number `step` of `total`.

    It climbs over the first `WARM_UP` steps, which do not depend on `total` (they may be needed to
    find it), and then falls to 0.

    Args:
        step: counted from 0.
        total: steps of the whole run; None within the warm-up, while it is not yet known.
        peak: the highest rate.
        kind: "polynomial" (power 0.9, as in DeepLab, arXiv:1606.00915), "cosine"
            (arXiv:1608.03983) or "constant".
        first_half: steps of the first half of the schedule; 0: half of `total`.

    Example:
        >>> [round(learning_rate(step, 120, 1.0, "cosine"), 2) for step in (0, 19, 70, 119)]
        [0.05, 1.0, 0.5, 0.0]
    """
    if step < WARM_UP or total is None:
        return peak * min(step + 1, WARM_UP) / WARM_UP
    done = min(1.0, (step - WARM_UP) / max(1, total - WARM_UP))
    if first_half and step < first_half:
        done = 0.5 * (step - WARM_UP) / max(1, first_half - WARM_UP)
    elif first_half:
        done = 0.5 + 0.5 * min(1.0, (step - first_half) / max(1, total - first_half))
    if kind == "constant":
        return peak
    if kind == "cosine":
        return peak * 0.5 * (1 + math.cos(math.pi * done))
    if kind == "polynomial":
        return peak * (1 - done) ** 0.9
    raise ValueError(f"no learning-rate schedule {kind!r}: polynomial, cosine or constant")
