"""The page: what it tells of each run, and that it stands alone."""

import re

import pytest

from keras_mia.core.files.text_files import write_csv, write_json
from keras_mia.core.problem import Problem
from keras_mia.report import Content, Headline, Section, Table, write_report
from keras_mia.report.table import Row
from tests.report.html_page import read_page

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
METRICS = {"format": 1, "split": "test", "cases": 3, "patients": 3}
HISTORY = [
    {"epoch": 1, "step": 100, "seconds": 9, "loss": 1.5, "validation_dice": ""},
    {"epoch": 2, "step": 200, "seconds": 18, "loss": 0.7, "validation_dice": 0.61},
    {"epoch": 3, "step": 300, "seconds": 27, "loss": 0.4, "validation_dice": 0.8},
]
HEADLINE = Headline("dice", 0.8861, ends=(0.8712, 0.9013), baseline=0.3141)


def page(
    folder, run=RUN, plan=PLAN, metrics=METRICS, history=HISTORY, cases=None, headline=HEADLINE
):
    for name, content in (("run", run), ("plan", plan), ("metrics", metrics)):
        if content is not None:
            write_json(folder / f"{name}.json", content)
    for name, rows in (("history", history), ("cases", cases)):
        if rows is not None:
            rows = [row | {"total": len(rows)} for row in rows] if name == "cases" else rows
            write_csv(folder / f"{name}.csv", rows)
    sections = [Section("Scores", [Table(["Class", "Dice"], [Row("front", ["0.900"])])])]
    content = Content(headline, [("Classes", "front")], ["Few cases are like this."], sections)
    path = write_report(folder, content)
    assert path == folder / "report.html"
    return read_page(path)


def test_the_page_tells_the_run(tmp_path):
    _, read = page(tmp_path)
    for text in (
        "Segmentation of msd_hippocampus",
        "0.886",
        "0.871 to 0.901",
        "0.314",
        "3 test cases, 3 patients",
        "Classes front",
        "The labels of one case are empty.",
        "Few cases are like this.",
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
        "python 3.12.3",
    ):
        assert text in read.text.replace("\u202f", " "), text
    assert read.tags.count("svg") == 3  # ruler, loss, validation score


def test_the_page_stands_alone(tmp_path):
    text, read = page(tmp_path)
    assert not re.search(r"https?://|@import|url\(", text)
    assert "script" not in read.tags
    assert "link" not in read.tags
    assert text.lstrip().startswith("<!DOCTYPE html>")


def test_only_run_json_is_needed(tmp_path):
    write_json(tmp_path / "run.json", {"format": 1, "task": "segmentation"})
    _, read = read_page(write_report(tmp_path))
    assert "Nothing has been scored yet." in read.text
    with pytest.raises(Problem, match=r"run\.json"):
        write_report(tmp_path / "nowhere")


@pytest.mark.parametrize("key", [key for key in RUN if key not in ("format", "task")])
def test_any_key_of_the_run_may_be_missing(tmp_path, key):
    _, read = page(tmp_path, run={k: v for k, v in RUN.items() if k != key})
    assert "egmentation of msd_hippocampus" in read.text


@pytest.mark.parametrize(
    ("cases", "caveat"),
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
def test_a_patient_on_both_sides_is_a_caveat(tmp_path, cases, caveat):
    columns = {"total": len(cases), "image": "a.png", "label": "", "region": ""}
    rows = [{"name": n, "patient": p, "split": s, **columns} for n, p, s in cases]
    _, read = page(tmp_path, cases=rows)
    assert (caveat in read.text) if caveat else ("both sides" not in read.text)


@pytest.mark.parametrize(
    ("metric", "baseline", "worse"),
    [("dice", 0.9, True), ("dice", 0.8, False), ("hd95_mm", 0.8, True), ("hd95_mm", 0.9, False)],
)
def test_a_score_no_better_than_the_baseline_is_a_caveat(tmp_path, metric, baseline, worse):
    _, read = page(tmp_path, headline=Headline(metric, 0.85, baseline=baseline))
    assert ("no better than that of the baseline" in read.text) is worse


def test_one_case_has_no_interval(tmp_path):
    _, read = page(
        tmp_path, metrics=METRICS | {"cases": 1, "patients": 1}, headline=Headline("dice", 0.8)
    )
    assert "One case was scored: no interval can be given" in read.text
    assert "95 % interval none can be given" in read.text
