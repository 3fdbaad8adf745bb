"""Two runs compared on the same cases, as a user does."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from keras_mia.core.files.text_files import read_csv, write_csv, write_json
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.regression import Regression
from tests.image_plans import PLAN


def run_of(folder, rows, kind="multiclass", names=("well", "ill")):
    if "class" in rows[0]:
        write_json(folder / "plan.json", {})
    else:
        target = Regression() if kind == "regression" else Multiclass(names, names)
        replace(PLAN, target=target).write(folder / "plan.json")
    task = "segmentation" if "class" in rows[0] else "classification"
    write_json(folder / "run.json", {"format": 1, "task": task})
    write_csv(folder / "scores.csv", rows)
    return folder


def classes(sharpness, seed, count=120, patients=None):
    """Rows of a network that is the better the sharper it is."""
    truth = np.random.default_rng(0).integers(0, 2, count)
    noise = np.random.default_rng(seed).normal(size=count)
    ill = 1 / (1 + np.exp(-(sharpness * (2 * truth - 1) + noise)))
    return [
        {
            "case": f"c{i}",
            "patient": f"p{i // 3}" if patients else f"c{i}",
            "truth": "ill" if truth[i] else "well",
            "prediction": "ill" if ill[i] >= 0.5 else "well",
            "p well": 1 - ill[i],
            "p ill": ill[i],
        }
        for i in range(count)
    ]


def test_a_better_network_is_told_from_a_worse_one(app, tmp_path):
    good, bad = classes(1.5, 1), classes(0.3, 2)
    better, worse = run_of(tmp_path / "good", good), run_of(tmp_path / "bad", bad[10:])
    to = tmp_path / "out"
    done = app("evaluate", "--run", better, "--against", worse, "--output", to)
    assert done.code == 0, done.err
    assert "110 cases in both runs" in done.out
    assert "10 cases that only one" in done.out
    rows = {row["score"]: row for row in read_csv(to / "comparison.csv")}
    area, accuracy = rows["auc"], rows["accuracy"]
    assert area["test"] == "DeLong"
    assert accuracy["test"].startswith("McNemar")
    truth = [row["truth"] == "ill" for row in good[10:]]
    expected = roc_auc_score(truth, [row["p ill"] for row in good[10:]])
    assert float(area["run"]) == pytest.approx(expected)
    assert float(area["difference"]) > 0.1
    assert float(area["low"]) > 0
    assert float(area["p"]) < 0.001
    assert app("evaluate", "--run", better, "--against", worse, "--output", to).code == 2


def test_cases_of_one_patient_count_together(app, tmp_path):
    one = run_of(tmp_path / "a", classes(1.0, 1, patients=True))
    other = run_of(tmp_path / "b", classes(1.0, 2, patients=True))
    done = app("evaluate", "--run", one, "--against", other)
    assert done.code == 0, done.err
    assert "DeLong" not in done.out
    assert done.out.count("sign flips, 120 cases of 40 patients") == 2


def test_label_maps_and_numbers(app, tmp_path):
    def maps(shift):
        return [
            {"case": f"c{i}", "patient": f"c{i}", "class": name, "dice": 0.5 + 0.01 * i + shift}
            for i in range(9)
            for name in ("a", "b")
        ]

    one, other = run_of(tmp_path / "a", maps(0.1)), run_of(tmp_path / "b", maps(0.0))
    done = app("evaluate", "--run", one, "--against", other, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    (row,) = read_csv(tmp_path / "out" / "comparison.csv")
    assert float(row["difference"]) == pytest.approx(0.1)

    def numbers(error):
        return [
            {"case": f"c{i}", "patient": f"c{i}", "truth": i, "prediction": i + error}
            for i in range(9)
        ]

    runs = [
        run_of(tmp_path / name, numbers(error), "regression", ("value",))
        for name, error in (("n1", 2), ("n2", -1))
    ]
    done = app("evaluate", "--run", runs[0], "--against", runs[1])
    assert done.code == 0, done.err
    assert "mae" in done.out
    assert "+1.0000" in done.out


@pytest.mark.parametrize(("apart", "code"), [(1e-6, 0), (0.5, 2)])
def test_rounding_is_no_other_truth(app, tmp_path, apart, code):
    """Each run writes a number by the deviation of its own training cases."""
    rows = [{"case": f"c{i}", "patient": f"c{i}", "truth": i, "prediction": 0} for i in range(9)]
    others = [row | {"truth": row["truth"] + apart} for row in rows]
    runs = [
        run_of(tmp_path / n, r, "regression", ("value",)) for n, r in (("a", rows), ("b", others))
    ]
    done = app("evaluate", "--run", runs[0], "--against", runs[1])
    assert done.code == code
    assert ("another truth" in done.err) == bool(code)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda rows: [row | {"case": "x" + row["case"]} for row in rows],
            "no test case in common",
        ),
        (lambda rows: [row | {"truth": "ill"} for row in rows], "another truth"),
    ],
)
def test_runs_that_cannot_be_compared(app, tmp_path, change, said):
    rows = classes(1.0, 1)
    one, other = run_of(tmp_path / "a", rows), run_of(tmp_path / "b", change(rows))
    done = app("evaluate", "--run", one, "--against", other)
    assert done.code == 2
    assert said in done.err
    none = app("evaluate", "--run", one, "--against", tmp_path / "none")
    assert none.code == 2
    assert "not the folder of a run" in none.err


NONE = float("nan")
TOLD = ("dice", "sensitivity", "precision", "hd95_mm", "surface_dice")
FOUND, MISSED = (0.8, 0.8, 0.8), (0.0, 0.0, NONE)
INVENTED, EMPTY = (0.0, NONE, 0.0), (NONE, NONE, NONE)


def structures(kinds, distances, **more):
    """Rows of label maps, one class: what befell each case, and how far its surface is."""
    return [
        {"case": f"c{i}", "patient": f"c{i}", "class": "lesion"}
        | dict(zip(TOLD, (*kind, far, kind[0]), strict=True))
        | more
        for i, (kind, far) in enumerate(zip(kinds, distances, strict=True))
    ]


def compared(app, tmp_path, one, other):
    runs = [run_of(tmp_path / name, rows) for name, rows in (("a", one), ("b", other))]
    done = app("evaluate", "--run", runs[0], "--against", runs[1], "--output", tmp_path / "out")
    assert done.code == 0, done.err
    return {row["score"]: row for row in read_csv(tmp_path / "out" / "comparison.csv")}, done


@pytest.mark.parametrize("undefined", [NONE, float("inf")])
def test_a_run_that_misses_the_far_structures_does_not_win_by_it(app, tmp_path, undefined):
    far = [1.0, 1.2, 0.9, 1.1, 1.0, 0.8, 12.0, 14.0, 11.0, 13.0]
    near = [value + 0.1 for value in far[:6]] + [undefined] * 4
    rows, done = compared(
        app,
        tmp_path,
        structures([FOUND] * 6 + [MISSED] * 4, near),
        structures([FOUND] * 10, far),
    )
    distance = rows["hd95_mm"]
    assert (distance["cases"], distance["patients"]) == ("6", "6")
    assert float(distance["difference"]) == pytest.approx(0.1), "it was -3.5 mm, p = 0.014"
    assert float(distance["against"]) == pytest.approx(1.0)
    assert (rows["missed"]["run"], rows["missed"]["against"]) == ("4.0", "0.0")
    assert float(rows["missed"]["p"]) == pytest.approx(2 / 2**4)
    assert float(rows["dice"]["difference"]) == pytest.approx(-0.32)
    assert "missed" in done.out
    assert "6 cases of 6 patients" in done.out
    assert "p can't be below 2 / 2^6" in done.out


def test_what_is_falsely_positive_is_counted_beside_the_overlap(app, tmp_path):
    """A rightly empty prediction has no Dice, a false positive has 0: neither is compared."""
    rows, _ = compared(
        app,
        tmp_path,
        structures([FOUND] * 6 + [INVENTED] * 2, [1.0] * 6 + [NONE] * 2),
        structures([FOUND] * 6 + [EMPTY] * 2, [1.0] * 6 + [NONE] * 2),
    )
    assert (rows["dice"]["cases"], float(rows["dice"]["difference"])) == ("6", 0)
    assert (rows["false_positive"]["run"], rows["false_positive"]["against"]) == ("2.0", "0.0")
    assert rows["dice"]["interval_method"] == "none: all patients are alike"


def test_only_classes_that_both_define_count_in_a_case(app, tmp_path):
    def two(first, second):
        rows = structures([FOUND] * 6, first)
        return rows + [row | {"class": "edema", "hd95_mm": second} for row in rows]

    rows, _ = compared(app, tmp_path, two([2.0] * 6, 30.0), two([1.0] * 6, NONE))
    assert float(rows["hd95_mm"]["run"]) == 2
    assert float(rows["hd95_mm"]["difference"]) == 1


def test_classes_that_only_one_run_has_are_said(app, tmp_path):
    one = structures([FOUND] * 6, [1.0] * 6)
    more = one + [row | {"class": "edema", "dice": 0.1} for row in one]
    rows, done = compared(app, tmp_path, more, one)
    assert float(rows["dice"]["difference"]) == 0
    assert "Classes that only one of them has are left out: edema." in done.out


def test_label_maps_of_another_truth_are_not_compared(app, tmp_path):
    runs = [
        run_of(
            tmp_path / name, structures([FOUND] * 5, [1.0] * 5, volume_ml=size, volume_error_ml=1)
        )
        for name, size in (("a", 20.0), ("b", 30.0))
    ]
    done = app("evaluate", "--run", runs[0], "--against", runs[1])
    assert done.code == 2
    assert "5 cases have another truth" in done.err


def test_few_cases_are_no_proof(app, tmp_path):
    good, bad = classes(3.0, 1, count=8), classes(0.1, 2, count=8)
    rows, done = compared(app, tmp_path, good, bad)
    assert rows["auc"]["test"] == "sign flips", "DeLong's test is for many"
    assert float(rows["auc"]["p"]) >= 2 / 2**8
    assert "8 patients: intervals are wide" in done.out


def test_a_size_that_a_row_lacks_is_no_other_truth(app, tmp_path):
    """Of cases with and without spacing the columns of the others are empty."""
    rows = structures([FOUND] * 6, [1.0] * 6, volume_ml=20.0, volume_error_ml=1.0)
    rows = [
        row | ({} if i else {"volume_ml": NONE, "volume_error_ml": NONE})
        for i, row in enumerate(rows)
    ]
    _, done = compared(app, tmp_path, rows, rows)
    assert "it is a count" not in done.out
    assert "all patients are alike" in done.out
