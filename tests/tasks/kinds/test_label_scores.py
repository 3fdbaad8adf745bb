"""What metrics.json says of classes and of numbers."""

import json
import math

import numpy as np
import pytest
from sklearn import metrics as sk

from keras_mia.core.files.text_files import write_json
from keras_mia.metrics import agreement_scores, classification_scores, multilabel_scores
from keras_mia.tasks.kinds.label_scores import label_scores
from keras_mia.tasks.kinds.regression import number_scores

SCHEMA = ("format", "task", "split", "cases", "patients", "mean", "interval", "classes", "baseline")


def cases(count=90, classes=3):
    generator = np.random.default_rng(0)
    truth = np.minimum(generator.integers(classes + 1, size=count), classes - 1)
    votes = generator.random((count, classes)) + np.eye(classes)[truth]
    return truth, votes / votes.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("classes", "threshold"), [(2, None), (2, 0.3), (3, None)])
def test_it_holds_the_scores_in_the_schema(classes, threshold, tmp_path):
    truth, probabilities = cases(classes=classes)
    names, patients = ["a", "b", "c"][:classes], np.arange(90) // 3
    result = label_scores(truth, probabilities, names=names, patients=patients, threshold=threshold)
    assert set(SCHEMA) <= set(result)
    assert (result["task"], result["split"]) == ("classification", "test")
    assert (result["cases"], result["patients"]) == (90, 30)
    scores = classification_scores(truth, probabilities, threshold=threshold)
    assert result["mean"] == pytest.approx(scores.mean)
    assert set(result["interval"]) == set(result["mean"])
    assert set(result["interval_method"]) == set(result["mean"])
    for name, (low, high) in result["interval"].items():
        without = name in ("calibration_error", "brier", "nll")  # of 30 patients
        assert result["interval_method"][name].startswith("none: ") == without
        assert without or low <= result["mean"][name] <= high, name
    for index, name in enumerate(names):
        for metric, values in scores.classes.items():
            assert result["classes"][name][metric] == pytest.approx(values[index])
            low, high = result["class_intervals"][name][metric]
            assert low <= values[index] <= high
    assert result["class_cases"] == {name: int(np.sum(truth == i)) for i, name in enumerate(names)}
    guess = probabilities.argmax(axis=1) if threshold is None else probabilities[:, 1] >= threshold
    assert result["confusion"] == sk.confusion_matrix(truth, guess).tolist()
    assert result["threshold"] == threshold
    write_json(tmp_path / "metrics.json", result)
    again = json.loads((tmp_path / "metrics.json").read_text())
    assert again["mean"] == pytest.approx(result["mean"])


def test_the_baseline_is_the_most_frequent_class_of_training():
    truth, probabilities = cases()
    prevalence = np.bincount(truth) / 90
    options = {"names": "abc", "patients": range(90)}
    result = label_scores(truth, probabilities, **options, baseline=prevalence)
    baseline = result["baseline"]
    assert baseline["accuracy"] == pytest.approx(prevalence.max())
    assert baseline["balanced_accuracy"] == pytest.approx(1 / 3)
    assert baseline["auc"] == 0.5
    assert baseline["kappa"] == pytest.approx(0)
    assert baseline["nll"] == pytest.approx(-(prevalence * np.log(prevalence)).sum())
    assert "matthews" not in baseline, "undefined"
    assert result["baseline_classes"]["a"]["average_precision"] == pytest.approx(prevalence[0])
    for index, usual in enumerate(np.eye(3)):
        other = label_scores(truth, probabilities, **options, baseline=usual)
        assert other["baseline"]["accuracy"] == pytest.approx(prevalence[index])
    each = label_scores(truth, probabilities, **options, baseline=np.eye(3)[truth])
    assert each["baseline"]["accuracy"] == 1, "one a case"
    unknown = label_scores(truth, probabilities, **options)
    assert unknown["baseline"] == {}
    assert unknown["baseline_classes"] == {"a": {}, "b": {}, "c": {}}


