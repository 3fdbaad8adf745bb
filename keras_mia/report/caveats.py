"""What a reader has to know before trusting a score."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from keras_mia.report.formatting import count
from keras_mia.report.headline import Headline
from keras_mia.report.interval_text import FEW_PATIENTS
from keras_mia.report.metric_names import lower_is_better


def caveats(
    run: Mapping,
    metrics: Mapping,
    cases: Sequence[Mapping],
    headline: Headline | None,
    of_task: Sequence[str] = (),
) -> list[str]:
    """Sentences on what weakens the score: the run's own warnings, and what its files show.

    Args:
        run: what run.json holds.
        metrics: what metrics.json holds.
        cases: the rows of cases.csv.
        headline: the main score; None: nothing was scored.
        of_task: what the task adds.
    """
    sentences = [*map(str, run.get("warnings") or []), *of_task]
    if not any("both sides" in text for text in sentences):
        sentences += _in_both_parts(cases)
    if headline is None:
        return [*sentences, "Nothing has been scored yet."]
    return sentences + _few(metrics) + _no_better(headline)


def _few(metrics: Mapping) -> list[str]:
    scored, patients = metrics.get("cases"), metrics.get("patients")
    if scored == 1 or patients == 1:
        whose = "case" if scored == 1 else "patient"
        return [f"One {whose} was scored: no interval can be given, and others will differ."]
    if not (scored and patients and patients < FEW_PATIENTS):
        return []
    of_cases = "" if scored == patients else f" ({count(scored, 'case')})"
    return [f"Only {patients} patients{of_cases} were scored: the intervals are wide."]


def _no_better(headline: Headline) -> list[str]:
    score, baseline = headline.score, headline.baseline
    if lower_is_better(headline.metric):
        score, baseline = -score, -baseline
    return ["The score is no better than that of the baseline."] if score <= baseline else []


def _in_both_parts(cases: Sequence[Mapping]) -> list[str]:
    splits = defaultdict(set)
    for row in cases:
        splits[row.get("patient")].add(row.get("split"))
    both = sorted(str(p) for p, parts in splits.items() if "test" in parts and len(parts) > 1)
    if not both:
        return []
    if len(splits) == 1:
        return ["There is one patient only: the same one is on both sides of the split."]
    names = ", ".join(both[:5]) + (", ..." if len(both) > 5 else "")
    return [f"{count(len(both), 'patient')} on both sides of the split: {names}."]
