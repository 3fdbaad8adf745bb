"""What the report shows of a run with a target for each whole image."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.files.text_files import read_json
from keras_mia.data.datasets.tables.run_tables import read_scores
from keras_mia.report.formatting import number
from keras_mia.report.headline import headline_of, mean_over
from keras_mia.report.interval_text import interval_sentences
from keras_mia.report.metric_names import heading
from keras_mia.report.overview import class_facts
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.pictures.colors import color
from keras_mia.report.score_tables import case_table, score_table
from keras_mia.report.sections import Charts, Content, Section, Text
from keras_mia.report.table import Table
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.kinds.kind import Kind
from keras_mia.tasks.kinds.rows import CaseList
from keras_mia.tasks.kinds.table import kind_of

CASES = 500  # so many are shown
FINE_SCORES = ("auc", "accuracy")
BASELINE = (
    "The baseline is a trivial prediction for the same cases: how often each class occurs, or the"
    " mean of training."
)


def report_content(folder: Path, pictures: Sequence[CasePicture] = ()) -> Content:
    """What the report shows of a run folder.

    Args:
        folder: holds plan.json, metrics.json and scores.csv, if the run was scored.
        pictures: of cases, in the order in which they are shown.

    Returns:
        Its head and its sections; empty where nothing was scored.

    Raises:
        Problem: a file is broken.
    """
    if not (folder / "metrics.json").exists():
        return Content()
    metrics = read_json(folder / "metrics.json")
    plan = ClassificationPlan.read(folder / "plan.json")
    kind = kind_of(plan.coarse)
    rows = read_scores(folder / "scores.csv", kind.columns())
    classes, positive = list(metrics["classes"]), kind.positive
    return Content(
        headline_of(
            metrics,
            next(iter(metrics["mean"]), None),
            f" of {positive}" if positive else mean_over(classes),
        ),
        [class_facts(classes), ("Fine classes", _fine(metrics.get("fine") or {}))],
        [
            *(metrics.get("calibration") or ()),
            *([plan.synthetic.caveat()] if plan.synthetic else []),
        ],
        [
            _scores(metrics, kind, Charts(kind.figures(rows, metrics))),
            kind.picture_section(pictures),
            _cases(kind.case_list(rows, metrics)),
        ],
    )


def _fine(metrics: Mapping) -> str:
    """How many fine classes were learnt below the coarse ones, and how well."""
    means = metrics.get("mean") or {}
    scores = [f"{heading(name)} {number(means[name])}" for name in FINE_SCORES if name in means]
    return ", ".join([str(len(metrics["classes"])), *scores]) if scores else ""


def _scores(metrics: Mapping, kind: Kind, charts: Charts) -> Section:
    """The scores of each class; of several targets a table each."""
    parts = {
        column: (metrics["targets"][column], part) for column, part in kind.parts().items()
    } or {"": (metrics, kind)}
    tables = [
        _table(scores, part.positive, title=column) for column, (scores, part) in parts.items()
    ]
    positives = [part.positive for _, part in parts.values() if part.positive]
    hint = [
        "Small numbers are 95 % intervals over patients.",
        *(f"As {name}: the scores of the positive class, and those of both." for name in positives),
        BASELINE,
        *interval_sentences(metrics, title=heading),
    ]
    return Section("Scores", [*tables, Text(" ".join(hint)), charts])


def _table(metrics: Mapping, positive: str, title: str) -> Table:
    """The scores of each class, and last of the positive one, or the mean."""
    colors = {name: color(index) for index, name in enumerate(metrics["classes"], 1)}
    overall = f"As {positive}" if positive else "Mean"
    return replace(score_table(metrics, overall=overall, swatches=colors), title=title)


def _cases(listed: CaseList) -> Section:
    cases = [(row["case"], row.get("patient", ""), cells) for row, cells in listed.cases]
    more = f"{CASES} of {len(cases)} are shown; scores.csv has all." if len(cases) > CASES else ""
    hint = Text(f"{listed.hint} {more}".strip())
    return Section("Every case", [case_table(listed.columns, cases[:CASES]), hint])
