"""Scores of cases, and what they amount to."""

import math

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv, write_json
from keras_mia.tasks.translation.evaluation.evaluator import SCORES, Evaluator

PSNR = (30.0, 34.0, 31.0, 33.0, 35.0, 32.0)


def scores(psnr, mae=1.0):
    return dict(zip(SCORES, (mae, 1.2 * mae, psnr, 0.9), strict=True))


def evaluated(values=PSNR, gain=4.0, main="psnr", **options):
    evaluator = Evaluator(main, data_range="the range", unit="HU", **options)
    for number, psnr in enumerate(values):
        simple = {"identity": scores(psnr - gain, 2.0), "mean": scores(12.0, 5.0)}
        about = {"truth_mean": 100.0 + number, "truth_range": 255.0}
        evaluator.add(f"c{number}", f"p{number}", scores(psnr), simple, about)
    return evaluator


def test_means_intervals_and_what_they_are_relative_to():
    metrics = evaluated().metrics()
    assert metrics["mean"]["psnr"] == pytest.approx(32.5)
    low, high = metrics["interval"]["psnr"]
    assert low < 32.5 < high
    assert (metrics["cases"], metrics["patients"]) == (6, 6)
    assert (metrics["main"], metrics["data_range"], metrics["unit"]) == ("psnr", "the range", "HU")


def test_patients_and_not_cases_are_counted():
    evaluator = Evaluator()
    for number, psnr in enumerate(PSNR):
        evaluator.add(f"c{number}", "p", scores(psnr))
    metrics = evaluator.metrics()
    assert metrics["patients"] == 1
    assert all(math.isnan(end) for end in metrics["interval"]["psnr"])
    assert "baseline" not in metrics
    assert "of 1 patient" in evaluator.describe()


@pytest.mark.parametrize(
    ("main", "gain", "name"),
    [("psnr", 4.0, "identity"), ("mae", 4.0, "identity"), ("psnr", 25.0, "mean")],
)
def test_the_strongest_baseline_counts(main, gain, name):
    metrics = evaluated(gain=gain, main=main).metrics()
    assert metrics["baseline_name"] == name
    assert metrics["baseline"] == metrics["baselines"][name]
    expected = gain if main == "psnr" else -1.0
    assert metrics["gains"]["identity"]["difference"] == pytest.approx(expected)
    assert metrics["gains"]["identity"]["p"] == pytest.approx(2 / 2**6)


def test_equal_images_and_empty_ones_leave_the_others_scored():
    evaluator = evaluated()
    evaluator.add("equal", "q", scores(math.inf, 0.0), {"identity": scores(math.inf)})
    evaluator.add("empty", "r", dict.fromkeys(SCORES, math.nan))
    metrics = evaluator.metrics()
    assert metrics["mean"]["psnr"] == pytest.approx(32.5)
    assert np.isfinite(metrics["interval"]["psnr"]).all()
    assert evaluator.extremes()[0][1] == "equal"
    assert "empty" not in [name for _, name in evaluator.extremes()]
    none = Evaluator()
    none.add("equal", "q", scores(math.inf, 0.0))
    assert math.isnan(none.metrics()["mean"]["psnr"])
    assert none.describe()


def test_predictions_that_are_further_off_than_the_range_is_wide_have_an_interval():
    metrics = evaluated([psnr - 33 for psnr in PSNR]).metrics()
    low, high = metrics["interval"]["psnr"]
    assert low < metrics["mean"]["psnr"] < 0 < high


def test_best_median_and_worst():
    titles, names = zip(*evaluated().extremes(), strict=True)
    assert names == ("c4", "c5", "c0")
    assert [title.split(":")[0] for title in titles] == ["Best", "Median", "Worst"]
    assert titles[0] == "Best: c4, psnr 35"
    assert len(evaluated(PSNR[:1]).extremes()) == 1


@pytest.mark.parametrize("last", [32.0, math.inf, math.nan])
def test_folds_together_are_all_cases(tmp_path, last):
    whole = evaluated((*PSNR[:5], last))
    for number, rows in enumerate((whole.rows[:2], whole.rows[2:])):
        folder = tmp_path / f"fold_{number}"
        folder.mkdir()
        write_csv(folder / "scores.csv", rows)
        write_json(folder / "metrics.json", {"cases": len(rows)})
    folders = [tmp_path / "fold_0", tmp_path / "fold_1"]
    pooled = Evaluator.pooled(folders, main="psnr", data_range="the range", unit="HU")
    np.testing.assert_equal(pooled.metrics(), whole.metrics())


def test_what_is_printed():
    text = evaluated().describe()
    assert text.startswith("Scores on 6 held-out cases of 6 patients")
    assert "psnr" in text
    assert "identity: psnr 28.5000, the network's is +4.000 (95 % interval" in text
