"""Images without true ones: held against real ones, as a run, from its files, and in the report."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv, write_json
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_list import write_cases
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.io.image_io import read_image, write_image
from keras_mia.metrics import kernel_distance, texture_features
from keras_mia.report.sections import Text
from keras_mia.report.table import Table
from keras_mia.tasks.translation.evaluation.comparison import compare
from keras_mia.tasks.translation.evaluation.unpaired_evaluation import evaluate_unpaired_run
from keras_mia.tasks.translation.evaluation.unpaired_files import evaluate_unpaired_files
from keras_mia.tasks.translation.sections import report_content
from tests.tasks.translation.images import PICTURES, case_of, cases_of, linear, smooth

PLAN = replace(PICTURES, kinds=("A", "B"), unpaired="refiner", normalization="none")


@pytest.fixture
def run(tmp_path):
    """A run whose network makes images twice as bright, its cases, and its evaluation."""
    cases = [
        replace(
            case_of(tmp_path, f"{kind}{number}", smooth((64, 48), seed) + 1, split="test"),
            target=Texts(kind),
        )
        for kind, first in (("A", 0), ("B", 10))
        for number, seed in enumerate(range(first, first + 4))
    ]
    cases = cases_of(*cases)
    folder = tmp_path / "run"
    folder.mkdir()
    PLAN.write(folder / "plan.json")
    write_cases(folder / "cases.csv", cases)
    return folder, cases, evaluate_unpaired_run(linear(PLAN, 2.0), cases, PLAN, folder)


def test_all_of_one_kind_are_held_against_all_of_the_other(run):
    folder, cases, evaluation = run
    images = {case.name: case.image().array for case in cases}
    ranges = [float(np.ptp(images[name])) for name in images if name.startswith("B")]
    options = {"data_range": float(np.median(ranges))}

    def cells(kind, factor=1.0):
        arrays = [array * factor for name, array in images.items() if name.startswith(kind)]
        return np.concatenate([texture_features(one, **options) for one in arrays])

    real = cells("B")
    scaled = [
        (one - real.mean(0)) / np.maximum(real.std(0), 1e-6)
        for one in (real, cells("A", 2.0), cells("A"))
    ]
    mean = evaluation.metrics["mean"]
    assert mean["kernel_distance"] == pytest.approx(kernel_distance(*scaled[:2]), rel=1e-3)
    baseline = evaluation.metrics["baseline"]["kernel_distance"]
    assert baseline == pytest.approx(kernel_distance(scaled[0], scaled[2]), rel=1e-3)
    assert [row["case"] for row in evaluation.rows] == ["A0", "A1", "A2", "A3"]
    for row in evaluation.rows:
        assert row["change"] == pytest.approx(images[row["case"]].mean(), rel=1e-3)
    made = read_image(folder / "predictions" / "A2.npy").array
    np.testing.assert_allclose(made.squeeze(), 2 * images["A2"].squeeze(), rtol=1e-3)
    assert not list((folder / "predictions").glob("B*"))


def test_files_have_the_scores_of_the_run(run):
    folder, _, evaluation = run
    again = evaluate_unpaired_files([PLAN], [folder])
    assert again.metrics["mean"] == pytest.approx(evaluation.metrics["mean"], rel=1e-4)
    (folder / "predictions" / "A1.npy").unlink()
    with pytest.raises(Problem, match="A1"):
        evaluate_unpaired_files([PLAN], [folder])


def test_the_report_shows_the_change_and_how_real_images_look(run):
    folder, _, evaluation = run
    write_csv(folder / "scores.csv", evaluation.rows)
    write_json(folder / "metrics.json", evaluation.metrics)
    pictures = evaluation.pictures()
    assert len(pictures) == 3
    assert [name for name, _ in pictures[0].images] == ["Source: A", "Made", "Change", "Real: B"]
    assert pictures[0].title.startswith("Changed least")
    content = report_content(folder, pictures)
    blocks = [one for section in content.sections for one in section.blocks]
    scored, listed = (one for one in blocks if isinstance(one, Table))
    assert list(scored.columns)[1:3] == ["Kernel distance", "Mean absolute change"]
    assert len(listed.rows) == 4
    text = " ".join(one.text for one in blocks if isinstance(one, Text))
    assert "no true images" in text
    with pytest.raises(Problem, match="no true images"):
        compare(folder, folder)


def test_folds_are_scored_by_their_values(run):
    """What a fold writes with its own usual scale is taken back by that one."""
    folder, cases, _ = run
    usual = Intensity(0.0, 1000.0, 500.0, 100.0, (0.0,), (1000.0,))
    plans = [
        replace(
            PLAN,
            normalization="zscore",
            target_normalization="zscore",
            target_intensities=(replace(usual, mean=mean, std=std),),
        )
        for mean, std in ((500.0, 100.0), (90.0, 7.0))
    ]
    for number, plan in enumerate(plans):
        within = folder.parent / f"fold_{number}"
        within.mkdir()
        write_cases(within / "cases.csv", cases)
        evaluate_unpaired_run(linear(plan), cases, plan, within)
    evaluation = evaluate_unpaired_files(plans, [folder.parent / f"fold_{n}" for n in range(2)])
    for row in evaluation.rows:
        assert row["change"] == pytest.approx(0, abs=1e-3)


def test_predictions_on_another_grid_are_told(run):
    folder, _, _ = run
    path = folder / "predictions" / "A1.npy"
    array = read_image(path).array
    write_image(path, array.reshape(array.shape[1], array.shape[0], 1))
    with pytest.raises(Problem, match="share one grid") as caught:
        evaluate_unpaired_files([PLAN], [folder])
    assert str(caught.value.where) == str(path)


def test_images_of_the_second_kind_need_not_be_such_as_the_network_is_given():
    plan = replace(PLAN, modality="CT", normalization="ct", target_normalization="zscore")
    first, second = (Case("x", {}, Texts(kind), "x") for kind in "AB")
    assert plan.preparing_plan(first) is plan
    other = plan.preparing_plan(second)
    assert (other.modality, other.normalization) == (None, "zscore")
    shared = replace(plan, target_normalization="image")
    assert shared.preparing_plan(second).normalization == "ct"
