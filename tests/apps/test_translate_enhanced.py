"""Images made better by a network and a discriminator, as a user does it."""

from functools import partial

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv, read_json
from keras_mia.data.augment.degradations import Undersampling
from keras_mia.data.io.image_io import read_image, write_image
from keras_mia.layers.data_consistency import DataConsistency
from keras_mia.tasks.translation.translation_plan import SEED, TranslationPlan
from tests.apps.test_translate import smooth

TINY = ["--filters", 2, "--patch", 16, "--depth", 1, "--batch-size", 2, "--precision", "float32"]
KINDS = ("noise", "blur", "resolution", "undersampling")


@pytest.fixture
def pictures(tmp_path):
    for number in range(5):
        array = smooth((32, 32), number).astype(np.uint8)
        write_image(tmp_path / "pictures" / f"{number}.png", array)
    return tmp_path / "pictures"


def words(data, output, degrade, *more):
    length = ("--steps", 4, "--validations", 2)
    options = ("--degrade", degrade, "--adversarial", *length, *TINY, *more)
    return ["translate", "--data", data, "--output", output, *options]


def check_scores(run):
    metrics = read_json(run / "metrics.json")
    for scores in (metrics["mean"], *metrics["baselines"].values()):
        assert np.isfinite([scores["kernel_distance"], scores["mae"]]).all()
    assert "Kernel distance" in (run / "report.html").read_text()
    assert read_csv(run / "history.csv")[-1]["validation_kernel_distance"]


def test_measured_lines_stay_as_they_are_whatever_the_game_makes(app, pictures, tmp_path):
    run = tmp_path / "run"
    done = app(*words(pictures, run, "undersampling", "--acceleration", 2, "--learning-rate", 0.1))
    assert done.code == 0, done.err
    check_scores(run)
    plan = TranslationPlan.read(run / "plan.json")
    lines = Undersampling(2.0).lines(32, np.random.default_rng([SEED]))
    kept = DataConsistency(lines.tolist(), 0)
    for path in (run / "predictions").iterdir():
        made = read_image(path).array[None].astype(np.float32)
        true = read_image(pictures / f"{path.stem}.png")
        source = plan.degraded(true, path.stem).array[None]
        assert np.abs(made - source).max() > 0.01
        np.testing.assert_allclose(kept([made, source]), made, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("degrade", KINDS)
def test_each_degradation_is_undone_by_a_game_and_goes_on_after_a_stop(
    app, pictures, tmp_path, monkeypatch, degrade
):
    from keras_mia.cli import train
    from keras_mia.training.fitting import checkpoint

    monkeypatch.setattr(train, "Budget", partial(train.Budget, epoch_steps=2))
    done = app(*words(pictures, tmp_path / "whole", degrade))
    assert done.code == 0, done.err
    check_scores(tmp_path / "whole")

    class Stop(Exception):
        pass

    save = checkpoint.save

    def stopping(*arguments):
        save(*arguments)
        raise Stop

    monkeypatch.setattr(checkpoint, "save", stopping)
    with pytest.raises(Stop):
        app(*words(pictures, tmp_path / "parts", degrade))
    monkeypatch.setattr(checkpoint, "save", save)
    done = app(*words(pictures, tmp_path / "parts", degrade, "--resume"))
    assert done.code == 0, done.err
    assert len(read_csv(tmp_path / "parts" / "history.csv")) == 2
    rows = [read_csv(tmp_path / name / "scores.csv") for name in ("whole", "parts")]
    assert rows[0] == rows[1]


@pytest.mark.slow
@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("degrade", KINDS)
def test_volumes_are_made_better_too(app, tmp_path, degrade, rank):
    for number in range(5):
        array = (100 + smooth((20, 18, 16 + number), number)).astype(np.float32)
        affine = np.array([[0, -1.0, 0, 9], [1.0, 0, 0, 2], [0, 0, 1.2, 4], [0, 0, 0, 1]])
        write_image(tmp_path / "data" / f"{number}.nii.gz", array, affine)
    run = tmp_path / "run"
    done = app(*words(tmp_path / "data", run, degrade, "--rank", rank))
    assert done.code == 0, done.err
    check_scores(run)
