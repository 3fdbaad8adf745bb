"""Images of two kinds without pairs, and runs in one table, as a user has them."""

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv, read_json
from keras_mia.data.io.image_io import read_image, write_image
from tests.apps.test_translate import smooth, stopped_at_the_second_validation

TINY = ["--filters", 2, "--patch", 16, "--depth", 1, "--batch-size", 2, "--precision", "float32"]


@pytest.fixture
def two_kinds(tmp_path):
    """Pictures in `soft`, and sharper ones of the same names in `hard`."""
    for number in range(6):
        array = smooth((32, 32), number)
        write_image(tmp_path / "kinds" / "soft" / f"{number}.png", array.astype(np.uint8))
        hard = 255.0 * (array > array.mean())
        write_image(tmp_path / "kinds" / "hard" / f"{number}.png", hard.astype(np.uint8))
    return tmp_path / "kinds"


def unpaired(data, output, *more):
    return [
        *("translate", "--data", data, "--output", output, "--unpaired", "soft", "hard"),
        *("--steps", 2, "--validations", 1, *TINY, *more),
    ]


def test_two_kinds_of_images_are_learnt_without_pairs(app, two_kinds, tmp_path):
    run = tmp_path / "run"
    done = app(*unpaired(two_kinds, run))
    assert done.code == 0, done.err
    assert "Two kinds of images without pairs: soft (6), hard (6)." in done.out
    assert "not told in training" in done.out
    plan = read_json(run / "plan.json")
    assert (plan["unpaired"], plan["kinds"]) == ("cyclegan", ["soft", "hard"])
    assert plan["earlier_images"] == 50
    metrics = read_json(run / "metrics.json")
    assert np.isfinite(metrics["mean"]["kernel_distance"])
    rows = read_csv(run / "scores.csv")
    tested = [row["name"] for row in read_csv(run / "cases.csv") if row["split"] == "test"]
    assert sorted(row["case"] for row in rows) == sorted(n for n in tested if "soft" in n)
    assert metrics["mean"]["change"] == pytest.approx(
        np.mean([float(row["change"]) for row in rows])
    )
    page = (run / "report.html").read_text()
    for text in ("Source: soft", "Real: hard", "Mean absolute change", "Changed least"):
        assert text in page
    done = app("evaluate", "--run", run, "--output", tmp_path / "again")
    assert done.code == 0, done.err
    again = read_json(tmp_path / "again" / "metrics.json")
    assert again["mean"] == pytest.approx(metrics["mean"], rel=1e-4)
    words = ["predict", "--run", run, "--data", two_kinds / "soft", "--difference"]
    done = app(*words, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    made = read_image(tmp_path / "out" / "3.tif").array
    source = read_image(two_kinds / "soft" / "3.png").array
    difference = read_image(tmp_path / "out" / "3-difference.tif").array
    np.testing.assert_allclose(difference, made - source.astype(np.float32), atol=1e-3)


def test_images_are_changed_little_fold_by_fold(app, two_kinds, tmp_path):
    run = tmp_path / "run"
    done = app(*unpaired(two_kinds, run, "--network", "refiner", "--folds", 2))
    assert done.code == 0, done.err
    metrics = read_json(run / "metrics.json")
    assert metrics["cases"] == 6
    assert np.isfinite(metrics["mean"]["kernel_distance"])
    assert read_json(run / "fold_1" / "plan.json")["unpaired"] == "refiner"


@pytest.mark.slow
def test_a_stopped_run_without_pairs_goes_on_to_the_same_scores(
    app, two_kinds, tmp_path, monkeypatch
):
    more = ("--network", "refiner", "--steps", 120, "--validations", 2)
    whole = app(*unpaired(two_kinds, tmp_path / "whole", *more))
    assert whole.code == 0, whole.err
    with stopped_at_the_second_validation(monkeypatch):
        app(*unpaired(two_kinds, tmp_path / "parts", *more))
    resumed = app(*unpaired(two_kinds, tmp_path / "parts", *more, "--resume"))
    assert resumed.code == 0, resumed.err
    rows = [read_csv(tmp_path / name / "scores.csv") for name in ("whole", "parts")]
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    "more",
    [("--adversarial",), ("--degrade", "blur"), ("--series", "soft", "hard")],
    ids=lambda words: words[0],
)
def test_what_is_for_pairs_does_not_go_without_them(app, two_kinds, tmp_path, more):
    done = app(*unpaired(two_kinds, tmp_path / "run", *more))
    assert done.code == 2
    assert "does not go with --unpaired" in done.err
    assert not (tmp_path / "run").exists()


def test_kinds_of_images_that_are_not_there_are_told(app, two_kinds, tmp_path):
    words = unpaired(two_kinds, tmp_path / "run")
    words[words.index("hard")] = "harder"
    done = app(*words)
    assert done.code == 2
    assert "a folder of soft, and none of harder" in done.err


def pairs(data, output, *more):
    return [
        *("translate", "--data", data, "--output", output, "--series", "soft", "hard"),
        *("--steps", 2, "--validations", 1, *TINY, *more),
    ]


def test_runs_stand_in_one_table(app, two_kinds, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    done = app(*pairs(two_kinds, first))
    assert done.code == 0, done.err
    done = app(*pairs(two_kinds, second, "--seed", 1, "--beside", first))
    assert done.code == 0, done.err
    alone, both = (read_json(run / "metrics.json") for run in (first, second))
    assert list(both["runs"]) == ["first"]
    assert both["runs"]["first"] == pytest.approx(alone["mean"], rel=1e-3)
    assert set(both["baselines"]) == {"identity", "mean training image"}
    main = both["main"]
    gain = both["mean"][main] - alone["mean"][main]
    assert both["gains"]["run first"]["difference"] == pytest.approx(gain, abs=1e-3)
    assert "Run first" in (second / "report.html").read_text()
    done = app(*pairs(two_kinds, tmp_path / "third", "--fold", "2/5", "--beside", first))
    assert done.code == 2
    assert "did not hold out all test cases" in done.err
    done = app(*pairs(two_kinds, tmp_path / "third", "--beside", tmp_path / "none"))
    assert done.code == 2
    assert "none" in done.err
    assert not (tmp_path / "third").exists()
