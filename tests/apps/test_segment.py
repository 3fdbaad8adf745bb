"""`keras-mia segment` as a user calls it; what it leaves behind is looked at."""

import itertools
import json
import re
import shlex

import nibabel as nib
import numpy as np
import PIL.Image
import pytest

from keras_mia.core.files.text_files import read_csv, read_json, write_csv
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.data.datasets.cases import Slab
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan
from keras_mia.training.fitting import checkpoint, fitting
from keras_mia.training.runs.network_file import load_network

SMALL = ["--filters", 4, "--patch", 16, "--depth", 2, "--batch-size", 2, "--precision", "float32"]
METRICS = {
    *("format", "task", "split", "cases", "patients", "mean", "interval", "classes", "baseline"),
}


@pytest.mark.slow
def test_a_run_is_a_folder_that_tells_all(trained):
    folder = trained.folder
    run, plan = read_json(folder / "run.json"), SegmentationPlan.read(folder / "plan.json")
    assert {path.name for path in folder.iterdir()} == {
        *("args.txt", "run.json", "plan.json", "cases.csv", "history.csv", "checkpoint"),
        *("best.keras", "predictions", "scores.csv", "metrics.json", "report.html", "files.txt"),
    }
    assert (run["format"], run["task"], run["seed"]) == (1, "segmentation", 7)
    assert run["steps"] == run["steps_done"] == 30
    assert len(run["fingerprint"]) == 16
    assert {"reading", "preparing", "training", "evaluating"} <= set(run["seconds"])
    assert set(plan.reasons) >= {"patch", "spacing_mm", "normalization", "filters"}
    assert plan.classes.names == ("background", "Anterior", "Posterior")
    assert plan.patch == (16, 16, 16)

    cases = read_case_list(folder / "cases.csv")
    assert [len(cases.of(split)) for split in ("train", "validation", "test")] == [3, 1, 2]
    assert all(case.images[0].exists() and case.target.path.exists() for case in cases)
    (epoch,) = read_csv(folder / "history.csv")
    assert epoch["step"] == "30"
    assert 0 <= float(epoch["validation_dice"]) <= 1
    model = load_network(folder / "best.keras")
    assert model.count_params() == run["parameters"]

    for case in cases.test:
        label = nib.load(folder / "predictions" / case.images[0].name)
        source = nib.load(case.images[0])
        assert label.shape == source.shape
        np.testing.assert_array_equal(label.affine, source.affine)
        assert set(np.unique(np.asarray(label.dataobj))) <= {0, 1, 2}
    assert len(list((folder / "predictions").iterdir())) == len(cases.test)


@pytest.mark.slow
def test_its_scores_follow_the_one_schema(trained):
    metrics = read_json(trained.folder / "metrics.json")
    rows = read_csv(trained.folder / "scores.csv")
    assert set(metrics) >= METRICS
    assert (metrics["task"], metrics["split"], metrics["cases"]) == ("segmentation", "test", 2)
    assert set(metrics["classes"]) == {"Anterior", "Posterior"}
    names = {"dice", "jaccard", "sensitivity", "precision", "auc", "hd95_mm", "surface_dice"}
    assert set(metrics["mean"]) >= names
    for name, (low, high) in metrics["interval"].items():
        none = metrics["interval_method"][name].startswith("none: ")
        assert none == (low is None), "of two patients only what has two bounds has an interval"
        assert none or low <= high
    assert metrics["interval_method"]["dice"] == "Wilson, t"
    assert metrics["baseline"]["dice"] < 0.5
    assert len(rows) == 2 * 2
    mean = np.mean([float(row["dice"]) for row in rows])
    assert metrics["mean"]["dice"] == pytest.approx(mean)
    assert f"dice         {mean:.4f}" in trained.out


@pytest.mark.slow
def test_its_report_is_one_page_that_needs_nothing_else(trained):
    page = (trained.folder / "report.html").read_text()
    assert not re.search(r"(?:src|href)=[\"'](?!data:|#)", page)
    assert "@import" not in page
    for case in read_case_list(trained.folder / "cases.csv").test:
        assert case.name in page
    assert "--steps 30" in page
    assert "Only 2 patients were scored" in page
    assert "report.html" in trained.out.splitlines()[-1]


