"""The scores of folds together, and of a table of answers."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_json, write_csv, write_json
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.hierarchy import ClassTree
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multilabel import Multilabel
from keras_mia.data.targets.regression import Regression
from keras_mia.tasks.classification.evaluation import evaluate_outputs
from keras_mia.tasks.classification.runs.reevaluation import evaluate_predictions, evaluate_runs
from keras_mia.tasks.kinds.calibration import FILE, Calibration, averaged
from keras_mia.tasks.kinds.table import kind_of
from tests.image_plans import PLAN

THREE = Multiclass(("a", "b", "c"), ("a", "b", "c"))
FINDINGS = Multilabel(("mass", "fluid"), ("mass", "fluid"))
NUMBER = Regression(50.0, 10.0)
BOX = Box(("low_0", "low_1", "high_0", "high_1"))


def drawn(target, count, seed):
    """Cases, what a network says of them, and the truth."""
    generator = np.random.default_rng(seed)
    outputs = generator.random((count, len(target)))
    truth = outputs + generator.normal(0, 0.3, outputs.shape)
    if target.kind == "multiclass":
        truth, outputs = np.eye(len(target))[truth.argmax(-1)], outputs**4
        outputs /= outputs.sum(-1, keepdims=True)
    if target.kind == "multilabel":
        truth = np.where(generator.random(outputs.shape) < 0.1, -1, truth > 0.5)
    if target.kind == "box":  # lower corners below the middle, upper ones above
        truth, outputs = (np.clip(one, 0, 1) / 2 + [0, 0, 0.5, 0.5] for one in (truth, outputs))
    cases = [Case(f"{seed}_{i}", {}, Texts(""), f"{seed}_{i // 2}", "test") for i in range(count)]
    return cases, outputs.astype(np.float32), truth.astype(np.float32)


def run(folder, target, decision, seed, count=40, tree=None):
    """A run's tables, and its metrics."""
    plan = replace(PLAN, target=target, tree=tree)
    rows, metrics = evaluate_outputs(*drawn(target, count, seed), plan, decision)
    plan.write(folder / "plan.json")
    write_csv(folder / "scores.csv", rows)
    write_json(folder / FILE, asdict(decision))
    return rows, metrics


@pytest.mark.parametrize(
    ("target", "thresholds"),
    [(PLAN.target, (0.3,)), (THREE, None), (FINDINGS, (0.3, 0.6)), (NUMBER, None), (BOX, None)],
)
def test_a_run_judged_again_has_the_same_scores(tmp_path, target, thresholds):
    _, metrics = run(tmp_path, target, Calibration(1.7, thresholds), 0)
    rows, again = evaluate_runs([tmp_path])
    write_json(tmp_path / "metrics.json", metrics)
    write_json(tmp_path / "again.json", again)
    assert read_json(tmp_path / "again.json") == read_json(tmp_path / "metrics.json"), "to the bit"
    assert (again["cases"], again["patients"]) == (40, 20)
    assert len(rows) == 40


@pytest.mark.parametrize(
    ("target", "cuts"), [(PLAN.target, [(0.2,), (0.8,)]), (FINDINGS, [(0.2, 0.9), (0.7, 0.1)])]
)
def test_cases_of_folds_stay_decided_by_their_own_fold(tmp_path, target, cuts):
    folders = [tmp_path / "fold_1", tmp_path / "fold_2"]
    parts = [
        run(folder, target, Calibration(1.0, cut), seed, count)
        for folder, cut, seed, count in zip(folders, cuts, (1, 2), (30, 50), strict=True)
    ]
    rows, together = evaluate_runs(folders)
    assert [row["prediction"] for row in rows] == [
        row["prediction"] for table, _ in parts for row in table
    ]
    assert (together["cases"], together["patients"]) == (80, 40)
    assert together["threshold"] is None
    if target.kind == "multiclass":
        shares = [metrics["mean"]["accuracy"] for _, metrics in parts]
        assert together["mean"]["accuracy"] == pytest.approx(np.average(shares, weights=[30, 50]))
    else:
        decisions = [row["prediction"].split("|") for row in rows]
        true = [row["truth"].split("|") for row in rows]
        hits = [("mass" in a, "mass" in b) for a, b in zip(decisions, true, strict=True)]
        known_pairs = [pair for pair, b in zip(hits, true, strict=True) if "mass?" not in b]
        share = np.mean([a == b for a, b in known_pairs])
        assert together["classes"]["mass"]["accuracy"] == pytest.approx(share)


TRAINED = [
    (PLAN.target, [[1, 0], [0, 1], [0, 1], [0, 1]], (0.25, 0.75)),
    (THREE, [[1, 0, 0], [0, 0, 1]], (0.5, 0, 0.5)),
    (FINDINGS, [[1, -1], [1, -1], [0, 0], [-1, 1]], (2 / 3, 0.5)),
    (NUMBER, [[-0.5], [0.7]], (51.0,)),
    (BOX, [[0, 0, 0.5, 0.5], [0.5, 0.25, 1, 1]], (0.25, 0.125, 0.75, 0.75)),
]


