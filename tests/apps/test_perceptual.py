"""Translation whose images are to be alike to a classifier, too, as a user does it."""

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv, read_json
from tests.tasks.classification.synthetic.conftest import write_pictures
from tests.tasks.translation.perceptual.runs import write_classifier

TINY = ["--filters", 2, "--patch", 16, "--depth", 1, "--batch-size", 2, "--precision", "float32"]
SMALL = {"network": "lenet", "size": (16, 16)}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return write_pictures(tmp_path_factory.mktemp("pictures") / "data")


@pytest.fixture(scope="module")
def classifier(pictures, tmp_path_factory):
    return write_classifier(pictures, tmp_path_factory.mktemp("runs") / "seen", **SMALL)


def words(pictures, output, *more):
    options = ("--degrade", "noise", "--steps", 2, "--validations", 1)
    return ["translate", "--data", pictures, "--output", output, *options, *TINY, *more]


def test_features_join_the_loss_and_another_network_is_refused(app, pictures, tmp_path):
    run, seen = tmp_path / "run", write_classifier(pictures, tmp_path / "seen", **SMALL)
    options = words(pictures, run, "--perceptual", seen, "--perceptual-weight", 0.5)
    done = app(*options)
    assert done.code == 0, done.err
    assert "loss l2 + 0.5 x seen" in done.out
    record = read_json(run / "plan.json")["perceptual"]
    assert (record["run"], record["weight"]) == ("seen", 0.5)
    assert "0.5 x seen" in (run / "report.html").read_text()

    (run / "report.html").unlink()
    write_classifier(pictures, tmp_path / "other", seed=1, **SMALL)
    (tmp_path / "other" / "best.keras").replace(seen / "best.keras")
    done = app(*options, "--resume")
    assert done.code == 2
    assert "another one than when this run began" in done.err


@pytest.mark.slow
@pytest.mark.parametrize("game", [(), ("--adversarial",)], ids=["regression", "game"])
def test_a_run_with_features_goes_on_and_is_applied(app, pictures, classifier, tmp_path, game):
    run = tmp_path / "run"
    options = words(pictures, run, "--perceptual", classifier, *game)
    done = app(*options)
    assert done.code == 0, done.err
    name = "generator_loss" if game else "loss"
    assert np.isfinite([float(row[name]) for row in read_csv(run / "history.csv")]).all()
    (run / "report.html").unlink()
    for more in (options, ("evaluate", "--run", run)):
        done = app(*more, *(["--resume"] if more is options else []))
        assert done.code == 0, done.err


def test_the_plan_says_which_network(app, pictures, classifier):
    options = ("--degrade", "blur", "--perceptual", classifier)
    done = app("plan", "--task", "translation", "--data", pictures, *options)
    assert done.code == 0, done.err
    assert "0.1 x seen" in done.out
    assert "normalized values times" in done.out.replace("\n", " ")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--perceptual", "{here}/none"], "no such run of a classifier"),
        (["--perceptual", "{here}"], "no such run of a classifier"),
        (["--perceptual-weight", 1], "No run is named"),
        (["--perceptual", "{run}", "--perceptual-weight", 0], "perceptual-weight"),
        (["--perceptual", "{run}", "--output", "{run}/inside"], "{run}"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "",
)
def test_bad_options_are_told(app, pictures, classifier, tmp_path, more, said):
    names = {"here": tmp_path, "run": classifier}
    done = app(*words(pictures, tmp_path / "run", *(str(word).format(**names) for word in more)))
    assert done.code == 2, done.out
    assert said.format(**names) in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "run").exists()
    assert not (classifier / "inside").exists()


def test_without_pairs_there_is_nothing_to_be_alike_to(app, pictures, classifier, tmp_path):
    options = ["--unpaired", "ill", "well", "--perceptual", classifier]
    done = app("translate", "--data", pictures, "--output", tmp_path / "run", *TINY, *options)
    assert done.code == 2
    assert "Without pairs" in done.err
