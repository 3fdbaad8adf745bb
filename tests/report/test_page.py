"""The page: what it says, and that it stands alone."""

import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from keras_mia.core.files.atomic import write_csv, write_json
from keras_mia.core.problem import Problem
from keras_mia.report import planes, write_report
from keras_mia.report.figures.charts import Group, Line, box_chart, line_chart, ruler, ticks
from keras_mia.report.figures.gradients import gradient_figures
from keras_mia.report.tables import FITTING, case_table, class_table

VOID = {"meta", "img", "br", "hr", "link"}
RUN = {
    "format": 1,
    "task": "segmentation",
    "data": "/data/msd_hippocampus",
    "command": "keras-mia segment --data msd_hippocampus --output runs/a --minutes 10",
    "repeat": "keras-mia segment --data msd_hippocampus --output runs/a --steps 800",
    "started": "2025-11-21T12:00:00+00:00",
    "seconds": {"reading": 3.0, "training": 600.0},
    "versions": {"python": "3.12.3", "keras_mia": "0.1.0"},
    "machine": {"cpu": "EPYC", "cores": 2, "memory_gib": 7.7, "gpus": []},
    "seed": 7,
    "fold": "1/5",
    "parameters": 1234567,
    "steps": 800,
    "waiting_share": 0.02,
    "peak_memory_gib": 2.1,
    "fingerprint": "9f3a1c22e8d04b17",
    "notes": ["Each file is its own patient."],
    "warnings": ["The labels of one case are empty."],
}
PLAN = {
    "format": 1,
    "spacing_mm": [1.0, 1.0, 1.5],
    "patch": [40, 56, 40],
    "reasons": {"patch": "The median volume fits whole."},
}
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
    "empty": {"front": {"empty": 4, "missed": 2, "invented": 1}},
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
HISTORY = [
    {"epoch": 1, "step": 100, "seconds": 9, "loss": 1.5, "validation_dice": ""},
    {"epoch": 2, "step": 200, "seconds": 18, "loss": 0.7, "validation_dice": 0.61},
    {"epoch": 3, "step": 300, "seconds": 27, "loss": 0.4, "validation_dice": 0.8},
]


