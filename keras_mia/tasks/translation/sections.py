"""What the report shows of a run of translation."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from keras_mia.core.files.text_files import read_json
from keras_mia.data.datasets.tables.run_tables import read_scores
from keras_mia.report.formatting import interval, number, value
from keras_mia.report.headline import Headline
from keras_mia.report.interval_text import interval_sentences
from keras_mia.report.metric_names import heading, lower_is_better
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.score_tables import case_table
from keras_mia.report.sections import Content, Pictures, Section, Text
from keras_mia.report.table import Cell, Row, Table
from keras_mia.tasks.translation.evaluation.evaluator import COLUMNS, SCORES
from keras_mia.tasks.translation.evaluation.other_runs import RUN
from keras_mia.tasks.translation.evaluation.unpaired_evaluator import CHANGE, is_unpaired
from keras_mia.tasks.translation.evaluation.unpaired_evaluator import COLUMNS as CHANGES


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
    path = folder / "scores.csv"
    columns, scores = (CHANGES, (CHANGE,)) if is_unpaired(metrics) else (COLUMNS, SCORES)
    rows = read_scores(path, columns) if path.exists() else []
    main = metrics.get("main", "psnr")
    headline = None
    score = value((metrics.get("mean") or {}).get(main))
    if math.isfinite(score):
        ends = (metrics.get("interval") or {}).get(main)
        baseline = value((metrics.get("baseline") or {}).get(main))
        headline = Headline(main, score, ends=ends, baseline=baseline)
    return Content(
        headline,
        [("Errors are in", metrics.get("unit", ""))],
        sections=[
            Section("Scores", [_scores(metrics), Text(_about(metrics))]),
            Section("Cases", [Pictures(pictures)]),
            Section("Every case", [_cases(rows, scores, main), Text(_order(metrics))]),
        ],
    )


def _order(metrics: Mapping) -> str:
    return "Those that were changed least first." if is_unpaired(metrics) else "The best first."


def _scores(metrics: Mapping) -> Table:
    """A row for the network and one for each baseline."""
    means = {"Network": metrics.get("mean") or {}}
    means |= {f"{RUN}{name}": scores for name, scores in (metrics.get("runs") or {}).items()}
    means |= metrics.get("baselines") or {}
    ends, gains = metrics.get("interval") or {}, metrics.get("gains") or {}
    main = metrics.get("main", "psnr")
    columns = [one for one in (*SCORES, "kernel_distance", CHANGE) if one in means["Network"]]
    rows = []
    for name, scores in means.items():
        of_network = name == "Network"
        cells = [
            Cell(number(scores.get(score), score), interval(ends.get(score), score))
            if of_network
            else Cell(number(scores.get(score), score))
            for score in columns
        ]
        gain = gains.get(name) or {}
        low, high = gain.get("low"), gain.get("high")
        cells.append(
            Cell(
                "" if of_network else number(gain.get("difference"), main),
                "" if of_network else interval([low, high], main),
            )
        )
        rows.append(Row(Cell(name[:1].upper() + name[1:]), cells, (), of_network))
    heads = ["", *map(heading, columns), f"{heading(main)}: network less this"]
    return Table(heads, rows if metrics else [], "Scores of the network and of baselines")


def _about(metrics: Mapping) -> str:
    if not metrics:
        return ""
    sentences = [
        "Means over cases; small numbers are 95 % intervals over patients.",
        *(_about_change() if is_unpaired(metrics) else _about_errors(metrics)),
        "The kernel distance is that of textures to the targets', wherever they are: near 0 they"
        " cannot be told apart." * ("kernel_distance" in (metrics.get("mean") or {})),
        *interval_sentences(metrics, title=heading),
    ]
    return " ".join(filter(None, sentences))


def _about_change() -> list[str]:
    return [
        "There are no true images; the change is the mean absolute difference of an image and what"
        " was made of it."
    ]


def _about_errors(metrics: Mapping) -> list[str]:
    return [
        f"PSNR and SSIM are relative to {metrics.get('data_range')}."
        * bool(metrics.get("data_range")),
        "The mean training image is brought to the centre and the extent of each image; filters"
        " have the strength that suits some training cases best." * bool(metrics.get("baselines")),
    ]


def _cases(rows: Sequence[Mapping[str, str]], scores: Sequence[str], main: str) -> Table:
    main = main if main in scores else scores[0]
    sign = 1 if lower_is_better(main) else -1
    ranked = sorted(rows, key=lambda row: (math.isnan(value(row[main])), sign * value(row[main])))
    return case_table(
        [*map(heading, scores)],
        [
            (row["case"], row.get("patient", ""), [number(row[score], score) for score in scores])
            for row in ranked
        ],
    )
