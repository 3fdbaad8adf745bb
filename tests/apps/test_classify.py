"""Training and applying networks that answer whole images, as a user does."""

import csv
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv, read_json
from keras_mia.data.io.image_io import read_image, write_image

NETWORK = """
import keras
from keras_mia.layers import nd

def small(input_shape, classes, *, activation="softmax", filters=8):
    x = inputs = keras.Input(input_shape, name="image")
    for level in range(2):
        x = keras.layers.ReLU()(nd.normalize(nd.conv(x, filters * 2**level), "batch"))
        x = nd.max_pool(x)
    x = keras.layers.Flatten()(x)
    y = keras.layers.Dense(classes, activation=activation, dtype="float32")(x)
    return keras.Model(inputs, y)
"""


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Real handwritten digits, 0 to 2: a folder a class, and a table of numbers and findings."""
    from sklearn.datasets import load_digits

    folder = tmp_path_factory.mktemp("digits")
    found = load_digits(n_class=3)
    rows = []
    for i, (image, label) in enumerate(zip(found.images[:240], found.target, strict=False)):
        path = folder / "tree" / f"digit_{label}" / f"{i:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, (image * 15).astype(np.uint8))
        rows.append(
            {
                "image": f"tree/digit_{label}/{i:03}.png",
                "ink": f"{image.mean():.4f}",
                "digit": f"digit {label}",
                "said": {0: "round", 1: "none", 2: "round|tail"}[int(label)],
            }
        )
    with (folder / "cases.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (folder / "network.py").write_text(NETWORK)
    return folder


def words(digits, output, *more, data="tree"):
    network = f"{digits / 'network.py'}:small"
    return [
        *("classify", "--data", digits / data, "--output", output, "--network", network),
        *("--steps", 60, "--precision", "float32", *more),
    ]


def test_from_a_folder_a_class_to_a_report_and_to_answers(app, digits, tmp_path):
    run = tmp_path / "run"
    done = app(
        *words(digits, run, "--labels", "digit_0=zero", "--option", "filters=16", "--diagnose"),
        *("--class-weights", 1, 2, 1.5, "--l2", 1e-6),
    )
    assert done.code == 0, done.err
    for said in ("240 cases in", "3 classes: zero = digit_0", "Scores on 48 held-out cases"):
        assert said in done.out
    plan = read_json(run / "plan.json")
    assert plan["l2"] == 1e-6
    assert plan["class_weights"] == [1, 2, 1.5]
    metrics = read_json(run / "metrics.json")
    assert metrics["mean"]["accuracy"] > 0.9
    assert metrics["baseline"]["accuracy"] < 0.5
    rows = read_csv(run / "scores.csv")
    assert len(rows) == 48
    right = np.mean([row["truth"] == row["prediction"] for row in rows])
    assert right == pytest.approx(metrics["mean"]["accuracy"])
    page = (run / "report.html").read_text()
    for said in ("ROC curve", "Confusion matrix", "Reliability", "zero"):
        assert said in page
    assert not re.search(r"(?:src|href)=[\"'](?!data:|#)", page)
    wrong = sum(row["truth"] != row["prediction"] for row in rows)
    assert page.count('<h3 title="Mistake: ') == min(wrong, 8)
    assert page.count('<h3 title="Right: ') == 4
    assert page.count("<img ") == 2 * (min(wrong, 8) + 4)
    assert "What speaks for zero" in page
    gradients = read_csv(run / "gradients.csv")
    assert [row["step"] for row in gradients] == ["0"] * 3 + ["60"] * 3
    assert all(float(row["norm"]) > 0 and float(row["weights"]) > 0 for row in gradients)
    assert "Norm of the gradient in each layer" in page
    assert not (run / "cache").exists()

    new = digits / "tree" / "digit_2"
    done = app("predict", "--run", run, "--data", new, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    told = read_csv(tmp_path / "out" / "predictions.csv")
    assert len(told) == len(list(new.iterdir()))
    assert np.mean([row["prediction"] == "digit_2" for row in told]) > 0.9
    sums = [sum(float(v) for name, v in row.items() if name.startswith("p ")) for row in told]
    np.testing.assert_allclose(sums, 1, atol=1e-3)
    again = app("predict", "--run", run, "--data", new, "--output", tmp_path / "out")
    assert again.code == 2
    assert "--overwrite" in again.err
    wrong = app("predict", "--run", run, "--data", new, "--output", tmp_path / "o", "--largest")
    assert wrong.code == 2
    assert "none of classification" in wrong.err


@pytest.mark.parametrize(
    ("column", "said", "metric"),
    [("ink", "A number is learnt", "mae"), ("said", "2 findings", "auc")],
)
def test_numbers_and_findings(app, digits, tmp_path, column, said, metric):
    more = ("--label-column", column, "--limit", 60)
    done = app(*words(digits, tmp_path / "run", *more, data="cases.csv"))
    assert done.code == 0, done.err
    assert said in done.out
    assert "training cases 60 are used" in done.out
    metrics = read_json(tmp_path / "run" / "metrics.json")
    better = 1 if metric == "mae" else -1
    assert better * metrics["mean"][metric] < better * metrics["baseline"][metric]
    assert "report.html" in done.out


@pytest.fixture(scope="module")
def volumes(digits, tmp_path_factory):
    """The digits as volumes of four slices with noise of their own."""
    folder = tmp_path_factory.mktemp("volumes")
    generator = np.random.default_rng(0)
    for path in sorted((digits / "tree").rglob("*.png"))[::2]:
        slices = np.repeat(read_image(path).array.astype(np.float32), 4, axis=-1)
        slices += generator.normal(0, 40, slices.shape)
        there = folder / path.parent.name / f"{path.stem}.nii.gz"
        there.parent.mkdir(exist_ok=True)
        write_image(there, slices[..., None], np.diag([1.0, 1, 3, 1]))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("view", ["slices", "random"])
def test_volumes_through_a_2d_network_are_judged_and_told_case_by_case(
    app, digits, volumes, tmp_path, view
):
    run = tmp_path / "run"
    done = app(*words(digits, run, "--view", view, "--flip", data=volumes))
    assert done.code == 0, done.err
    assert "Scores on 24 held-out cases" in done.out
    assert len(read_csv(run / "scores.csv")) == 24
    assert read_json(run / "plan.json")["view"] == view
    if view == "slices":  # of a digit, few planes across it show what it is
        assert read_json(run / "metrics.json")["mean"]["accuracy"] > 0.9
    new = volumes / "digit_0"
    done = app("predict", "--run", run, "--data", new, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    told = {row["case"]: row for row in read_csv(tmp_path / "out" / "predictions.csv")}
    assert len(told) == len(list(new.iterdir()))
    for row in read_csv(run / "scores.csv"):
        if row["truth"] == "digit_0":
            same = told[row["case"].removeprefix("digit_0_")]
            assert float(same["p digit_0"]) == pytest.approx(float(row["p digit_0"]), abs=1e-4)


@pytest.mark.slow
def test_a_stopped_run_goes_on_to_the_same_weights(app, digits, tmp_path, monkeypatch):
    from keras_mia.tasks.classification import predictor
    from keras_mia.training import Validation

    whole = app(*words(digits, tmp_path / "whole", "--steps", 120))
    assert whole.code == 0, whole.err

    class Stop(Exception):
        pass

    validate = predictor.validate

    def stopping(*arguments):
        score = validate(*arguments)

        def once(model):
            if stopping.calls:
                raise Stop
            stopping.calls += 1
            return score(model)

        return Validation(once, score.criterion)

    stopping.calls = 0
    monkeypatch.setattr(predictor, "validate", stopping)
    with pytest.raises(Stop):
        app(*words(digits, tmp_path / "parts", "--steps", 120, "--diagnose"))
    monkeypatch.setattr(predictor, "validate", validate)
    resumed = app(*words(digits, tmp_path / "parts", "--steps", 120, "--diagnose", "--resume"))
    assert resumed.code == 0, resumed.err
    rows = [read_csv(tmp_path / name / "scores.csv") for name in ("whole", "parts")]
    assert rows[0] == rows[1]
    steps = [row["step"] for row in read_csv(tmp_path / "parts" / "gradients.csv")]
    assert steps == ["0"] * 3 + ["100"] * 3 + ["120"] * 3


@pytest.mark.slow
def test_two_devices_train_and_answer_once(digits, tmp_path):
    more = ("--devices", "cpu:2", "--diagnose", "--label-column", "digit", "ink")
    asked = words(digits, tmp_path / "run", *more, data="cases.csv")
    script = Path(__file__).parents[2] / "apps" / "classify.py"
    command = [sys.executable, script, *map(str, asked[1:])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert read_json(tmp_path / "run" / "metrics.json")["mean"]["digit: accuracy"] > 0.8
    assert len(read_csv(tmp_path / "run" / "scores.csv")) == 48


@pytest.mark.slow
def test_fine_classes_are_learnt_and_coarse_ones_told(app, digits, tmp_path):
    run, out = tmp_path / "run", tmp_path / "out"
    (tmp_path / "tree.csv").write_text("fine,coarse\ndigit_0,even\ndigit_1,odd\ndigit_2,even\n")
    asked = ("--tree", tmp_path / "tree.csv", "--positive", "even", "--validations", 1)
    done = app(*words(digits, run, *asked))
    assert done.code == 0, done.err
    for said in ("2 coarse classes: odd = digit_1; even = digit_0, digit_2",
                 "Scores of 3 fine classes on",
                 "the scores of even, the positive class, against odd"):  # fmt: skip
        assert said in done.out
    metrics = read_json(run / "metrics.json")
    assert list(metrics["classes"]) == ["odd", "even"]
    assert min(metrics["mean"]["accuracy"], metrics["fine"]["mean"]["accuracy"]) > 0.8
    page = (run / "report.html").read_text()
    for said in ("ROC curve of even", "Fine classes", "Confusion matrix"):
        assert said in page

    told = app("predict", "--run", run, "--data", digits / "tree" / "digit_2", "--output", out)
    assert told.code == 0, told.err
    answers = read_csv(out / "predictions.csv")
    assert np.mean([row["prediction"] == "even" for row in answers]) > 0.8
    assert np.mean([row["fine prediction"] == "digit_2" for row in answers]) > 0.8
    for row in answers:
        fine = float(row["fine p digit_0"]) + float(row["fine p digit_2"])
        assert float(row["p even"]) == pytest.approx(fine, abs=1e-6)
    again = app("evaluate", "--run", run, "--output", tmp_path / "again")
    assert again.code == 0, again.err
    assert f"{metrics['mean']['nll']:.4f}" in again.out
    assert read_json(tmp_path / "again" / "metrics.json") == metrics, "to the last digit"


def test_a_tree_that_does_not_fit_is_told(app, digits, tmp_path):
    tree = tmp_path / "tree.csv"
    for rows, more, said in (
        ("digit_0,even\ndigit_1,odd\n", (), "without digit_2"),
        ("digit_0,a\ndigit_1,b\ndigit_2,b\ndigit_3,b\n", (), "'digit_3', which is none of"),
        ("digit_0,a\ndigit_1,b\ndigit_2,b\n", ("--positive", "c"), "no class 'c': they are a, b"),
    ):
        tree.write_text("fine,coarse\n" + rows)
        done = app(*words(digits, tmp_path / "run", "--tree", tree, *more))
        assert done.code == 2
        assert said in done.err


@pytest.mark.slow
def test_folds_test_each_case_once_and_answer_together(app, digits, tmp_path):
    run, out = tmp_path / "run", tmp_path / "out"
    asked = words(digits, run, "--folds", 2, "--steps", 40, "--validations", 1)
    done = app(*asked)
    assert done.code == 0, done.err
    rows, metrics = read_csv(run / "scores.csv"), read_json(run / "metrics.json")
    assert len(rows) == len({row["case"] for row in rows}) == metrics["cases"] == 240
    right = np.mean([row["truth"] == row["prediction"] for row in rows])
    assert metrics["mean"]["accuracy"] == pytest.approx(right)
    assert right > 0.8
    counts = [
        Counter(row["truth"] for row in read_csv(run / f"fold_{fold}" / "scores.csv"))
        for fold in (1, 2)
    ]
    assert all(abs(counts[0][name] - counts[1][name]) <= 1 for name in counts[0]), "balanced"
    assert "Confusion matrix" in (run / "report.html").read_text()

    again = app("evaluate", "--run", run)
    assert again.code == 0, again.err
    assert f"{metrics['mean']['nll']:.4f}" in again.out
    new = digits / "tree" / "digit_1"
    told = app("predict", "--run", run, "--data", new, "--output", out)
    assert told.code == 0, told.err
    with (tmp_path / "new.csv").open("w") as file:
        file.write("image,label\n" + "\n".join(f"{path},digit_1" for path in new.iterdir()))
    ends = ("--prediction", out, "--truth", tmp_path / "new.csv", "--output", tmp_path / "judged")
    judged = app("evaluate", "--run", run, *ends)
    assert judged.code == 0, judged.err
    answers = read_csv(out / "predictions.csv")
    share = np.mean([row["prediction"] == "digit_1" for row in answers])
    assert read_json(tmp_path / "judged" / "metrics.json")["mean"]["accuracy"] == share

    kept = (run / "fold_1" / "best.keras").stat().st_mtime_ns
    (run / "fold_2" / "metrics.json").unlink()
    resumed = app(*asked, "--resume")
    assert resumed.code == 0, resumed.err
    assert "Fold 2 of 2" in resumed.out
    assert "Fold 1 of 2" not in resumed.out
    assert (run / "fold_1" / "best.keras").stat().st_mtime_ns == kept
    assert read_json(run / "metrics.json") == metrics


def test_folds_in_which_training_lacks_a_class_are_refused_at_once(app, digits, tmp_path):
    for i, name in enumerate(("a", "b")):
        (tmp_path / "data" / name).mkdir(parents=True)
        for path in sorted((digits / "tree" / f"digit_{i}").iterdir())[: 5 * (i == 0) + 1]:
            (tmp_path / "data" / name / path.name).symlink_to(path)
    done = app(*words(digits, tmp_path / "run", "--folds", 3, data=tmp_path / "data"))
    assert done.code == 2
    assert "expected in training, found 1: a" in done.err
    assert not (tmp_path / "run").exists()


def test_one_patient_alone_cannot_be_split(app, digits, tmp_path):
    done = app(*words(digits, tmp_path / "run", "--patient", "(digit)_"))
    assert done.code == 2
    assert "too few patients" in done.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--network", "resnett"], "FILE.py:FUNCTION"),
        (["--option", "depth"], "NAME=VALUE"),
        (["--option", "sides=3"], "unexpected keyword argument 'sides'"),
        (["--labels", "nine=9"], "nine"),
        (["--positive", "digit_1"], "one of 3 classes"),
        (["--size", "8", "8", "8"], "3 numbers"),
        (["--flip", "2"], "from 0 to 1"),
        (["--kind", "regression"], "not numbers"),
        (["--view", "slices"], "only volumes"),
        (["--class-weights", "1", "2"], "Give 3: of"),
        (["--class-weights", "1", "2", "0"], "above 0"),
        (["--class-weights", "much"], "nor balanced"),
        (["--class-weights", "0", "1", "nan"], "above 0"),
        (["--l2", "-1"], "not between 0 and"),
        (["--network", "googlenet", "--size", "80", "--option", "auxiliary=True"], "gives 3"),
    ],
)
def test_what_cannot_be_done_is_said(app, digits, tmp_path, more, said):
    done = app(*words(digits, tmp_path / "run", *more))
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


def test_several_answers_of_one_network(app, digits, tmp_path):
    run, columns = tmp_path / "run", ("--label-column", "digit", "ink")
    more = (*columns, "--loss-weights", 1, 0.5, "--diagnose")
    done = app(*words(digits, run, *more, data="cases.csv"))
    assert done.code == 0, done.err
    for said in ("digit: 3 classes", "ink: A number is learnt", "Its loss counts 0.5"):
        assert said in done.out
    metrics = read_json(run / "metrics.json")
    assert metrics["mean"]["digit: accuracy"] > 0.8
    assert metrics["mean"]["ink: mae"] < metrics["baseline"]["ink: mae"]
    history = read_csv(run / "history.csv")[-1]
    total = float(history["digit_loss"]) + 0.5 * float(history["ink_loss"])
    assert float(history["loss"]) == pytest.approx(total, rel=1e-3)
    page = (run / "report.html").read_text()
    for said in ("digit: Confusion matrix", "<h3>ink</h3>", "Mean absolute error"):
        assert said in page
    assert page.count('<h3 title="digit: Right: ') == 4
    assert "What speaks for digit 0" in page
    layers = {row["layer"] for row in read_csv(run / "gradients.csv")}
    assert {"head_digit", "head_ink"} <= layers

    images = digits / "tree" / "digit_2"
    done = app("predict", "--run", run, "--data", images, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    told = read_csv(tmp_path / "out" / "predictions.csv")
    assert np.mean([row["digit: prediction"] == "digit 2" for row in told]) > 0.7
    assert all(0 < float(row["ink: prediction"]) < 15 for row in told)
    done = app("evaluate", "--run", run, "--output", tmp_path / "again")
    assert done.code == 0, done.err
    assert read_json(tmp_path / "again" / "metrics.json") == metrics, "to the last digit"
    done = app("evaluate", "--run", run, "--against", run, "--output", tmp_path / "same")
    assert done.code == 0, done.err
    for said in ("digit: auc", "digit: accuracy", "ink: mae"):
        assert said in done.out
