"""What the report shows of a segmentation."""

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv, write_json
from keras_mia.report import planes, write_report
from keras_mia.report.score_tables import FITTING, score_table
from keras_mia.tasks.segmentation.sections import report_content, table_of_cases
from tests.report.html_page import read_page

METRICS = {
    "format": 1,
    "task": "segmentation",
    "split": "test",
    "cases": 3,
    "patients": 3,
    "mean": {"dice": 0.8861, "hd95_mm": 1.25},
    "interval": {"dice": [0.8712, 0.9013]},
    "classes": {"front": {"dice": 0.9, "hd95_mm": 1.0}, "back": {"dice": 0.87, "hd95_mm": 1.5}},
    "class_intervals": {"front": {"dice": [0.88, 0.92]}},
    "baseline": {"dice": 0.3141},
    "baseline_classes": {"front": {"dice": 0.4}},
    "outcomes": {"front": {"empty": 4, "missed": 2, "false_positive": 1}},
}
SCORES = [
    {"case": c, "patient": c, "class": k, "dice": d, "hd95_mm": h}
    for c, k, d, h in (
        ("c1", "front", 0.5, 4.0),
        ("c1", "back", 0.6, 5.0),
        ("c2", "front", 0.9, 1.0),
        ("c2", "back", "", ""),
        ("c3", "front", 0.7, 2.0),
        ("c3", "back", 0.75, 2.5),
    )
]


def page(folder, metrics=METRICS, scores=SCORES):
    write_json(folder / "run.json", {"format": 1, "task": "segmentation"})
    write_json(folder / "metrics.json", metrics)
    write_csv(folder / "scores.csv", scores)
    disk = np.pad(np.ones((8, 8), int), 4)
    picture = planes(disk[..., None], disk, disk, names=["background", "front"], title="Best: c2")
    return read_page(write_report(folder, report_content(folder, [picture])))


def test_scores_charts_pictures_and_cases_are_shown(tmp_path):
    _, read = page(tmp_path)
    for text in (
        "Dice, mean over 2 classes",
        "0.871 to 0.901",
        "HD95 (mm)",
        "4 empty, 2 missed, 1 false positive",
        "Classes front, back",
        "baseline 0.400",
        "Best: c2",
        "The best first.",
    ):
        assert text in read.text.replace("\u00a0", " "), text
    assert read.tags.count("svg") == 3  # ruler, two box plots
    assert read.tags.count("img") == 4
    assert read.tags.count("table") == 2


@pytest.mark.parametrize("key", [key for key in METRICS if key != "mean"])
def test_any_key_of_the_metrics_may_be_missing(tmp_path, key):
    _, read = page(tmp_path, {k: v for k, v in METRICS.items() if k != key})
    assert "0.886" in read.text


def test_values_may_be_null(tmp_path):
    metrics = METRICS | {
        "interval": {"dice": [None, None]},
        "classes": {"front": {"dice": None, "hd95_mm": None}},
        "baseline": {"dice": None},
    }
    _, read = page(tmp_path, metrics)
    assert "none can be given" in read.text


def test_names_are_escaped(tmp_path):
    evil = '<script>alert("1")</script> & "Söhne"'
    metrics = METRICS | {"classes": {evil: {"dice": 0.5, "hd95_mm": 2}}, "cases": 9}
    scores = [
        {"case": evil + str(i), "patient": evil, "class": evil, "dice": i / 9, "hd95_mm": 1}
        for i in range(9)
    ]
    text, read = page(tmp_path, metrics, scores)
    assert "<script" not in text
    assert read.text.count(evil) > 10


def test_without_spacing_lengths_are_pixels(tmp_path):
    def in_px(metrics):
        return {
            k.replace("_mm", "_px"): in_px(v) if isinstance(v, dict) else v
            for k, v in metrics.items()
        }

    _, read = page(tmp_path, in_px(METRICS), [in_px(row) for row in SCORES])
    assert "HD95 (px)" in read.text
    assert "(mm)" not in read.text


def test_cases_are_sorted_by_their_mean_and_holes_are_left_out_of_it():
    rows = [{k: str(v) for k, v in row.items()} for row in SCORES]
    table = table_of_cases(rows, ["front", "back"])
    assert [row.head for row in table.rows] == ["c2", "c3", "c1"]
    assert table.rows[0].cells == ["0.900", "0.900", "–", "1.00", "–"]
    assert "Patient" not in table.columns


def test_patients_are_shown_where_they_are_called_otherwise_than_cases():
    rows = [{**row, "patient": "p"} for row in SCORES]
    table = table_of_cases(rows, ["front", "back"])
    assert table.columns[:2] == ["Case", "Patient"]
    assert table.rows[0].cells[0] == "p"


def test_a_single_class_has_the_scores_that_the_page_is_wide_enough_for():
    metrics = ("dice", "jaccard", "sensitivity", "specificity", "precision", "surface_dice")
    lengths = ("hd95_mm", "hausdorff_mm", "surface_distance_mm", "volume_ml", "volume_error_ml")
    row = dict.fromkeys((*metrics, *lengths, "accuracy", "pixel_error"), 0.5)
    table = table_of_cases([{"case": "a", "patient": "a", "class": "organ"} | row], ["organ"])
    assert len(table.columns) <= FITTING
    assert table.columns[1].text == "Dice"


def test_the_mean_row_is_there_only_for_several_classes():
    def heads(metrics):
        return [row.head.text for row in score_table(metrics).rows]

    assert heads(METRICS) == ["front", "back", "Mean"]
    assert heads(METRICS | {"classes": {"front": {"dice": 0.9}}}) == ["front"]


def test_a_table_too_wide_for_the_page_is_turned(tmp_path):
    names = [f"score_{i}" for i in range(12)]
    scores = {name: i / 100 for i, name in enumerate(names)}
    metrics = METRICS | {
        "mean": {"dice": 0.5} | scores,
        "classes": {"front": scores, "back": scores},
        "interval": {},
        "class_intervals": {"front": {"score_3": [0.02, 0.05]}},
        "baseline_classes": {"front": {"score_3": 0.01}},
    }
    _, read = page(tmp_path, metrics)
    assert "Score 3 0.030 0.020 to 0.050; baseline 0.010 0.030 0.030" in read.text
    assert not score_table(METRICS).transposed
