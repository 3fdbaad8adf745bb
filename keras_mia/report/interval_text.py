"""How the intervals were found, in words: the same in the report and where an app ends."""

from collections.abc import Callable, Iterable, Mapping

from keras_mia.metrics.statistics.interval import LOGARITHM, NONE, STUDENT, WILSON

METHODS = {
    WILSON: "Wilson's interval with Student's t",
    LOGARITHM: "Student's t of the logarithm",
    STUDENT: "Student's t",
}
FEW_PATIENTS = 20  # of fewer patients intervals are wide


def interval_sentences(
    metrics: Mapping,
    names: Iterable[str] | None = None,
    title: Callable[[str], str] = str,
) -> list[str]:
    """Sentences on how intervals were found, that they are wide, and which scores have none.

    Args:
        metrics: what metrics.json holds.
        names: of the scores that are shown; None: all.
        title: what a score of a name is called.

    Returns:
        The sentences, none where there are no intervals.

    Example:
        >>> method = {"dice": WILSON, "hd95_mm": "none: all patients are alike"}
        >>> for line in interval_sentences({"patients": 6, "interval_method": method}):
        ...     print(line)
        95 % intervals leave out each of 6 patients in turn: Wilson's interval with Student's t.
        They are wide, since 6 patients are few.
        No interval: hd95_mm (all patients are alike).
    """
    methods = metrics.get("interval_method") or {}
    chosen = {name: methods[name] for name in names or methods if name in methods}
    texts = list(dict.fromkeys(METHODS[method] for method in chosen.values() if method in METHODS))
    patients = metrics.get("patients") or 0
    lines = []
    if texts:
        lines.append(
            f"95 % intervals leave out each of {patients} patients in turn: {'; '.join(texts)}."
        )
        if patients < FEW_PATIENTS:
            lines.append(f"They are wide, since {patients} patients are few.")
    without: dict[str, list[str]] = {}
    for name, method in chosen.items():
        if method.startswith(NONE):
            without.setdefault(method.removeprefix(NONE), []).append(title(name))
    if without:
        parts = (f"{', '.join(of)} ({why})" for why, of in without.items())
        lines.append(f"No interval: {'; '.join(parts)}.")
    return lines
