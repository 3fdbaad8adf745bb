"""Scores of known label maps, and what they amount to."""

import math

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv
from keras_mia.data.targets.label_map import IGNORE, Classes
from keras_mia.metrics import overlap_scores
from keras_mia.tasks.score_text import scores_text
from keras_mia.tasks.segmentation.evaluation.evaluator import Evaluator, case_values
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan

NAMES = ("background", "left", "right")
PLAN = SegmentationPlan(
    rank=2,
    classes=Classes(NAMES, ((0,), (1,), (2,))),
    channels=1,
    spacing_mm=None,
    modality=None,
    normalization="none",
    intensities=(),
    orientation=None,
    slice_axis=None,
    patch=(8, 8),
    batch_size=2,
    depth=1,
    filters=2,
    norm="none",
    pool=((2, 2),),
    flip=(),
    rotation_deg=(0.0,),
    foreground_share=0.5,
)


def maps():
    """Truth and prediction: left is half found, right is right."""
    truth = np.zeros((12, 12), np.uint8)
    truth[2:6, 2:6], truth[8:10, 8:10] = 1, 2
    predicted = truth.copy()
    predicted[2:4, 2:6] = 0
    return truth, predicted


def evaluated(*pairs, **options):
    evaluator = Evaluator(NAMES)
    for number, (truth, predicted) in enumerate(pairs):
        evaluator.add(
            f"case_{number}", f"p{number // 2}", truth, predicted, spacing_mm=(1, 1), **options
        )
    return evaluator


def test_a_row_a_case_and_class():
    truth, predicted = maps()
    evaluator = evaluated((truth, predicted), (truth, truth))
    assert [(row["case"], row["class"]) for row in evaluator.rows] == [
        ("case_0", "left"),
        ("case_0", "right"),
        ("case_1", "left"),
        ("case_1", "right"),
    ]
    left, right = evaluator.rows[:2]
    assert left["dice"] == pytest.approx(2 * 8 / (8 + 16))
    assert left["sensitivity"] == pytest.approx(0.5)
    assert right["dice"] == 1
    metrics = evaluator.metrics()
    assert metrics["mean"]["dice"] == pytest.approx(((2 / 3 + 1) / 2 + 1) / 2)
    assert metrics["mean"]["accuracy"] == pytest.approx(1 - 8 / 144 / 2)
    assert metrics["classes"]["left"]["dice"] == pytest.approx((2 / 3 + 1) / 2)
    assert (metrics["cases"], metrics["patients"]) == (2, 1)
    assert "baseline" not in metrics


def test_what_is_ignored_does_not_count():
    truth, predicted = maps()
    truth[:4] = IGNORE
    metrics = evaluated((truth, predicted)).metrics()
    assert metrics["mean"]["dice"] == 1
    assert metrics["mean"]["pixel_error"] == 0


def test_empty_false_positive_and_missed_are_counted_beside_the_means():
    truth, predicted = maps()
    nothing = np.zeros_like(truth)
    metrics = evaluated(
        (truth, predicted), (nothing, nothing), (truth, nothing), (nothing, predicted)
    ).metrics()
    assert metrics["outcomes"]["left"] == {"empty": 1, "false_positive": 1, "missed": 1}
    assert metrics["classes"]["left"]["dice"] == pytest.approx((2 / 3 + 0 + 0) / 3)
    assert metrics["mean"]["dice"] == pytest.approx(((2 / 3 + 1) / 2 + 0 + 0) / 3)


def test_no_structure_anywhere_is_no_number_and_no_crash():
    nothing = np.zeros((8, 8), np.uint8)
    evaluator = evaluated((nothing, nothing))
    assert math.isnan(evaluator.metrics()["mean"]["dice"])
    assert evaluator.extremes() == [("Case", "case_0")]
    assert "dice" in evaluator.describe()


def test_the_area_under_the_curve_is_pooled_over_counted_voxels():
    truth = np.array([[0, 1, 1, 0], [2, 2, IGNORE, 0]])
    chances = np.eye(3)[np.where(truth == IGNORE, 0, truth)]
    evaluator = evaluated((truth, truth % IGNORE))
    evaluator.count(truth, chances)
    metrics = evaluator.metrics()
    assert metrics["classes"]["left"]["auc"] == metrics["mean"]["auc"] == 1
    assert "auc" in evaluator.describe()
    flat = evaluated((truth, truth % IGNORE))
    flat.count(truth, np.full((2, 4, 3), 1 / 3))
    assert flat.metrics()["mean"]["auc"] == pytest.approx(0.5)


def test_of_baselines_the_better_one_counts():
    truth, predicted = maps()
    bright = np.where(truth > 0, 1, 0).astype(np.uint8)
    metrics = evaluated((truth, predicted), baselines=[np.zeros_like(truth), bright]).metrics()
    assert metrics["baseline"]["dice"] == pytest.approx(2 * 16 / (16 + 20) / 2)
    assert metrics["baseline"]["pixel_error"] == pytest.approx(4 / 144)
    assert metrics["baseline_classes"]["right"]["dice"] == 0


def test_best_median_and_worst():
    truth, predicted = maps()
    worse = predicted.copy()
    worse[4:6] = 0
    evaluator = evaluated((truth, worse), (truth, truth), (truth, predicted))
    extremes = evaluator.extremes()
    assert [name for _, name in extremes] == ["case_1", "case_2", "case_0"]
    assert extremes[0][0] == "Best: case_1, dice 1.000"
    assert [title.partition(":")[0] for title, _ in extremes] == [
        "Best",
        "Median",
        "Worst",
    ]
    assert list(case_values(evaluator.rows, "dice").values()) == pytest.approx([0.5, 1, 5 / 6])
    assert len(evaluated((truth, predicted)).extremes()) == 1


def test_the_scores_of_folds_together_are_those_of_all_cases(tmp_path):
    truth, predicted = maps()
    nothing = np.zeros_like(truth)
    pairs = [(truth, predicted), (truth, truth), (nothing, nothing), (truth, nothing)]
    whole = evaluated(*pairs)
    for fold, rows in (("fold_1", whole.rows[:4]), ("fold_2", whole.rows[4:])):
        write_csv(tmp_path / fold / "scores.csv", rows)
        (tmp_path / fold).mkdir(exist_ok=True)
        PLAN.write(tmp_path / fold / "plan.json")
    pooled = Evaluator.pooled([tmp_path / "fold_1", tmp_path / "fold_2"])
    np.testing.assert_equal(pooled.metrics(), whole.metrics())


def test_what_is_printed():
    truth, predicted = maps()
    text = evaluated((truth, predicted), (truth, truth), (truth, predicted)).describe()
    assert text.startswith("Scores on 3 held-out cases of 2 patients")
    assert "left                dice 0.7778" in text
    fine = scores_text(evaluated((truth, predicted)).metrics(), ["dice"], of="3 fine classes")
    assert fine.startswith("Scores of 3 fine classes on 1 held-out case of 1 patient\n")
    one = evaluated((truth, predicted)).describe("case")
    assert one.startswith("Scores on 1 case of 1 patient\n")
    assert "95 % interval" not in one
    assert "No interval" in one
    assert "fewer than 2 patients" in one
    assert "95 % intervals leave out each of 2 patients in turn" in text
    assert "They are wide, since 2 patients are few." in text


def test_it_agrees_with_the_scores_of_the_metrics_room():
    truth, predicted = maps()
    table = np.array([[124, 0, 0], [8, 8, 0], [0, 0, 4]])
    expected = overlap_scores(table, 1)
    assert evaluated((truth, predicted)).rows[0] | expected == evaluated((truth, predicted)).rows[0]