@pytest.mark.parametrize(("target", "trained", "usual"), TRAINED)
def test_the_trivial_answer_comes_from_training(tmp_path, target, trained, usual):
    outputs, truth = drawn(target, 40, 3)[1:]
    plan = replace(PLAN, target=target)
    decision = kind_of(plan).calibrate(outputs, truth, np.array(trained, np.float32))
    assert decision.baseline == pytest.approx(usual)
    _, metrics = run(tmp_path, target, decision, 0)
    test = drawn(target, 40, 0)[2]
    if target.kind == "multiclass":
        right = test.argmax(-1) == np.argmax(usual)
        assert metrics["baseline"]["accuracy"] == pytest.approx(right.mean())
    if target.kind == "multilabel":
        known_truth = test[test[:, 0] >= 0, 0]
        accuracy = metrics["baseline_classes"]["mass"]["accuracy"]
        assert accuracy == pytest.approx((known_truth == 1).mean())
    if target.kind == "regression":
        error = np.abs(test * target.std + target.mean - usual).mean()
        assert metrics["baseline"]["mae"] == pytest.approx(error)
    if target.kind == "box":
        error = np.abs(test - usual).mean()
        assert metrics["baseline"]["corner_error"] == pytest.approx(error)
    _, again = evaluate_runs([tmp_path])
    assert again["baseline"] == metrics["baseline"]


def test_each_fold_has_the_trivial_answer_of_its_own_training(tmp_path):
    folders = [tmp_path / "fold_1", tmp_path / "fold_2"]
    parts = [
        run(folder, NUMBER, Calibration(baseline=(usual,)), seed, count)[1]
        for seed, (folder, usual, count) in enumerate(
            zip(folders, (40.0, 55.0), (30, 50), strict=True)
        )
    ]
    _, both = evaluate_runs(folders)
    errors = [metrics["baseline"]["mae"] for metrics in parts]
    assert both["baseline"]["mae"] == pytest.approx(np.average(errors, weights=[30, 50]), rel=1e-4)


def test_coarse_classes_are_judged_and_the_fine_ones_beside_them(tmp_path):
    tree = ClassTree(THREE.names, ("good", "bad"), (0, 1, 1))
    folders = [tmp_path / "fold_1", tmp_path / "fold_2"]
    cuts = [(0.3,), (0.8,)]
    parts = [
        run(folder, THREE, Calibration(1.5, cut), seed, tree=tree)
        for seed, (folder, cut) in enumerate(zip(folders, cuts, strict=True))
    ]
    rows, metrics = parts[0]
    for row in rows:
        probabilities = {name: float(row[f"fine p {name}"]) for name in "abc"}
        assert float(row["p bad"]) == pytest.approx(
            probabilities["b"] + probabilities["c"], abs=1e-6
        )
        assert row["prediction"] == (
            "bad" if probabilities["b"] + probabilities["c"] >= 0.3 else "good"
        )
        assert row["fine prediction"] == max(probabilities, key=probabilities.get)
        assert row["truth"] == ("good" if row["fine truth"] == "a" else "bad")
    right = np.mean([row["truth"] == row["prediction"] for row in rows])
    assert metrics["mean"]["accuracy"] == pytest.approx(right)
    assert list(metrics["classes"]) == ["good", "bad"]
    fine = np.mean([row["fine truth"] == row["fine prediction"] for row in rows])
    assert metrics["fine"]["mean"]["accuracy"] == pytest.approx(fine)
    assert list(metrics["fine"]["classes"]) == list("abc")
    _, once = evaluate_runs(folders[:1])
    for name, value in metrics["mean"].items():
        assert once["mean"][name] == pytest.approx(value, rel=0, abs=0, nan_ok=True)
    for name, value in metrics["fine"]["mean"].items():
        assert once["fine"]["mean"][name] == pytest.approx(value, rel=0, abs=0, nan_ok=True)
    _, both = evaluate_runs(folders)
    shares = [metrics["mean"]["accuracy"] for _, metrics in parts]
    assert both["mean"]["accuracy"] == pytest.approx(np.mean(shares))


def test_what_an_average_of_networks_told_is_judged_by_their_mean_threshold():
    runs = [
        Calibration(2.0, (0.2,), baseline=(0.9, 0.1)),
        Calibration(1.0, (0.6,), baseline=(0.7, 0.3)),
    ]
    decision = averaged(runs)
    assert decision == Calibration(1.0, (0.4,), baseline=pytest.approx((0.8, 0.2)))
    probabilities = np.array([[0.7, 0.3], [0.5, 0.5], [0.2, 0.8]])
    table = [
        {"case": str(i)} | row for i, row in enumerate(kind_of(PLAN).rows(probabilities, decision))
    ]
    cases = [Case(str(i), {}, Texts(text), str(i)) for i, text in enumerate("001")]
    rows, metrics = evaluate_predictions(table, cases, PLAN, decision)
    assert [row["prediction"] for row in rows] == ["well", "ill", "ill"]
    assert [row["truth"] for row in rows] == ["well", "well", "ill"]
    assert metrics["mean"]["accuracy"] == pytest.approx(2 / 3)
    assert metrics["mean"]["auc"] == 1.0
    assert metrics["baseline"]["accuracy"] == pytest.approx(2 / 3), "well, as in training"