class Reader(HTMLParser):
    """Collects text and attributes, and sees to it that what opens also closes."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts, self.attributes, self.tags = [], [], [], []
        self.feed(page)
        self.close()
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.texts.append(data)


def picture(title="Best: c2"):
    disk = np.pad(np.ones((8, 8), int), 4)
    return planes(disk[..., None], disk, disk, names=["background", "front"], title=title)


def page(folder, run=RUN, plan=PLAN, metrics=METRICS, scores=SCORES, history=HISTORY, cases=None):
    for name, content in (("run", run), ("plan", plan), ("metrics", metrics)):
        if content is not None:
            write_json(folder / f"{name}.json", content)
    for name, rows in (("scores", scores), ("history", history), ("cases", cases)):
        if rows is not None:
            write_csv(folder / f"{name}.csv", rows)
    path = write_report(folder, [picture()])
    assert path == folder / "report.html"
    text = path.read_text(encoding="utf-8")
    read = Reader(text)
    assert read.open == []
    return text, read


def test_the_page_tells_the_run(tmp_path):
    _, read = page(tmp_path)
    for said in (
        "Segmentation of msd_hippocampus",
        "0.886",
        "0.871 to 0.901",
        "0.314",
        "HD95 (mm)",
        "4\u00a0empty, 2\u00a0missed, 1\u00a0invented".replace("\u00a0", " "),
        "The labels of one case are empty.",
        "Only 3 patients were scored: the intervals are wide.",
        "Each file is its own patient.",
        "--steps 800",
        "1\u202f234\u202f567 parameters".replace("\u202f", " "),
        "no GPU",
        "10 min 3 s in all",
        "2.0 % of training",
        "9f3a1c22e8d04b17",
        "40 × 56 × 40",
        "The median volume fits whole.",
        "Best: c2",
        "python 3.12.3",
    ):
        assert said in read.text.replace("\u00a0", " ").replace("\u202f", " "), said
    assert read.tags.count("svg") == 5  # ruler, two box plots, loss, validation score
    assert read.tags.count("img") == 4


def test_the_page_stands_alone(tmp_path):
    text, read = page(tmp_path)
    assert not re.search(r"https?://|@import|url\(", text)
    assert "script" not in read.tags
    assert "link" not in read.tags
    sources = [value for _, name, value in read.attributes if name in ("src", "href")]
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert all(value for _, name, value in read.attributes if name == "alt")
    assert text.lstrip().startswith("<!DOCTYPE html>")


def test_only_run_json_is_needed(tmp_path):
    _, read = page(tmp_path, {"format": 1, "task": "segmentation"}, None, None, None, None)
    assert "Nothing has been scored yet." in read.text
    with pytest.raises(Problem, match=r"run\.json"):
        write_report(tmp_path / "nowhere")


@pytest.mark.parametrize("key", [key for key in METRICS if key != "mean"])
def test_any_key_of_the_metrics_may_be_missing(tmp_path, key):
    _, read = page(tmp_path, metrics={k: v for k, v in METRICS.items() if k != key})
    assert "0.886" in read.text


@pytest.mark.parametrize("key", [key for key in RUN if key not in ("format", "task")])
def test_any_key_of_the_run_may_be_missing(tmp_path, key):
    _, read = page(tmp_path, run={k: v for k, v in RUN.items() if k != key})
    assert "egmentation of msd_hippocampus" in read.text


def test_values_may_be_null(tmp_path):
    nothing = {"dice": None, "hd95_mm": None}
    metrics = METRICS | {
        "interval": {"dice": [None, None]},
        "classes": {"front": nothing},
        "baseline": {"dice": None},
    }
    _, read = page(tmp_path, metrics=metrics)
    assert "none can be given" in read.text


def test_names_are_escaped(tmp_path):
    evil = '<script>alert("1")</script> & "Söhne"'
    metrics = METRICS | {"classes": {evil: {"dice": 0.5, "hd95_mm": 2}}, "cases": 9}
    scores = [
        {"case": evil + str(i), "patient": evil, "class": evil, "dice": i / 9, "hd95_mm": 1}
        for i in range(9)
    ]
    run = RUN | {"notes": [evil], "command": evil, "data": "folder/" + evil.replace("/", "")}
    text, read = page(tmp_path, run, PLAN | {"modality": evil}, metrics, scores)
    assert "<script" not in text
    assert read.text.count(evil) > 10


def test_without_spacing_lengths_are_pixels(tmp_path):
    def in_px(found):
        return {
            k.replace("_mm", "_px"): in_px(v) if isinstance(v, dict) else v
            for k, v in found.items()
        }

    _, read = page(tmp_path, metrics=in_px(METRICS), scores=[in_px(row) for row in SCORES])
    assert "HD95 (px)" in read.text
    assert "(mm)" not in read.text


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ([("c1", "a", "train"), ("c1", "a", "test")], "There is one patient only"),
        (
            [("c1", "a", "train"), ("c2", "a", "test"), ("c3", "b", "test")],
            "1 patient on both sides",
        ),
        ([("c1", "a", "train"), ("c2", "b", "test")], None),
        ([("c1", "a", "train"), ("c2", "a", "validation"), ("c3", "b", "test")], None),
    ],
)
def test_a_patient_on_both_sides_is_admitted(tmp_path, cases, said):
    columns = {"image": "a.png", "label": "", "region": ""}
    rows = [{"name": n, "patient": p, "split": s, **columns} for n, p, s in cases]
    _, read = page(tmp_path, cases=rows)
    assert (said in read.text) if said else ("both sides" not in read.text)


def test_a_score_below_the_baseline_is_admitted(tmp_path):
    _, read = page(tmp_path, metrics=METRICS | {"baseline": {"dice": 0.9}})
    assert "no better than that of the trivial baseline" in read.text


def test_one_case_has_no_interval(tmp_path):
    metrics = METRICS | {"cases": 1, "patients": 1, "interval": {}}
    _, read = page(tmp_path, metrics=metrics, scores=SCORES[:2])
    assert "One case was scored: no interval can be given" in read.text


def test_cases_are_sorted_by_their_mean_and_holes_are_left_out_of_it():
    table = case_table([{k: str(v) for k, v in r.items()} for r in SCORES],
                       ["front", "back"], "dice")  # fmt: skip
    assert [row["name"] for row in table["rows"]] == ["c2", "c3", "c1"]
    assert table["rows"][0]["cells"] == ["0.900", "0.900", "–", "1.00", "–"]
    assert not table["patients"]
    worst_first = case_table(SCORES, ["front", "back"], "hd95_mm")
    assert [row["name"] for row in worst_first["rows"]] == ["c2", "c3", "c1"]


def test_a_single_class_has_the_scores_that_the_page_is_wide_enough_for():
    metrics = ("dice", "jaccard", "sensitivity", "specificity", "precision", "surface_dice")
    lengths = ("hd95_mm", "hausdorff_mm", "surface_distance_mm", "volume_ml", "volume_error_ml")
    row = dict.fromkeys((*metrics, *lengths, "accuracy", "pixel_error"), 0.5)
    table = case_table([{"case": "a", "patient": "a", "class": "organ"} | row], ["organ"], "dice")
    assert len(table["columns"]) <= FITTING
    assert table["columns"][0] == ("", "Dice")
    assert "scores.csv has all" in table["hint"]


def test_every_table_scrolls_within_its_box(tmp_path):
    text, _ = page(tmp_path)
    for before in text.split("<table")[:-1]:
        assert before.rstrip().rpartition("<div ")[2].startswith('class="scroll')
    assert text.count("<table") == 3


def test_the_mean_row_is_there_only_for_several_classes():
    assert [row["name"] for row in class_table(METRICS)["rows"]] == ["front", "back", "Mean"]
    one = METRICS | {"classes": {"front": {"dice": 0.9}}}
    assert [row["name"] for row in class_table(one)["rows"]] == ["front"]


def numbers(pattern, svg):
    return [tuple(map(float, found.groups())) for found in re.finditer(pattern, svg)]


def test_a_curve_rises_where_its_values_do_and_breaks_at_nan():
    nan = math.nan
    svg = line_chart([Line("loss", "red", [0, 1, 2, 3, 4], [0, 1, nan, 1, 0])], "step", "Loss")
    pieces = [
        numbers(r"([\d.]+),([\d.]+)", piece) for piece in re.findall(r'points="([^"]*)"', svg)
    ]
    assert [len(piece) for piece in pieces] == [2, 2]
    (x0, y0), (x1, y1) = pieces[0]
    assert x0 < x1
    assert y0 > y1  # downwards in SVG
    assert line_chart([Line("loss", "red", [0], [nan])], "step", "Loss") == ""


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
    _, read = page(tmp_path, metrics=metrics)
    assert "Score 3 0.030 0.020 to 0.050; trivial 0.010 0.030 0.030" in read.text
    assert not class_table(METRICS)["turned"]


def test_a_few_values_are_dots_on_a_line_without_a_box():
    chart = box_chart([Group("front", "red", [0.2, 0.4, 0.9])], "Dice")
    assert 'class="box"' not in chart
    assert chart.count('class="dot"') == 3
    assert chart.count('class="median"') == 1


def test_a_box_spans_the_quartiles():
    values = list(np.linspace(0.0, 1.0, 101))
    svg = box_chart([Group("a", "red", values, 0.5)], "Dice")
    (x, width), *_ = numbers(r'class="box".*? x="([\d.]+)".*? width="([\d.]+)"', svg)
    (left,), *_, (right,) = numbers(r'class="grid" x1="([\d.]+)"', svg)
    assert (x - left) / (right - left) == pytest.approx(0.25, abs=0.01)
    assert width / (right - left) == pytest.approx(0.5, abs=0.01)
    assert svg.count("<circle") == 101
    assert 'class="baseline"' in svg


def test_a_far_baseline_is_told_and_does_not_stretch_the_axis():
    svg = box_chart([Group("a", "red", [0.9, 0.92], 0.1)], "Dice")
    assert "baseline 0.100" in svg
    assert 'class="baseline"' not in svg


def test_charts_without_values_are_left_out():
    assert box_chart([], "Dice") == ""
    assert box_chart([Group("a", "red", [math.nan, 1.0])], "Dice") == ""


def test_gradients_are_drawn_by_their_powers_of_ten_and_zero_breaks_the_curve():
    norms = {0: (1e-6, 1e-4, 1e-2), 100: (1e-2, 0.0, 1e-2)}
    rows = [
        {"step": str(step), "layer": f"dense_{i}", "norm": str(norm)}
        for step, found in norms.items()
        for i, norm in enumerate(found)
    ]
    (figure,) = gradient_figures(rows)
    assert "10⁻⁶" in figure.chart
    assert list(figure.legend) == [
        "step 0: first layer 0.0001 of the last",
        "step 100: first layer 1 of the last",
    ]
    (line,) = [x for x in re.findall(r'points="([^"]*)"', figure.chart) if x.count(",") == 3]
    (_, first), (_, middle), (_, last) = numbers(r"([\d.]+),([\d.]+)", line)
    assert first - middle == pytest.approx(middle - last, abs=0.2)
    assert gradient_figures([]) == []


def test_the_ruler_puts_the_score_in_its_place():
    (at,), *_ = numbers(r'cx="([\d.]+)"', ruler(0.5, (math.nan, math.nan), math.nan))
    assert at == pytest.approx(230)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0.8831, 0.8837), (-3, 1e6), (5, 5), (1e-9, 2e-9)]
)
def test_ticks_enclose_and_are_few(low, high):
    marks = ticks(low, high)
    assert marks[0] <= low <= high <= marks[-1]
    assert 2 <= len(marks) <= 8
