"""What a reader has to know before trusting a score."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from keras_mia.report import words
from keras_mia.report.interval_words import WIDE


def admissions(
    run: Mapping, metrics: Mapping, cases: Sequence[Mapping], headline: Mapping
) -> list[str]:
    """Sentences on what weakens the score: the run's own warnings, and what its files show."""
    said = [str(text) for text in run.get("warnings") or []]
    said += [str(text) for text in metrics.get("calibration") or []]
    if not any("both sides" in text for text in said):
        said += _both_sides(cases)
    if not headline:
        return [*said, "Nothing has been scored yet."]
    scored, patients = metrics.get("cases"), metrics.get("patients")
    if scored == 1 or patients == 1:
        whose = "case" if scored == 1 else "patient"
        said.append(f"One {whose} was scored: no interval can be given, and others will differ.")
    elif scored and patients and patients < WIDE:
        of_cases = "" if scored == patients else f" ({words.count(scored, 'case')})"
        said.append(f"Only {patients} patients{of_cases} were scored: the intervals are wide.")
    score, baseline = headline["score"], headline["baseline"]
    if words.lower_is_better(headline["metric"]):
        score, baseline = -score, -baseline
    if score <= baseline:
        said.append("The score is no better than that of the trivial baseline.")
    return said


def _both_sides(cases: Sequence[Mapping]) -> list[str]:
    splits = defaultdict(set)
    for row in cases:
        splits[row.get("patient")].add(row.get("split"))
    both = sorted(str(p) for p, found in splits.items() if "test" in found and len(found) > 1)
    if not both:
        return []
    if len(splits) == 1:
        return ["There is one patient only: the same one is on both sides of the split."]
    named = ", ".join(both[:5]) + (", ..." if len(both) > 5 else "")
    return [f"{words.count(len(both), 'patient')} on both sides of the split: {named}."]
