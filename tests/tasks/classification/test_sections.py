"""What the report shows of each kind of target."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv, write_json
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multilabel import Multilabel
from keras_mia.data.targets.multitask import Multitask
from keras_mia.data.targets.regression import Regression
from keras_mia.report import CasePicture, write_report
from keras_mia.report.pictures.drawing import encode
from keras_mia.tasks.classification.evaluation import evaluate_rows
from keras_mia.tasks.classification.sections import CASES, report_content
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.table import kind_of
from tests.image_plans import PLAN
from tests.report.html_page import read_page

CORNERS = ("low_0", "low_1", "high_0", "high_1")
TWO = Multiclass(("well", "ill"), ("well", "ill"))
THREE = Multiclass(("a", "b", "c"), ("a", "b", "c"))
LABELS = Multilabel(("mass", "fluid"), ("mass", "fluid"))
NUMBER = Regression(50.0, 10.0)
BOX = Box(CORNERS)
JOINT = Multitask(("state", "age"), (TWO, NUMBER), (1.0, 1.0))
THRESHOLDS = {"multiclass": (0.4,), "multilabel": (0.5, 0.5)}


def predicted(target, count, seed=0):
    """Truth and predictions of a made-up network."""
    rng = np.random.default_rng(seed)
    if target.kind == "multitask":
        parts = [predicted(part, count) for part in target.parts]
        return tuple(np.concatenate(pair, 1) for pair in zip(*parts, strict=True))
    if target.kind == "multiclass":
        truth = np.eye(len(target))[np.arange(count) % len(target)]
        prediction = rng.dirichlet(np.ones(len(target)), count)
    elif target.kind == "multilabel":
        truth = rng.integers(0, 2, (count, len(target))).astype(float)
        prediction = rng.random((count, len(target)))
    elif target.kind == "regression":
        truth = rng.normal(50, 10, (count, 1))
        prediction = truth + rng.normal(0, 3, (count, 1))
    else:
        low = rng.random((count, 2)) / 2
        truth = np.concatenate([low, low + 0.4], 1)
        prediction = truth + rng.normal(0, 0.05, truth.shape)
    return truth, prediction


def decision_of(target):
    if target.kind == "multitask":
        return Calibration(parts=tuple(map(decision_of, target.parts)))
    thresholds = THRESHOLDS.get(target.kind) if len(target) == 2 else None
    return Calibration(thresholds=thresholds)


def run_of(folder, target, count=12, **changes):
    """A run folder of a made-up network's predictions."""
    plan, decision = replace(PLAN, target=target), replace(decision_of(target), **changes)
    truth, prediction = predicted(target, count)
    rows = [
        {"case": f"case {i}", "patient": f"p{i // 2}", **row}
        for i, row in enumerate(kind_of(plan).rows(prediction, decision, truth))
    ]
    plan.write(folder / "plan.json")
    write_json(folder / "run.json", {"format": 1, "task": "classification"})
    write_json(folder / "metrics.json", evaluate_rows(rows, plan, [decision], [count]))
    write_csv(folder / "scores.csv", rows)
    return folder


def picture():
    image, heat = encode([np.zeros((8, 8, 3), np.uint8)] * 2)
    images = (("Image", image), ("What speaks for ill", heat))
    return CasePicture("Mistake: case 1", "Truth: well.", images)


@pytest.mark.parametrize(
    ("target", "texts", "charts"),
    [
        (
            TWO,
            ("AUC of ill", "As ill: the scores", "ROC curve of ill", "from 0.4"),
            5,
        ),
        (THREE, ("AUC, mean over 3 classes", "ROC curve, each against", "Confusion matrix"), 5),
        (LABELS, ("AUC, mean over 2 classes", "Wrong ones first."), 3),
        (NUMBER, ("Mean absolute error", "Errors over sizes", "The largest errors first."), 1),
        (BOX, ("Iou", "Overlap (iou)", "The worst first. Lower corner"), 1),
        (JOINT, ("state: ROC curve of ill", "age: Errors over sizes", "As ill: the scores"), 6),
    ],
    ids=["two classes", "three classes", "labels", "number", "box", "joint"],
)
def test_each_kind_has_its_charts_and_its_table_of_cases(tmp_path, target, texts, charts):
    folder = run_of(tmp_path, target)
    _, read = read_page(write_report(folder, report_content(folder, [picture()])))
    for text in (*texts, "Every case", "case 11", "p5"):
        assert text.replace("from 0.4", "is predicted from a probability of 0.4 on") in read.text
    assert read.tags.count("svg") == charts
    speaks = "Grad-CAM" in read.text
    assert speaks is (target.kind != "box")
    assert ("The worst boxes, and the best" in read.text) is (target.kind == "box")


def test_what_calibration_notes_is_a_caveat(tmp_path):
    folder = run_of(tmp_path, TWO, note="No temperature was fitted.")
    assert report_content(folder).caveats == ["No temperature was fitted."]


def test_a_run_that_was_not_scored_shows_nothing(tmp_path):
    assert report_content(tmp_path).sections == ()


def test_of_many_cases_the_first_are_shown(tmp_path):
    folder = run_of(tmp_path, NUMBER, CASES + 1)
    *_, cases = report_content(folder).sections
    table, hint = cases.blocks
    assert len(table.rows) == CASES
    assert hint.text.endswith(f"{CASES} of {CASES + 1} are shown; scores.csv has all.")


def test_the_most_confident_mistakes_come_first():
    rows = [
        {"case": c, "truth": t, "prediction": p, "p well": str(1 - ill), "p ill": str(ill)}
        for c, t, p, ill in (
            ("right", "ill", "ill", 0.99),
            ("by a hair", "well", "ill", 0.41),
            ("quite wrong", "well", "ill", 0.9),
            ("a bit wrong", "ill", "well", 0.3),
        )
    ]
    table = kind_of(replace(PLAN, target=TWO)).case_list(rows, {"threshold": 0.4})
    names = [row["case"] for row, _ in table.cases]
    assert names == ["quite wrong", "a bit wrong", "by a hair", "right"]
    assert table.cases[0][1] == ["well", "ill", "0.900"]


def test_boxes_that_overlap_least_come_first():
    def row(case, prediction):
        pairs = {"truth": (0, 0, 1, 1), "prediction": prediction}
        corners = {
            f"{part}_{name}": str(x)
            for part, box in pairs.items()
            for name, x in zip(CORNERS, box, strict=True)
        }
        return {"case": case, "patient": case, **corners}

    rows = [row("good", (0, 0, 1, 1)), row("bad", (0, 0, 1, 0.5))]
    table = kind_of(replace(PLAN, target=BOX)).case_list(rows, {})
    assert [(row["case"], cells[-1]) for row, cells in table.cases] == [
        ("bad", "0.500"),
        ("good", "1.000"),
    ]
