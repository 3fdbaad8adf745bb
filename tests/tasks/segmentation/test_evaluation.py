"""Scores of known label maps, and what they amount to."""

import math

import numpy as np
import pytest

from keras_mia.core.files.atomic import write_csv
from keras_mia.data.preprocess.plan import Plan
from keras_mia.data.targets.label_map import IGNORE, Classes
from keras_mia.metrics import overlap_scores
from keras_mia.tasks.segmentation.evaluation import Judge, case_values, described

NAMES = ("background", "left", "right")
PLAN = Plan(
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
    found = truth.copy()
    found[2:4, 2:6] = 0
    return truth, found


def judged(*pairs, **options):
    judge = Judge(NAMES)
    for number, (truth, found) in enumerate(pairs):
        judge.add(f"case_{number}", f"p{number // 2}", truth, found, spacing_mm=(1, 1), **options)
    return judge


def test_a_row_a_case_and_class():
    truth, found = maps()
    judge = judged((truth, found), (truth, truth))
    assert [(row["case"], row["class"]) for row in judge.rows] == [
        ("case_0", "left"),
        ("case_0", "right"),
        ("case_1", "left"),
        ("case_1", "right"),
    ]
    left, right = judge.rows[:2]
    assert left["dice"] == pytest.approx(2 * 8 / (8 + 16))
    assert left["sensitivity"] == pytest.approx(0.5)
    assert right["dice"] == 1
    metrics = judge.metrics()
    assert metrics["mean"]["dice"] == pytest.approx(((2 / 3 + 1) / 2 + 1) / 2)
    assert metrics["mean"]["accuracy"] == pytest.approx(1 - 8 / 144 / 2)
    assert metrics["classes"]["left"]["dice"] == pytest.approx((2 / 3 + 1) / 2)
    assert (metrics["cases"], metrics["patients"]) == (2, 1)
    assert "baseline" not in metrics


def test_what_is_ignored_does_not_count():
    truth, found = maps()
    truth[:4] = IGNORE
    metrics = judged((truth, found)).metrics()
    assert metrics["mean"]["dice"] == 1
    assert metrics["mean"]["pixel_error"] == 0


def test_empty_invented_and_missed_are_counted_beside_the_means():
    truth, found = maps()
    nothing = np.zeros_like(truth)
    metrics = judged(
        (truth, found), (nothing, nothing), (truth, nothing), (nothing, found)
    ).metrics()
    assert metrics["empty"]["left"] == {"empty": 1, "invented": 1, "missed": 1}
    assert metrics["classes"]["left"]["dice"] == pytest.approx((2 / 3 + 0 + 0) / 3)
    assert metrics["mean"]["dice"] == pytest.approx(((2 / 3 + 1) / 2 + 0 + 0) / 3)


def test_no_structure_anywhere_is_no_number_and_no_crash():
    nothing = np.zeros((8, 8), np.uint8)
    judge = judged((nothing, nothing))
    assert math.isnan(judge.metrics()["mean"]["dice"])
    assert judge.extremes() == [("Case", "case_0")]
    assert "dice" in judge.describe()


def test_the_area_under_the_curve_is_pooled_over_counted_voxels():
    truth = np.array([[0, 1, 1, 0], [2, 2, IGNORE, 0]])
    chances = np.eye(3)[np.where(truth == IGNORE, 0, truth)]
    judge = judged((truth, truth % IGNORE))
    judge.count(truth, chances)
    metrics = judge.metrics()
    assert metrics["classes"]["left"]["auc"] == metrics["mean"]["auc"] == 1
    assert "auc" in judge.describe()
    flat = judged((truth, truth % IGNORE))
    flat.count(truth, np.full((2, 4, 3), 1 / 3))
    assert flat.metrics()["mean"]["auc"] == pytest.approx(0.5)


def test_of_trivial_answers_the_better_one_counts():
    truth, found = maps()
    bright = np.where(truth > 0, 1, 0).astype(np.uint8)
    metrics = judged((truth, found), trivial=[np.zeros_like(truth), bright]).metrics()
    assert metrics["baseline"]["dice"] == pytest.approx(2 * 16 / (16 + 20) / 2)
    assert metrics["baseline"]["pixel_error"] == pytest.approx(4 / 144)
    assert metrics["baseline_classes"]["right"]["dice"] == 0


def test_best_median_and_worst():
    truth, found = maps()
    worse = found.copy()
    worse[4:6] = 0
    judge = judged((truth, worse), (truth, truth), (truth, found))
    assert [name for _, name in judge.extremes()] == ["case_1", "case_2", "case_0"]
    assert judge.extremes()[0][0] == "Best: case_1, dice 1.000"
    assert [title.partition(":")[0] for title, _ in judge.extremes()] == ["Best", "Median", "Worst"]
    assert list(case_values(judge.rows, "dice").values()) == pytest.approx([0.5, 1, 5 / 6])
    assert len(judged((truth, found)).extremes()) == 1


def test_the_scores_of_folds_together_are_those_of_all_cases(tmp_path):
    truth, found = maps()
    nothing = np.zeros_like(truth)
    pairs = [(truth, found), (truth, truth), (nothing, nothing), (truth, nothing)]
    whole = judged(*pairs)
    for fold, rows in (("fold_1", whole.rows[:4]), ("fold_2", whole.rows[4:])):
        write_csv(tmp_path / fold / "scores.csv", rows)
        (tmp_path / fold).mkdir(exist_ok=True)
        PLAN.write(tmp_path / fold / "plan.json")
    pooled = Judge.pooled([tmp_path / "fold_1", tmp_path / "fold_2"])
    np.testing.assert_equal(pooled.metrics(), whole.metrics())


def test_what_is_printed():
    truth, found = maps()
    text = judged((truth, found), (truth, truth), (truth, found)).describe()
    assert text.startswith("Scores on 3 held-out cases of 2 patients")
    assert "left                dice 0.7778" in text
    fine = described(judged((truth, found)).metrics(), ["dice"], of="3 fine classes")
    assert fine.startswith("Scores of 3 fine classes on 1 held-out case of 1 patient\n")
    one = judged((truth, found)).describe("case")
    assert one.startswith("Scores on 1 case of 1 patient\n")
    assert "95 % interval" not in one
    assert "No interval" in one
    assert "fewer than 2 patients" in one
    assert "95 % intervals leave out each of 2 patients in turn" in text
    assert "They are wide, since 2 patients are few." in text


def test_it_agrees_with_the_scores_of_the_metrics_room():
    truth, found = maps()
    table = np.array([[124, 0, 0], [8, 8, 0], [0, 0, 4]])
    expected = overlap_scores(table, 1)
    assert judged((truth, found)).rows[0] | expected == judged((truth, found)).rows[0]
