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
    found = label_scores(truth, probabilities, names=names, patients=patients, threshold=threshold)
    assert set(SCHEMA) <= set(found)
    assert (found["task"], found["split"]) == ("classification", "test")
    assert (found["cases"], found["patients"]) == (90, 30)
    scores = classification_scores(truth, probabilities, threshold=threshold)
    assert found["mean"] == pytest.approx(scores.mean)
    assert set(found["interval"]) == set(found["mean"])
    assert set(found["interval_method"]) == set(found["mean"])
    for name, (low, high) in found["interval"].items():
        without = name in ("calibration_error", "brier", "nll")  # of 30 patients
        assert found["interval_method"][name].startswith("none: ") == without
        assert without or low <= found["mean"][name] <= high, name
    for index, name in enumerate(names):
        for metric, values in scores.classes.items():
            assert found["classes"][name][metric] == pytest.approx(values[index])
            low, high = found["class_intervals"][name][metric]
            assert low <= values[index] <= high
    assert found["class_cases"] == {name: int(np.sum(truth == i)) for i, name in enumerate(names)}
    guess = probabilities.argmax(axis=1) if threshold is None else probabilities[:, 1] >= threshold
    assert found["confusion"] == sk.confusion_matrix(truth, guess).tolist()
    assert found["threshold"] == threshold
    write_json(tmp_path / "metrics.json", found)
    again = json.loads((tmp_path / "metrics.json").read_text())
    assert again["mean"] == pytest.approx(found["mean"])


def test_the_baseline_is_the_most_frequent_class_of_training():
    truth, probabilities = cases()
    prevalence = np.bincount(truth) / 90
    options = {"names": "abc", "patients": range(90)}
    found = label_scores(truth, probabilities, **options, baseline=prevalence)
    trivial = found["baseline"]
    assert trivial["accuracy"] == pytest.approx(prevalence.max())
    assert trivial["balanced_accuracy"] == pytest.approx(1 / 3)
    assert trivial["auc"] == 0.5
    assert trivial["kappa"] == pytest.approx(0)
    assert trivial["nll"] == pytest.approx(-(prevalence * np.log(prevalence)).sum())
    assert "matthews" not in trivial, "undefined"
    assert found["baseline_classes"]["a"]["average_precision"] == pytest.approx(prevalence[0])
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
    found = label_scores(
        truth,
        probabilities,
        names=["edema", "mass"],
        patients=range(80),
        threshold=[0.3, 0.4],
    )
    scores = multilabel_scores(truth, probabilities, thresholds=[0.3, 0.4])
    assert found["mean"] == pytest.approx(scores.mean)
    assert found["classes"]["mass"]["auc"] == pytest.approx(scores.classes["auc"][1])
    assert found["class_cases"] == {
        "edema": (truth[:, 0] == 1).sum(),
        "mass": sum(truth[:, 1] == 1),
    }
    prevalence = (truth[:, 1] == 1).sum() / (truth[:, 1] >= 0).sum()
    for usual, expected in ((0.9, prevalence), (0.1, 1 - prevalence)):
        trivial = label_scores(
            truth,
            probabilities,
            names=["edema", "mass"],
            patients=np.arange(len(truth)),
            baseline=[0.5, usual],
        )["baseline_classes"]["mass"]
        assert trivial["accuracy"] == pytest.approx(expected)
    assert "confusion" not in found


def test_grades_have_a_quadratic_kappa():
    truth, probabilities = cases()
    found = label_scores(truth, probabilities, names="abc", patients=range(90), ordered=True)
    guess = probabilities.argmax(axis=1)
    expected = sk.cohen_kappa_score(truth, guess, weights="quadratic")
    assert found["mean"]["kappa_quadratic"] == pytest.approx(expected)
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
    found = number_scores(truth, guess, patients=np.arange(44) // 2, baseline=usual)
    assert set(SCHEMA) <= set(found)
    assert (found["task"], found["cases"], found["patients"]) == ("regression", 43, 22)
    assert found["mean"] == agreement_scores(truth, guess)
    assert all(low < found["mean"][name] < high for name, (low, high) in found["interval"].items())
    known = truth[~np.isnan(truth)]
    assert found["baseline"]["rmse"] == pytest.approx(known.std())
    assert found["baseline"]["r2"] == pytest.approx(0)
    assert "pearson" not in found["baseline"]
    known_before = number_scores(truth, guess, patients=range(44), baseline=50.0)
    assert known_before["baseline"]["mae"] == pytest.approx(np.abs(known - 50).mean())
    each = number_scores(truth, guess, patients=range(44), baseline=truth + 3)
    assert each["baseline"]["mae"] == pytest.approx(3)
    assert number_scores(truth, guess, patients=range(44))["baseline"] == {}