@pytest.mark.slow
def test_the_command_that_repeats_it_is_complete(trained):
    run = read_json(trained.folder / "run.json")
    words = shlex.split(run["repeat"])
    assert words[:2] == ["keras-mia", "segment"]
    assert shlex.split((trained.folder / "args.txt").read_text()) == shlex.split(run["command"])
    pairs = dict(itertools.pairwise(words))
    assert pairs["--steps"] == "30"
    assert pairs["--seed"] == "7"
    assert pairs["--validations"] == "1"
    assert pairs["--data"] == str(trained.data)
    assert "--minutes" not in words


@pytest.mark.slow
def test_what_is_said_while_it_runs(trained):
    for words in ("6 cases in", "Split: fold 1 of 5 tests", "3 classes: background = 0"):
        assert words in trained.out
    for doing in ("training", "evaluating"):
        assert doing in trained.err
    for noise in ("cuda", "oneDNN", "WARNING", "Traceback"):
        assert noise not in trained.err


@pytest.mark.parametrize(
    "words",
    [["--steps", "0"], ["--folds", "1"], ["--fold", "6/5"], ["--minutes", "1", "--steps", "1"]],
)
def test_options_that_mean_nothing(app, tmp_path, words):
    done = app("segment", "--data", "sample:digits", "--output", tmp_path / "run", *words)
    assert done.code == 2
    assert "usage: keras-mia segment" in done.err
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_stopped_run_goes_on(app, pictures, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    words = ["segment", "--data", pictures, "--output", folder, "--steps", 220, *SMALL]
    words += ["--patch", 32]
    saved = checkpoint.save

    def save_and_stop(*arguments):
        saved(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", save_and_stop)
        stopped = app(*words)
    assert stopped.code == 130
    command = stopped.err.partition("stopped. Go on with: ")[2].strip()
    assert shlex.split(command) == ["keras-mia", *map(str, words), "--resume"]
    assert "Traceback" not in stopped.err
    first = read_csv(folder / "history.csv")
    assert [row["step"] for row in first] == ["100"]
    assert not (folder / "metrics.json").exists()

    refused = app(*words)
    assert refused.code == 2
    assert "--resume" in refused.err
    other = app(*[300 if word == 220 else word for word in words], "--resume")
    assert other.code == 2
    assert "The run was begun with --steps 220; now it is --steps 300" in other.err
    done = app(*shlex.split(command)[1:])
    assert done.code == 0, done.err
    rows = read_csv(folder / "history.csv")
    assert [row["step"] for row in rows] == ["100", "200", "220"]
    assert rows[0] == first[0]
    run = read_json(folder / "run.json")
    assert run["steps_done"] == 220
    assert "--resume" not in run["command"]
    assert read_json(folder / "metrics.json")["mean"]["dice"] > 0.9, "bright discs are easy"
    assert (folder / "report.html").exists()


@pytest.mark.slow
def test_folds_of_pictures_test_each_once_and_predict_together(app, pictures, tmp_path):
    folder = tmp_path / "runs"
    words = ["--steps", 12, "--folds", 2, *SMALL]
    done = app("segment", "--data", pictures, "--output", folder, *words)
    assert done.code == 0, done.err
    scored = [row["case"] for row in read_csv(folder / "scores.csv")]
    assert sorted(scored) == [f"cell_{number}" for number in range(6)]
    tested = []
    for fold in (1, 2):
        cases = read_case_list(folder / f"fold_{fold}" / "cases.csv")
        tested += [case.name for case in cases.test]
        for case in cases.test:
            path = folder / f"fold_{fold}" / "predictions" / f"{case.name}.png"
            label = np.asarray(PIL.Image.open(path))
            assert label.shape == np.asarray(PIL.Image.open(case.target.path)).shape
            assert set(np.unique(label)) <= {0, 255}
    assert sorted(tested) == sorted(scored)
    metrics = read_json(folder / "metrics.json")
    assert (metrics["cases"], metrics["patients"]) == (6, 6)
    assert "fold_1" not in metrics
    assert (folder / "report.html").exists()

    images, out = pictures / "images", tmp_path / "out"
    done = app("predict", "--run", folder, "--data", images, "--output", out)
    assert done.code == 0, done.err
    assert "2 runs averaged" in done.out
    assert sorted(path.name for path in out.iterdir()) == [f"cell_{n}.png" for n in range(6)]
    done = app("evaluate", "--run", folder)
    assert done.code == 0, done.err
    assert f"dice         {metrics['mean']['dice']:.4f}" in done.out
    done = app("segment", "--data", pictures, "--output", folder, *words, "--resume")
    assert done.code == 0, "nothing is left to do"
    assert read_json(folder / "metrics.json") == metrics


@pytest.mark.slow
def test_one_volume_is_split_in_space_and_the_report_admits_it(app, blob, write_volume, tmp_path):
    affine = np.diag([-2.0, 2.0, 2.0, 1.0])
    write_volume(tmp_path / "brain.nii.gz", 100 * blob, affine)
    write_volume(tmp_path / "tissue.nii.gz", (blob > 0.4).astype(np.uint8), affine)
    table, folder = tmp_path / "cases.csv", tmp_path / "run"
    write_csv(table, [{"image": "brain.nii.gz", "label": "tissue.nii.gz"}])
    words = ["--steps", 20, *SMALL]
    done = app("segment", "--data", table, "--output", folder, *words)
    assert done.code == 0, done.err
    page = (folder / "report.html").read_text()
    assert "same patient is on both sides" in page
    cases = read_case_list(folder / "cases.csv")
    assert [case.split for case in cases] == ["train", "validation", "test"]
    assert cases.test[0].region == Slab(0, 0.0, 0.5)
    label = nib.load(folder / "predictions" / "brain.nii.gz")
    assert label.shape == blob.shape
    np.testing.assert_array_equal(label.affine, affine)

    judged = read_json(folder / "metrics.json")
    assert judged["cases"] == 1
    done = app("evaluate", "--run", folder, "--output", tmp_path / "scores")
    assert done.code == 0, done.err
    again = json.loads((tmp_path / "scores" / "metrics.json").read_text())
    assert again["mean"]["dice"] == judged["mean"]["dice"], "the region counts here too"
    assert again["mean"].items() <= judged["mean"].items(), "all but the area, to the last digit"
    assert again["interval"].items() <= judged["interval"].items()


def test_logs_for_tensorboard_need_its_package(app, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(fitting, "find_spec", lambda name: None)
    words = ["segment", "--data", pictures, "--output", tmp_path / "run", "--steps", 5, *SMALL]
    done = app(*words, "--tensorboard")
    assert done.code == 2
    assert "pip install tensorboard" in done.err
    assert "Traceback" not in done.err


def test_a_second_network_joins_in(app, pictures, tmp_path):
    run = tmp_path / "run"
    words = [
        "segment",
        "--data",
        pictures,
        "--output",
        run,
        "--steps",
        2,
        "--validations",
        1,
        *SMALL,
    ]
    done = app(*words, "--adversarial", "--weight", 5)
    assert done.code == 0, done.err
    plan = SegmentationPlan.read(run / "plan.json")
    assert (plan.adversarial, plan.weight) == (True, 5.0)
    assert {"discriminator_loss", "generator_loss"} <= set(read_csv(run / "history.csv")[0])
    assert 0 <= read_json(run / "metrics.json")["mean"]["dice"] <= 1
    done = app("predict", "--run", run, "--data", pictures / "images", "--output", tmp_path / "out")
    assert done.code == 0, done.err


def test_a_weight_beside_nothing_is_told(app, pictures, tmp_path):
    done = app("segment", "--data", pictures, "--output", tmp_path / "run", "--weight", 5)
    assert done.code == 2
    assert "--adversarial" in done.err
