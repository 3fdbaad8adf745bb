"""What the run folder's tables say, arranged for reading."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.report import words
from keras_mia.report.words import HD95, HEADINGS, value

A_CASE = (
    *("dice", "sensitivity", "precision", "surface_dice", *HD95),
    *("volume_error_ml", "volume_error_px", "area_error_mm2", "area_error_px"),
)
"""The scores of a single class in the table a case, which the page is wide enough for."""
DISTANCES_UP_TO = 3  # classes whose distances still fit beside the scores in the table a case
FITTING = 8  # columns that the page is wide enough for
SIZES = {"patch", "spacing_mm", "pool"}


def class_table(metrics: Mapping, overall: str = "Mean") -> dict[str, Any]:
    """A row a class and a row `overall` for their mean; the trivial baseline below each.

    Turned it is a row a score, where the page is too narrow for a column each.
    """
    classes = metrics.get("classes") or {}
    intervals, baselines = metrics.get("class_intervals") or {}, metrics.get("baseline_classes")
    columns = _ordered([*classes.values(), metrics.get("mean") or {}])
    rows = [
        _class_row(name, scores, intervals.get(name), (baselines or {}).get(name), columns)
        for name, scores in classes.items()
    ]
    if metrics.get("mean") and len(classes) != 1:
        ends, trivial = metrics.get("interval"), metrics.get("baseline")
        rows.append(_class_row(overall, metrics["mean"], ends, trivial, columns) | {"mean": True})
    for row in rows:
        known = (metrics.get("empty") or {}).get(row["name"]) or {}
        row["counts"] = (
            ""
            if row["mean"]
            else ", ".join(
                f"{known[kind]}\u00a0{kind}"
                for kind in ("empty", "missed", "invented")
                if kind in known
            )
        )
    return {
        "columns": [words.heading(column) for column in columns],
        "counted": any(row["counts"] for row in rows),
        "turned": len(columns) > FITTING and len(rows) < len(columns),
        "rows": rows,
    }


def _class_row(name, scores, ends, trivial, columns) -> dict[str, Any]:
    scores, ends, trivial = scores or {}, ends or {}, trivial or {}
    return {
        "name": name,
        "mean": False,
        "cells": [
            (words.number(scores.get(c), c), words.interval(ends.get(c), c)) for c in columns
        ],
        "baseline": [words.number(trivial.get(c), c) if c in trivial else "" for c in columns]
        if any(c in columns for c in trivial)
        else [],
    }


def case_table(scores: Sequence[Mapping], classes: Sequence[str], metric: str) -> dict[str, Any]:
    """A row a case, the best first: its mean score, and that of each class."""
    several = len(classes) > 1
    distances = [m for m in HD95 if any(m in row for row in scores)]
    if not several:
        found_in = set(_ordered(scores))
        shown = [(c, m) for c in classes for m in dict.fromkeys((metric, *A_CASE)) if m in found_in]
    else:
        shown = [(c, metric) for c in classes]
        if len(classes) <= DISTANCES_UP_TO:
            shown += [(c, m) for m in distances for c in classes]
    found: dict[str, dict[str, Any]] = {}
    for row in scores:
        case = found.setdefault(
            row.get("case", ""), {"patient": row.get("patient", ""), "scores": {}}
        )
        case["scores"][row.get("class", "")] = row
    cases = []
    for name, case in found.items():
        mean = nanmean([value(row.get(metric)) for row in case["scores"].values()])
        cells = [words.number(case["scores"].get(c, {}).get(m), m) for c, m in shown]
        first = [words.number(mean, metric)] if several else []
        cases.append(
            {"name": name, "patient": case["patient"], "mean": mean} | {"cells": first + cells}
        )
    better = -1 if not words.lower_is_better(metric) else 1
    cases.sort(key=lambda c: (math.isnan(c["mean"]), better * c["mean"], c["name"]))
    named = [(c if several else "", words.heading(m)) for c, m in shown]
    return {
        "columns": ([("Mean", words.heading(metric))] if several else []) + named,
        "patients": any(case["patient"] not in ("", case["name"]) for case in cases),
        "rows": cases,
        "hint": "The best first. –: undefined, since the truth or the prediction lacks the"
        " structure. scores.csv has all scores.",
    }


def plan_table(plan: Mapping) -> list[tuple[str, str, str]]:
    """Field, value and reason of each field of the plan."""
    reasons = plan.get("reasons") or {}
    return [
        (name.replace("_", " "), words.plain(content, name in SIZES), str(reasons.get(name, "")))
        for name, content in plan.items()
        if name not in ("format", "task", "reasons")
    ]


def nanmean(values: Sequence[float]) -> float:
    """The mean of the known values; NaN where none is known."""
    known = [v for v in values if not math.isnan(v)]
    return float(np.mean(known)) if known else math.nan


def _ordered(rows: Sequence[Mapping]) -> list[str]:
    """The metrics of rows, in the order of `HEADINGS`, unknown ones last."""
    found = dict.fromkeys(key for row in rows for key in row)
    known = [name for name in HEADINGS if name in found]
    others = [name for name in found if name not in HEADINGS]
    return known + [name for name in others if name not in ("case", "patient", "class", "split")]
