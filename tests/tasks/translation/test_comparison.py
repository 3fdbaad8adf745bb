"""Two runs on the same cases."""

import pytest

from keras_mia.core.files.text_files import write_csv, write_json
from keras_mia.core.problem import Problem
from keras_mia.tasks.translation.evaluation.comparison import compare
from tests.tasks.translation.test_evaluator import evaluated


def run_of(folder, evaluator, unit="HU", **changes):
    folder.mkdir()
    write_json(folder / "metrics.json", evaluator.metrics() | {"unit": unit})
    write_csv(folder / "scores.csv", [row | changes for row in evaluator.rows])
    return folder


def test_scores_are_compared_case_by_case(tmp_path):
    run = run_of(tmp_path / "a", evaluated(gain=4.0))
    other = run_of(tmp_path / "b", evaluated([27.0 + i % 2 for i in range(6)], gain=4.0))
    rows = {row["score"]: row for row in compare(run, other)}
    assert set(rows) == {"mae", "rmse", "psnr", "ssim"}
    assert rows["psnr"]["difference"] == pytest.approx(32.5 - 27.5)
    assert rows["psnr"]["p"] == pytest.approx(2 / 2**6)
    assert rows["mae"]["difference"] == 0


def test_another_truth_is_told_by_its_mean(tmp_path):
    run = run_of(tmp_path / "a", evaluated())
    other = run_of(tmp_path / "b", evaluated(), truth_mean=9.0)
    with pytest.raises(Problem, match="6 cases have another truth"):
        compare(run, other)
    narrow = run_of(tmp_path / "d", evaluated(), truth_range=200.0)
    with pytest.raises(Problem, match="relative to different ranges"):
        compare(run, narrow)
    changed = run_of(tmp_path / "c", evaluated(), **{"identity: rmse": 9.0})
    assert compare(run, changed), "the identity depends on how images are normalized"


def test_errors_in_other_units_are_not_compared(tmp_path, capsys):
    run = run_of(tmp_path / "a", evaluated())
    other = run_of(tmp_path / "b", evaluated(), unit="standard deviations")
    assert [row["score"] for row in compare(run, other)] == ["psnr", "ssim"]
    assert "Errors are in HU and in standard deviations" in capsys.readouterr().out
