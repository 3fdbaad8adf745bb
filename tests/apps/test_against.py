"""Two runs compared on the same cases, as a user does."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from keras_mia.core.files import read_csv, write_csv, write_json


def run_of(folder, rows, kind="class", names=("well", "ill")):
    write_json(folder / "plan.json", {"answers": {"kind": kind, "names": list(names)}})
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


def test_cases_of_one_patient_are_drawn_together(app, tmp_path):
    one = run_of(tmp_path / "a", classes(1.0, 1, patients=True))
    other = run_of(tmp_path / "b", classes(1.0, 2, patients=True))
    done = app("evaluate", "--run", one, "--against", other)
    assert done.code == 0, done.err
    assert "DeLong" not in done.out
    assert done.out.count("paired bootstrap") == 2


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
        run_of(tmp_path / name, numbers(error), "number", ("value",))
        for name, error in (("n1", 2), ("n2", -1))
    ]
    done = app("evaluate", "--run", runs[0], "--against", runs[1])
    assert done.code == 0, done.err
    assert "mae" in done.out
    assert "+1.0000" in done.out


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
    assert "no scores" in none.err
