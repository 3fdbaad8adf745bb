"""The test cases of a run predicted, written and scored, and their files scored again."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv, write_json
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_list import write_cases
from keras_mia.data.io.image_io import read_image, write_image
from keras_mia.tasks.translation.evaluation.file_evaluation import evaluate_files
from keras_mia.tasks.translation.evaluation.run_evaluation import evaluate_run, pool
from keras_mia.tasks.translation.planning import plan
from keras_mia.tasks.translation.task import Translation
from keras_mia.tasks.values import TruthFiles
from tests.tasks.translation.images import case_of, cases_of, linear, smooth

AFFINE = np.array([[0, -1.0, 0, 9], [1.0, 0, 0, 2], [0, 0, 1.5, 4], [0, 0, 0, 1]])


def head(seed):
    array = np.zeros((24, 22, 20, 1), np.float32)
    array[4:19, 3:18, 3:17] = 800 + smooth((15, 15, 14), seed) / 2
    return array


def contrast(image):
    return np.where(image > 0, 4000 - 2 * image, 0).astype(np.float32)


@pytest.fixture
def run(tmp_path):
    """A run from one contrast to another whose network changes nothing, and its parts."""
    parts = ("train", "train", "validation", "test", "test")
    cases = cases_of(
        *(
            case_of(tmp_path, f"p{i}", head(i), contrast(head(i)), split=part, affine=AFFINE)
            for i, part in enumerate(parts)
        )
    )
    made = plan(cases, overrides={"patch": 16, "depth": 1, "filters": 2})
    folder = tmp_path / "run"
    folder.mkdir()
    made.write(folder / "plan.json")
    write_cases(folder / "cases.csv", cases)
    return folder, cases, made, evaluate_run(linear(made), cases, made, folder)


def test_it_is_scored_within_the_head_and_drawn(run):
    folder, _, made, evaluation = run
    assert made.target_normalization == "body"
    assert evaluation.metrics["unit"] == "standard deviations"
    assert "in the body" in evaluation.metrics["data_range"]
    assert set(evaluation.metrics["baselines"]) == {"identity", "mean training image"}
    for row in evaluation.rows:
        assert row["mae"] == pytest.approx(row["identity: mae"], rel=1e-3)
        assert row["mae"] > 0.5, "bright is dark there"
    written = read_image(folder / "predictions" / "p3.nii.gz")
    np.testing.assert_allclose(written.affine, AFFINE)
    inside = head(3) > 0
    typical = made.target_intensities[0]
    assert written.array[inside].mean() == pytest.approx(typical.mean, rel=0.1)
    pictures = evaluation.pictures()
    assert len(pictures) == 2
    names = [name for name, _ in pictures[0].images]
    assert names == ["Source", "Target", "Prediction", "Difference"]


def test_files_of_a_run_have_the_scores_of_the_run(run):
    folder, _, _, evaluation = run
    again = evaluate_files(Translation(), [folder], TruthFiles())
    for name, value in evaluation.metrics["mean"].items():
        assert again.metrics["mean"][name] == pytest.approx(value, rel=1e-3), name


def test_files_that_do_not_fit_are_named(run):
    folder, *_ = run
    path = folder / "predictions" / "p3.nii.gz"
    image = read_image(path)
    write_image(path, image.array[:-2, ..., 0], image.affine)
    with pytest.raises(Problem, match="share one grid") as caught:
        evaluate_files(Translation(), [folder], TruthFiles())
    assert caught.value.where == path
    path.unlink()
    with pytest.raises(Problem, match="1 of 2 test cases were not predicted: p3"):
        evaluate_files(Translation(), [folder], TruthFiles())
    with pytest.raises(Problem, match="not clear what to evaluate"):
        evaluate_files(Translation(), [], TruthFiles())
    with pytest.raises(Problem, match="no true image"):
        evaluate_files(Translation(), [], TruthFiles(folder.parent / "image", folder))
    files = TruthFiles(folder / "predictions", folder.parent / "target")
    assert len(evaluate_files(Translation(), [], files).rows) == 1


def test_folds_are_pooled(run, tmp_path):
    _, _, made, evaluation = run
    folders = [tmp_path / "fold_1", tmp_path / "fold_2"]
    for one, row in zip(folders, evaluation.rows, strict=True):
        one.mkdir()
        write_csv(one / "scores.csv", [row])
        write_json(one / "metrics.json", {"cases": 1})
    pooled = pool([made, replace(made, filters=3)], folders)
    expected = copy.deepcopy(dict(evaluation.metrics))
    for scores in (expected["mean"], expected["baseline"], *expected["baselines"].values()):
        scores.pop("kernel_distance", None)  # images of several networks are not one set
    np.testing.assert_equal(dict(pooled.metrics), expected)


def test_the_same_truth_is_known_whatever_the_plan_makes_of_it(run, tmp_path):
    _, cases, made, evaluation = run
    other = replace(made, normalization="zscore", target_normalization="image")
    (tmp_path / "other").mkdir()
    again = evaluate_run(linear(made), cases, other, tmp_path / "other")
    for one, two in zip(evaluation.rows, again.rows, strict=True):
        for name in ("truth_mean", "truth_range"):
            assert one[name] == pytest.approx(two[name], rel=1e-6)
        assert one["identity: mae"] != two["identity: mae"]
    true = contrast(head(3))
    assert evaluation.rows[0]["truth_mean"] == pytest.approx(true[true > 0].mean(), rel=0.05)
