"""What the report shows of a run of segmentation."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from keras_mia.core.files.text_files import read_json
from keras_mia.data.datasets.tables.run_tables import read_scores
from keras_mia.report.figures.charts import BOX_FROM, Group, box_chart
from keras_mia.report.figures.figure import Figure
from keras_mia.report.formatting import number, value
from keras_mia.report.headline import headline_of, mean_over
from keras_mia.report.interval_text import interval_sentences
from keras_mia.report.metric_names import heading, unit
from keras_mia.report.overview import class_facts
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.pictures.colors import color
from keras_mia.report.score_tables import case_table, nan_mean, ordered, score_table
from keras_mia.report.sections import Charts, Content, Pictures, Section, Text
from keras_mia.report.table import Cell, Table

MAIN = "dice"
HD95 = ("hd95_mm", "hd95_px")
OF_A_CASE = (
    *(MAIN, "sensitivity", "precision", "surface_dice", *HD95),
    *("volume_error_ml", "volume_error_px", "area_error_mm2", "area_error_px"),
)
"""The scores of a single class in the table a case, which the page is wide enough for."""
DISTANCES_UP_TO = 3  # classes whose distances still fit beside the scores in the table a case
OUTCOMES = {"empty": "empty", "missed": "missed", "false_positive": "false positive"}
EMPTY = (
    "Empty: neither truth nor prediction has the structure, and the score is left out of means."
    " Missed: the truth has it, the prediction does not. False positive: the other way round."
)


def report_content(folder: Path, pictures: Sequence[CasePicture] = ()) -> Content:
    """What the report shows of a run folder.

    Args:
        folder: holds what there is of metrics.json and scores.csv.
        pictures: of cases, in the order in which they are shown.

    Returns:
        Its head and its sections; empty where nothing was scored.

    Raises:
        Problem: a file is broken.
    """
    metrics = read_json(folder / "metrics.json") if (folder / "metrics.json").exists() else {}
    rows = read_scores(folder / "scores.csv", ()) if (folder / "scores.csv").exists() else []
    classes = list(metrics.get("classes") or dict.fromkeys(row["class"] for row in rows))
    colors = {name: color(index) for index, name in enumerate(classes, 1)}
    return Content(
        headline_of(metrics, MAIN, mean_over(classes)),
        [class_facts(classes)],
        sections=[
            _scores(metrics, rows, colors),
            Section("Cases", [Pictures(pictures)]),
            _cases(rows, classes),
        ],
    )


def _scores(
    metrics: Mapping, rows: Sequence[Mapping[str, str]], colors: Mapping[str, str]
) -> Section:
    notes = _counts(metrics.get("outcomes") or {})
    table = score_table(metrics, swatches=colors, notes=notes)
    figures = box_figures(rows, metrics.get("baseline_classes") or {}, colors)
    boxed = metrics.get("cases", 0) >= BOX_FROM
    hint = (
        "Means over cases; small numbers are 95 % intervals over patients. The baseline is a"
        " trivial prediction for the same cases: the most frequent class, or a threshold by Otsu.",
        EMPTY if any(notes.values()) else "",
        *interval_sentences(metrics, title=heading),
    )
    drawn = "the box spans the quartiles, the line in it is" if boxed else "the line is"
    about = f"A dot is a case; {drawn} the median. Dashed: the baseline, where it is in reach."
    below = Text(about if figures else "")
    return Section("Scores", [table, Text(" ".join(filter(None, hint))), Charts(figures), below])


def _counts(outcomes: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """How often truth, prediction or both lack a class, in words, by its name."""
    return {
        name: ", ".join(
            f"{counts[kind]}\u00a0{text}" for kind, text in OUTCOMES.items() if kind in counts
        )
        for name, counts in outcomes.items()
    }


def box_figures(
    rows: Sequence[Mapping], baselines: Mapping[str, Mapping], colors: Mapping[str, str]
) -> list[Figure]:
    """Box plots of the Dice and of the 95th percentile of the Hausdorff distance.

    Args:
        rows: of scores.csv, one a case and class.
        baselines: class name to the baseline's metrics.
        colors: class name to CSS colour.
    """
    figures = []
    for metric in (MAIN, *HD95):
        groups = [
            Group(
                name,
                css,
                [value(row.get(metric)) for row in rows if row.get("class") == name],
                value((baselines.get(name) or {}).get(metric)),
            )
            for name, css in colors.items()
        ]
        title = heading(metric)
        if chart := box_chart(groups, title, 2 if unit(metric) else 3):
            figures.append(Figure(f"{title} of each case", Markup(chart)))
    return figures


def _cases(rows: Sequence[Mapping], classes: Sequence[str]) -> Section:
    hint = "The best first. –: undefined, since the truth or the prediction lacks the structure."
    hint += " scores.csv has all scores."
    return Section("Every case", [table_of_cases(rows, classes), Text(hint)])


def table_of_cases(rows: Sequence[Mapping], classes: Sequence[str]) -> Table:
    """A row a case, the best first: its mean Dice, and the scores of each class.

    Args:
        rows: of scores.csv, one a case and class.
        classes: their names.
    """
    several = len(classes) > 1
    columns = _columns(rows, classes)
    by_case: dict[tuple[str, str], dict[str, Mapping]] = {}
    for row in rows:
        by_case.setdefault((row["case"], row.get("patient", "")), {})[row["class"]] = row
    means = {
        case: nan_mean([value(row.get(MAIN)) for row in scores.values()])
        for case, scores in by_case.items()
    }
    cases = []
    for name, patient in sorted(
        by_case, key=lambda case: (math.isnan(means[case]), -means[case], case)
    ):
        scores = by_case[name, patient]
        cells = [number(scores.get(c, {}).get(m), m) for c, m in columns]
        mean = [number(means[name, patient], MAIN)] if several else []
        cases.append((name, patient, [*mean, *cells]))
    heads = [Cell(heading(m), c if several else "") for c, m in columns]
    return case_table([*([Cell(heading(MAIN), "mean")] if several else []), *heads], cases)


def _columns(rows: Sequence[Mapping], classes: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of a class and a metric that the page is wide enough for."""
    if len(classes) <= 1:
        listed = ordered(rows)
        return [(c, m) for c in classes for m in OF_A_CASE if m in listed]
    columns = [(c, MAIN) for c in classes]
    if len(classes) <= DISTANCES_UP_TO:
        distances = [m for m in HD95 if any(m in row for row in rows)]
        columns += [(c, m) for m in distances for c in classes]
    return columns
