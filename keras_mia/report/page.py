"""The page that a run ends in: one file that opens anywhere."""

import base64
import io
import itertools
import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from PIL import Image

from keras_mia.core.files.atomic import read_json, write_text
from keras_mia.core.run_facts import read_run_facts
from keras_mia.data.datasets.tables.run_tables import (
    CASES,
    GRADIENTS,
    OF_CASE,
    read_run_table,
    read_scores,
    score_columns,
)
from keras_mia.data.preprocess.image_plan import told_by
from keras_mia.report import words
from keras_mia.report.caveats import admissions
from keras_mia.report.figures.charts import BOX_FROM, ruler
from keras_mia.report.figures.curves import boxes, curves
from keras_mia.report.figures.gradients import gradient_figures
from keras_mia.report.figures.image_level import answer_figures, answer_table
from keras_mia.report.interval_words import how_found
from keras_mia.report.overview import facts, overview
from keras_mia.report.pictures.cases import CasePicture
from keras_mia.report.pictures.colors import color
from keras_mia.report.tables import case_table, class_table, plan_table
from keras_mia.report.words import value

WIDE = 1.9  # from this ratio of its sides on, a picture gets a row of its own


def write_report(folder: Path, pictures: Sequence[CasePicture] = ()) -> Path:
    """Writes `report.html` from the files of a run folder.

    Args:
        folder: holds run.json, and what there is of metrics.json, plan.json, history.csv,
            cases.csv, scores.csv and gradients.csv.
        pictures: of cases, in the order in which they are shown.

    Returns:
        The path of the page.

    Raises:
        Problem: run.json is missing, or a file is broken.
    """
    folder = Path(folder)
    run = read_run_facts(folder)
    metrics, plan = (_maybe(folder / f"{name}.json", {}) for name in ("metrics", "plan"))
    answers = told_by(plan)
    history, cases, scores, gradients = _tables(folder, answers)
    classes = list(metrics.get("classes") or dict.fromkeys(row.get("class", "") for row in scores))
    colors = {name: color(i) for i, name in enumerate(classes, 1)}
    for picture in pictures:
        colors |= {name: css for name, css in picture.colors.items() if name in colors}
    headline = _headline(metrics)
    metric = headline.get("metric", "dice")
    view = {
        "title": _title(run),
        "run": run,
        "metrics": metrics,
        "headline": headline,
        "admissions": admissions(run, metrics, cases, headline),
        "notes": run.get("notes") or [],
        "overview": overview(run, metrics, classes),
        "colors": colors,
        "classes": class_table(metrics, _overall(answers)),
        "answers": answers,
        "boxes": answer_figures(scores, metrics, answers)
        if answers
        else boxes(scores, metrics.get("baseline_classes") or {}, colors, metric),
        "how_found": how_found(metrics, title=words.heading),
        "boxed": metrics.get("cases", 0) >= BOX_FROM,
        "pictures": [_picture(picture) for picture in pictures],
        "cases": answer_table(scores, answers, metrics.get("threshold"))
        if answers
        else case_table(scores, classes, metric),
        "curves": curves(history) + gradient_figures(gradients),
        "facts": facts(run),
        "plan": plan_table(plan),
    }
    loader = PackageLoader("keras_mia.report", "")
    pages = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    path = folder / "report.html"
    write_text(path, pages.get_template("report.html.jinja").render(view))
    return path


def _maybe(path: Path, otherwise: dict) -> dict:
    return read_json(path) if path.exists() else otherwise


def _tables(folder: Path, answers: Mapping) -> list[list[dict[str, str]]]:
    """The rows of history.csv, cases.csv, scores.csv and gradients.csv; none of what is missing."""
    readers: dict[str, Callable[[Path], list[dict[str, str]]]] = {
        "history": lambda path: read_run_table(path, (), others_are_numbers=True),
        "cases": lambda path: read_run_table(path, CASES, key=OF_CASE),
        "scores": lambda path: read_scores(path, score_columns(answers) if answers else ()),
        "gradients": lambda path: read_run_table(path, GRADIENTS),
    }
    paths = {name: folder / f"{name}.csv" for name in readers}
    return [read(paths[name]) if paths[name].exists() else [] for name, read in readers.items()]


def _title(run: Mapping) -> str:
    source = run.get("data")
    if not source:
        given = shlex.split(run.get("command", ""))
        source = dict(itertools.pairwise(given)).get("--data", "")
    kind, _, rest = str(source).partition(":")
    name = rest if kind == "sample" else PurePath(str(source)).name.removesuffix(".csv")
    task = str(run.get("task", "run")).capitalize()
    return f"{task} of {name}" if name else task


def _headline(metrics: Mapping) -> dict[str, Any]:
    """The main score with all that is needed to read it; empty where nothing was scored."""
    means = metrics.get("mean") or {}
    metric = "dice" if "dice" in means else next(iter(means), None)
    if metric is None or math.isnan(value(means[metric])):
        return {}
    ends = (metrics.get("interval") or {}).get(metric)
    known = words.interval(ends, metric)
    score, baseline = value(means[metric]), value((metrics.get("baseline") or {}).get(metric))
    bounded = 0 <= score <= 1 and not words.lower_is_better(metric)
    low, high = map(value, ends) if known and ends else (math.nan, math.nan)
    return {
        "metric": metric,
        "name": words.heading(metric),
        "score": score,
        "text": words.number(score, metric),
        "interval": known,
        "baseline": baseline,
        "baseline_text": "" if math.isnan(baseline) else words.number(baseline, metric),
        "ruler": Markup(ruler(score, (low, high), baseline)) if bounded else "",
    }


def _overall(answers: Mapping) -> str:
    """What the last row of the scores is: of two classes the scores are those of the second."""
    names = answers.get("names") or []
    return f"As {names[1]}" if answers.get("kind") == "multiclass" and len(names) == 2 else "Mean"


def _picture(picture: CasePicture) -> dict[str, Any]:
    images, wide = [], False
    for label, file in picture.images:
        opened = Image.open(io.BytesIO(file))
        images.append(
            {
                "label": label,
                "width": opened.width,
                "height": opened.height,
                "source": f"data:{Image.MIME[opened.format or 'PNG']};base64,"
                + base64.b64encode(file).decode("ascii"),
            }
        )
        wide = wide or opened.width > WIDE * opened.height
    return {
        "title": picture.title,
        "caption": picture.caption,
        "images": images,
        "colors": dict(picture.colors),
        "errors": dict(picture.errors),
        "wide": wide,
    }
