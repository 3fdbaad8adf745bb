"""A classifier that is trained on samples of a generator, as a user does it."""

import csv
import shutil

import pytest

from keras_mia.core.files.text_files import read_json
from tests.tasks.classification.synthetic.conftest import write_generator, write_pictures


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return write_pictures(tmp_path_factory.mktemp("pictures") / "data")


@pytest.fixture(scope="module")
def generator(pictures, tmp_path_factory):
    return write_generator(pictures, tmp_path_factory.mktemp("runs") / "made")


def words(pictures, output, *more):
    options = ("--steps", 2, "--validations", 1, "--precision", "float32", "--batch-size", 8)
    return ["classify", "--data", pictures, "--output", output, *options, *more]


def test_another_fold_is_refused_before_anything_is_written(app, pictures, generator, tmp_path):
    run = tmp_path / "run"
    done = app(*words(pictures, run, "--synthetic", generator, "--fold", "2/5"))
    assert done.code == 2
    assert "The generator was trained or chosen by" in done.err
    assert not (run / "plan.json").exists()


def test_a_generator_may_not_be_written_into(app, pictures, generator):
    done = app(*words(pictures, generator / "run", "--synthetic", generator))
    assert done.code == 2
    assert not (generator / "run").exists()


@pytest.mark.slow
def test_samples_join_and_real_images_are_scored(app, pictures, generator, tmp_path):
    run, moved = tmp_path / "run", tmp_path / "made"
    shutil.copytree(generator, moved)
    options = words(pictures, run, "--synthetic", moved, "--synthetic-count", 5)
    done = app(*options)
    assert done.code == 0, done.err
    assert "training images: 5 samples of made; validation and test are real." in done.out
    plan, facts = read_json(run / "plan.json"), read_json(run / "run.json")
    assert (plan["synthetic"]["run"], sum(plan["synthetic"]["counts"])) == ("made", 5)
    assert any("5 samples of made" in note for note in facts["notes"])
    with (run / "cases.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40
    assert "5 images that a generator made (run made)" in (run / "report.html").read_text()

    shutil.rmtree(moved)  # the run needs it no more
    done = app("predict", "--run", run, "--data", pictures / "ill", "--output", tmp_path / "out")
    assert done.code == 0, done.err
    (run / "report.html").unlink()
    done = app(*options, "--resume")
    assert done.code == 2
    assert "a run that was begun with it needs it to go on" in done.err


@pytest.mark.slow
def test_a_resumed_run_has_the_same_samples(app, pictures, generator, tmp_path):
    run = tmp_path / "run"
    options = words(
        *(pictures, run, "--synthetic", generator, "--synthetic-only"),
        *("--cache", tmp_path / "cache"),
    )
    assert app(*options).code == 0
    (samples,) = (tmp_path / "cache").glob("*-synthetic.npy")
    before = samples.read_bytes()
    samples.unlink()
    (run / "report.html").unlink()
    done = app(*options, "--resume")
    assert done.code == 0, done.err
    assert samples.read_bytes() == before
    assert "The network was trained on" in (run / "report.html").read_text()
