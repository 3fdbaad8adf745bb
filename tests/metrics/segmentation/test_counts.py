"""Scores of label maps by hand, against scikit-learn, and by the policy for what is empty."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as sk

from keras_mia import metrics
from keras_mia.metrics import confusion, outcome, pixel_scores, scores, summary

SHARES = ("dice", "jaccard", "sensitivity", "specificity", "precision", "surface_dice")
DISTANCES = ("hd95_px", "hausdorff_px", "surface_distance_px")
volumes = arrays.arrays(
    np.uint8, arrays.array_shapes(min_dims=1, max_dims=3, max_side=6), elements=st.integers(0, 2)
)


def random_maps(seed=0, shape=(7, 8, 9), classes=4):
    generator = np.random.default_rng(seed)
    return generator.integers(classes, size=shape), generator.integers(classes, size=shape)


def test_they_are_those_of_scikit_learn():
    truth, guess = random_maps()
    np.testing.assert_array_equal(
        confusion(truth, guess, 4), sk.confusion_matrix(truth.ravel(), guess.ravel())
    )
    result = scores(truth, guess, 4)
    assert set(result) == {1, 2, 3}
    for index, row in result.items():
        t, p = truth.ravel() == index, guess.ravel() == index
        assert row["dice"] == pytest.approx(sk.f1_score(t, p))
        assert row["jaccard"] == pytest.approx(sk.jaccard_score(t, p))
        assert row["sensitivity"] == pytest.approx(sk.recall_score(t, p))
        assert row["specificity"] == pytest.approx(sk.recall_score(~t, ~p))
        assert row["precision"] == pytest.approx(sk.precision_score(t, p))
    accuracy = sk.accuracy_score(truth.ravel(), guess.ravel())
    assert pixel_scores(confusion(truth, guess, 4))["accuracy"] == pytest.approx(accuracy)


def test_volumes_have_their_unit():
    truth, guess = np.zeros((2, 10, 10, 10), int)
    truth[:5], guess[:6] = 1, 1
    row = scores(truth, guess, 2, spacing_mm=(2, 1, 1))[1]
    assert row["volume_ml"] == pytest.approx(1.2)
    assert row["volume_error_ml"] == pytest.approx(0.2)
    assert row["hausdorff_mm"] == 2
    row = scores(truth[..., 0], guess[..., 0], 2, spacing_mm=(2, 0.5))[1]
    assert row["area_mm2"] == 60
    assert row["area_error_mm2"] == 10


@pytest.mark.parametrize("shape", [(10,), (10, 10), (10, 10, 10)])
def test_without_a_spacing_no_name_tells_of_one(shape):
    truth, guess = np.zeros((2, *shape), int)
    truth[:5], guess[:6] = 1, 1
    row = scores(truth, guess, 2)[1]
    assert not [name for name in row if name.endswith(("_mm", "_mm2", "_ml"))]
    assert row["hausdorff_px"] == 1
    size = {1: "length", 2: "area", 3: "volume"}[len(shape)]
    assert row[f"{size}_px"] == pytest.approx(6 * 10 ** (len(shape) - 1))
    assert row[f"{size}_error_px"] == pytest.approx(10 ** (len(shape) - 1))
    measured = scores(truth, guess, 2, spacing_mm=(1.0,) * len(shape))[1]
    assert measured["hausdorff_mm"] == 1
    assert len(measured) == len(row)


def test_only_the_region_counts():
    truth, guess = random_maps(shape=(8, 8), classes=2)
    region = np.zeros((8, 8), bool)
    region[2:6, 1:7] = True
    changed = np.where(region, guess, 1 - guess)
    inside = scores(truth, guess, 2, region=region)[1]
    assert inside == scores(truth, changed, 2, region=region)[1]
    ignored = scores(np.where(region, truth, 255), changed, 2)[1]
    assert inside == ignored
    cut = scores(truth[2:6, 1:7], guess[2:6, 1:7], 2)[1]
    assert {name: inside[name] for name in SHARES} == {name: cut[name] for name in SHARES}


def test_the_policy_for_what_is_empty():
    some, none = np.zeros((2, 6, 6), int)
    some[2:4, 2:4] = 1
    empty, false_positive, missed, present = (
        scores(truth, guess, 2)[1]
        for truth, guess in ((none, none), (none, some), (some, none), (some, some))
    )
    assert [outcome(row) for row in (empty, false_positive, missed, present)] == [
        *("empty", "false_positive", "missed", "detected")
    ]
    for name in {*SHARES, *DISTANCES} - {"specificity"}:
        assert math.isnan(empty[name]), name
    for name in DISTANCES:
        assert math.isnan(false_positive[name]), name
        assert math.isnan(missed[name]), name
        assert present[name] == 0
    for row, undefined in ((false_positive, "sensitivity"), (missed, "precision")):
        for name in set(SHARES) - {undefined, "specificity"}:
            assert row[name] == 0, name
        assert math.isnan(row[undefined])
    assert empty["specificity"] == missed["specificity"] == 1
    assert missed["area_error_px"] == -4
    total = summary([empty, false_positive, missed, present, present])
    assert total.outcomes == {"empty": 1, "false_positive": 1, "missed": 1}
    assert total.cases == 5
    assert total.mean["dice"] == 0.5
    assert total.mean["hd95_px"] == 0
    assert math.isnan(summary([empty]).mean["dice"])


def test_a_structure_beside_the_true_one_is_neither_missed_nor_false_positive():
    truth, guess = np.eye(2, 5, dtype=int)
    row = scores(truth, guess, 2)[1]
    assert row["dice"] == 0
    assert outcome(row) == "detected"


def test_what_does_not_fit_is_told():
    truth, guess = random_maps()
    with pytest.raises(ValueError, match="do not fit"):
        scores(truth, guess[1:], 4)
    with pytest.raises(ValueError, match="region"):
        scores(truth, guess, 4, region=np.ones((7, 8), bool))
    with pytest.raises(ValueError, match="there are 3 classes"):
        scores(truth, guess, 3)
    assert math.isnan(pixel_scores(confusion(truth[:0], guess[:0], 4))["accuracy"])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_laws(data):
    truth = data.draw(volumes)
    guess = data.draw(arrays.arrays(np.uint8, truth.shape, elements=st.integers(0, 2)))
    there, back = scores(truth, guess, 3), scores(guess, truth, 3)
    for index, row in there.items():
        dice = row["dice"]
        assert math.isnan(dice) or 0 <= dice <= 1
        assert row["jaccard"] == pytest.approx(dice / (2 - dice), nan_ok=True)
        for name in ("dice", "surface_dice", *DISTANCES):
            assert row[name] == pytest.approx(back[index][name], nan_ok=True)
        assert row["sensitivity"] == pytest.approx(back[index]["precision"], nan_ok=True)
    for index, row in scores(truth, truth, 3).items():
        perfect = 1 if (truth == index).any() else math.nan
        assert row["dice"] == row["surface_dice"] == pytest.approx(perfect, nan_ok=True) or (
            math.isnan(perfect) and math.isnan(row["dice"]) and math.isnan(row["surface_dice"])
        )


def test_names_are_loaded_when_asked_for():
    assert {"Dice", "scores", "PooledAUC"} <= set(dir(metrics))
    for name in metrics.__all__:
        assert callable(getattr(metrics, name)), name
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = metrics.nothing_such


@pytest.mark.parametrize("wrong", [255, -1, 0.7, np.nan])
def test_labels_that_are_no_class_are_told(wrong):
    right = np.array([[0.0, 1.0, 1.0]])
    with pytest.raises(ValueError, match="holds"):
        metrics.confusion(np.full((1, 3), wrong), right, classes=2, ignore_label=None)
    with pytest.raises(ValueError, match="holds"):
        metrics.confusion(right, np.full((1, 3), wrong), classes=2, ignore_label=None)
    if wrong != 0.7:
        with pytest.raises(ValueError, match="0 or 1"):
            metrics.PooledAUC().add(right / 2, np.full((1, 3), wrong))