def test_patients_make_the_interval():
    truth, probabilities = cases(30)
    once = label_scores(truth, probabilities, names="abc", patients=range(30))
    again = label_scores(truth, probabilities, names="abc", patients=range(30))
    np.testing.assert_equal(once, again)
    repeated = label_scores(
        np.repeat(truth, 9),
        np.repeat(probabilities, 9, axis=0),
        names="abc",
        patients=np.repeat(range(30), 9),
    )
    for name, ends in once["interval"].items():
        assert repeated["interval"][name] == pytest.approx(ends, nan_ok=True), name
    alone = label_scores(truth, probabilities, names="abc", patients=["p"] * 30)
    assert all(math.isnan(low + high) for low, high in alone["interval"].values())


def test_several_labels_at_once():
    generator = np.random.default_rng(0)
    truth = generator.integers(-1, 2, (80, 2))
    probabilities = np.clip(0.3 * truth + generator.random((80, 2)) * 0.6, 0, 1)
    result = label_scores(
        truth,
        probabilities,
        names=["edema", "mass"],
        patients=range(80),
        threshold=[0.3, 0.4],
    )
    scores = multilabel_scores(truth, probabilities, thresholds=[0.3, 0.4])
    assert result["mean"] == pytest.approx(scores.mean)
    assert result["classes"]["mass"]["auc"] == pytest.approx(scores.classes["auc"][1])
    assert result["class_cases"] == {
        "edema": (truth[:, 0] == 1).sum(),
        "mass": sum(truth[:, 1] == 1),
    }
    prevalence = (truth[:, 1] == 1).sum() / (truth[:, 1] >= 0).sum()
    for usual, expected in ((0.9, prevalence), (0.1, 1 - prevalence)):
        baseline = label_scores(
            truth,
            probabilities,
            names=["edema", "mass"],
            patients=np.arange(len(truth)),
            baseline=[0.5, usual],
        )["baseline_classes"]["mass"]
        assert baseline["accuracy"] == pytest.approx(expected)
    assert "confusion" not in result


def test_grades_have_a_quadratic_kappa():
    truth, probabilities = cases()
    result = label_scores(truth, probabilities, names="abc", patients=range(90), ordered=True)
    guess = probabilities.argmax(axis=1)
    expected = sk.cohen_kappa_score(truth, guess, weights="quadratic")
    assert result["mean"]["kappa_quadratic"] == pytest.approx(expected)
    with pytest.raises(ValueError, match="do not fit"):
        label_scores(truth, probabilities, names="ab", patients=range(90))
    with pytest.raises(ValueError, match="do not fit"):
        label_scores(truth, probabilities, names="abc", patients=range(80))


def test_numbers():
    generator = np.random.default_rng(0)
    truth = generator.normal(60, 10, 44)
    guess = truth + generator.normal(2, 4, 44)
    truth[3] = np.nan
    usual = np.nanmean(truth)
    result = number_scores(truth, guess, patients=np.arange(44) // 2, baseline=usual)
    assert set(SCHEMA) <= set(result)
    assert (result["task"], result["cases"], result["patients"]) == ("regression", 43, 22)
    assert result["mean"] == agreement_scores(truth, guess)
    assert all(
        low < result["mean"][name] < high for name, (low, high) in result["interval"].items()
    )
    known_truth = truth[~np.isnan(truth)]
    assert result["baseline"]["rmse"] == pytest.approx(known_truth.std())
    assert result["baseline"]["r2"] == pytest.approx(0)
    assert "pearson" not in result["baseline"]
    with_baseline = number_scores(truth, guess, patients=range(44), baseline=50.0)
    assert with_baseline["baseline"]["mae"] == pytest.approx(np.abs(known_truth - 50).mean())
    each = number_scores(truth, guess, patients=range(44), baseline=truth + 3)
    assert each["baseline"]["mae"] == pytest.approx(3)
    assert number_scores(truth, guess, patients=range(44))["baseline"] == {}
