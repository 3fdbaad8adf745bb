"""Training and applying networks that make images of images, as a user does."""

import contextlib
import subprocess
import sys

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from keras_mia.core.files.text_files import read_csv, read_json
from keras_mia.data.io.image_io import read_image, write_image

TINY = ["--filters", 4, "--patch", 16, "--depth", 1, "--batch-size", 2, "--precision", "float32"]
NETWORK = """
import keras

def small(input_shape, classes, *, activation=None, filters=4):
    x = inputs = keras.Input(input_shape, name="image")
    conv = {2: keras.layers.Conv2D, 3: keras.layers.Conv3D}[len(input_shape) - 1]
    x = conv(filters, 3, padding="same", activation="relu")(x)
    return keras.Model(inputs, conv(classes, 3, padding="same", dtype="float32")(x))

def halved(input_shape, classes, *, activation=None):
    x = inputs = keras.Input(input_shape)
    return keras.Model(inputs, keras.layers.Conv2D(classes, 3, strides=2, padding="same")(x))
"""


def smooth(space, seed, channels=1):
    noise = np.random.default_rng(seed).normal(size=(*space, channels))
    image = gaussian_filter(noise, (2.0,) * len(space) + (0.0,))
    return 255 * (image - image.min()) / np.ptp(image)


@pytest.fixture
def pictures(tmp_path):
    """Eight grey pictures of 8 bits."""
    for number in range(8):
        array = smooth((28, 24 + number), number).astype(np.uint8)
        write_image(tmp_path / "pictures" / f"{number}.png", array)
    return tmp_path / "pictures"


@pytest.fixture
def volumes(tmp_path):
    """Six volumes, whose second axis goes to the left."""
    for number in range(6):
        array = (100 + smooth((20, 18, 16 + number), number)).astype(np.float32)
        affine = np.array([[0, -1.0, 0, 9], [1.0, 0, 0, 2], [0, 0, 1.2, 4], [0, 0, 0, 1]])
        write_image(tmp_path / "volumes" / f"{number}.nii.gz", array, affine)
    return tmp_path / "volumes"


def words(data, output, *more, degrade="noise", steps=2):
    return [
        *("translate", "--data", data, "--output", output, "--degrade", degrade),
        *("--steps", steps, "--validations", 1, *TINY, *more),
    ]


def test_noise_is_learnt_taken_away_and_scored(app, pictures, tmp_path):
    run, out = tmp_path / "run", tmp_path / "out"
    done = app(*words(pictures, run, steps=3))
    assert done.code == 0, done.err
    assert "Images are made by noise" in done.out
    assert "non-local means: psnr" in done.out
    metrics = read_json(run / "metrics.json")
    rows = read_csv(run / "scores.csv")
    assert len(rows) == metrics["cases"]
    assert set(metrics["baselines"]) == {"identity", "mean training image", "non-local means"}
    mean = np.mean([float(row["psnr"]) for row in rows])
    assert metrics["mean"]["psnr"] == pytest.approx(mean)
    page = (run / "report.html").read_text()
    for text in ("PSNR", "Non-local means", "relative to the range", "Difference"):
        assert text in page
    assert sorted(path.name for path in (run / "predictions").iterdir()) == sorted(
        f"{row['case']}.tif" for row in rows
    )
    assert not (run / "cache").exists()

    done = app("predict", "--run", run, "--data", pictures, "--output", out)
    assert done.code == 0, done.err
    assert read_image(out / "3.tif").array.shape == (28, 27, 1)

    done = app("evaluate", "--run", run, "--output", tmp_path / "again")
    assert done.code == 0, done.err
    again = read_json(tmp_path / "again" / "metrics.json")
    assert again["mean"] == pytest.approx(metrics["mean"], rel=1e-4)

    done = app("evaluate", "--run", run, "--against", run)
    assert done.code == 0, done.err
    assert "psnr" in done.out

    files = ("--prediction", out, "--truth", pictures)
    done = app("evaluate", "--task", "translation", *files)
    assert done.code == 0, done.err
    assert "Scores on 8 cases of 8 patients" in done.out


def test_the_plan_is_shown(app, pictures):
    options = ("--degrade", "blur", "--blur-sigma", 2)
    done = app("plan", "--task", "translation", "--data", pictures, *options)
    assert done.code == 0, done.err
    assert "sigma 2.0" in done.out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("degrade", "more", "baseline"),
    [
        ("noise", ["--noise-kind", "rician", "--noise-level", 0.2], "non-local means"),
        ("blur", ["--blur-sigma", 1.2, "--loss", "ssim"], "Wiener filter"),
        ("resolution", ["--factor", 3, "--loss", "l1"], "cubic interpolation"),
        ("undersampling", ["--acceleration", 2, "--lines-axis", 1], "zero filling"),
    ],
)
@pytest.mark.parametrize("rank", [2, 3])
def test_each_degradation_runs_to_its_end(app, volumes, tmp_path, degrade, more, baseline, rank):
    run = tmp_path / "run"
    done = app(*words(volumes, run, *more, "--rank", rank, degrade=degrade))
    assert done.code == 0, done.err
    metrics = read_json(run / "metrics.json")
    assert baseline in metrics["baselines"]
    assert (run / "report.html").exists()
    for path in (run / "predictions").iterdir():
        written, source = read_image(path), read_image(volumes / path.name)
        assert written.space == source.space
        np.testing.assert_allclose(written.affine, source.affine, atol=1e-5)
    done = app("predict", "--run", run, "--data", volumes, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    assert len(list((tmp_path / "out").glob("*.nii.gz"))) == 6


@pytest.mark.slow
def test_colours_are_made_of_colours(app, tmp_path):
    for number in range(6):
        array = smooth((28, 30), number, 3).astype(np.uint8)
        write_image(tmp_path / "data" / f"{number}.png", array)
    run = tmp_path / "run"
    done = app(*words(tmp_path / "data", run, degrade="blur"))
    assert done.code == 0, done.err
    assert read_json(run / "plan.json")["target_channels"] == 3
    for path in (run / "predictions").iterdir():
        assert read_image(path).array.shape == (28, 30, 3)
    done = app("evaluate", "--run", run)
    assert done.code == 0, done.err


@pytest.mark.slow
def test_grey_pictures_among_colours(app, pictures, tmp_path):
    """All become grey, in training as in scores."""
    for number in range(0, 8, 2):
        grey = read_image(pictures / f"{number}.png").array
        write_image(pictures / f"{number}.png", np.repeat(grey, 3, axis=-1))
    run = tmp_path / "run"
    done = app(*words(pictures, run, degrade="undersampling"))
    assert done.code == 0, done.err
    done = app("evaluate", "--run", run)
    assert done.code == 0, done.err


@pytest.mark.slow
def test_volumes_of_several_channels(app, tmp_path):
    for number in range(5):
        array = (100 + smooth((18, 17, 16), number, 2)).astype(np.float32)
        write_image(tmp_path / "data" / f"{number}.nii.gz", array, np.eye(4))
    run = tmp_path / "run"
    done = app(*words(tmp_path / "data", run))
    assert done.code == 0, done.err
    assert read_json(run / "plan.json")["target_channels"] == 2
    done = app("evaluate", "--run", run, "--output", tmp_path / "again")
    assert done.code == 0, done.err
    again = read_json(tmp_path / "again" / "metrics.json")["mean"]
    assert again == pytest.approx(read_json(run / "metrics.json")["mean"], rel=1e-3)


@pytest.mark.slow
def test_a_network_of_ones_own(app, pictures, tmp_path):
    (tmp_path / "network.py").write_text(NETWORK)
    named = f"{tmp_path / 'network.py'}:small"
    done = app(*words(pictures, tmp_path / "run", "--network", named))
    assert done.code == 0, done.err
    assert app("evaluate", "--run", tmp_path / "run").code == 0


@pytest.mark.slow
def test_folds_test_each_case_once(app, pictures, tmp_path):
    run = tmp_path / "run"
    done = app(*words(pictures, run, "--folds", 2))
    assert done.code == 0, done.err
    rows, metrics = read_csv(run / "scores.csv"), read_json(run / "metrics.json")
    assert sorted(row["case"] for row in rows) == [str(i) for i in range(8)]
    assert metrics["cases"] == 8
    assert "identity" in metrics["baselines"]
    again = app("evaluate", "--run", run)
    assert again.code == 0, again.err
    assert f"{metrics['mean']['psnr']:.4f}" in again.out
    done = app("predict", "--run", run, "--data", pictures, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    resumed = app(*words(pictures, run, "--folds", 2, "--resume"))
    assert resumed.code == 0, resumed.err


@contextlib.contextmanager
def stopped_at_the_second_validation(monkeypatch):
    """Within it a run of translation ends there, as if it were killed."""
    from keras_mia.tasks.translation import validation
    from keras_mia.training import Validation

    class Stop(Exception):
        pass

    validate, count = validation.validate, iter(range(2))

    def stopping(*arguments):
        score = validate(*arguments)

        def once(window):
            if next(count):
                raise Stop
            return score.scores(window)

        return Validation(once, score.criterion, predictor=score.predictor)

    monkeypatch.setattr(validation, "validate", stopping)
    with pytest.raises(Stop):
        yield
    monkeypatch.setattr(validation, "validate", validate)


@pytest.mark.slow
@pytest.mark.parametrize("game", [(), ("--adversarial",)], ids=["regression", "game"])
def test_a_stopped_run_goes_on_to_the_same_scores(app, pictures, tmp_path, monkeypatch, game):
    length = ("--validations", 2, *game)
    whole = app(*words(pictures, tmp_path / "whole", *length, steps=120))
    assert whole.code == 0, whole.err

    with stopped_at_the_second_validation(monkeypatch):
        app(*words(pictures, tmp_path / "parts", *length, steps=120))
    resumed = app(*words(pictures, tmp_path / "parts", *length, "--resume", steps=120))
    assert resumed.code == 0, resumed.err
    rows = [read_csv(tmp_path / name / "scores.csv") for name in ("whole", "parts")]
    assert rows[0] == rows[1]


def test_images_of_one_value_each_are_no_crash(app, tmp_path):
    """A blur does nothing to them, PSNR may be infinite, and nothing can be gained."""
    for number in range(5):
        array = np.full((20, 20), 10 * number, np.uint8)
        write_image(tmp_path / "data" / f"{number}.png", array)
    done = app(*words(tmp_path / "data", tmp_path / "run", degrade="blur", steps=1))
    assert done.code == 0, done.err
    assert read_json(tmp_path / "run" / "metrics.json")["mean"]["mae"] < 0.1
    assert (tmp_path / "run" / "report.html").exists()
    again = app("evaluate", "--run", tmp_path / "run")
    assert again.code == 0, again.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--factor", 2], "belongs to --degrade resolution"),
        (["--noise-level", -1], "noise-level"),
        (["--noise-level", "much"], "noise-level"),
        (["--factor", 0.5], "0.5 is not above 1"),
        (["--acceleration", 1], "1 is not above 1"),
        (["--noise-kind", "salt"], "noise-kind"),
        (["--loss", "dice"], "loss"),
        (["--loss", "ssim", "--patch", 8], "window of SSIM"),
        (["--rank", 3], "3D network needs volumes"),
        (["--network", "unett"], "FILE.py:FUNCTION"),
        (["--network", "none.py:small"], "FILE.py:FUNCTION"),
        (["--network", "{here}/network.py:none"], "no function"),
        (["--network", "{here}/network.py:halved"], "asks for"),
        (["--flip", 2], "Axis 2"),
        (["--batch-size", 0], "batch-size"),
        (["--patch", 15], "do not divide"),
        (["--label-column", "t2"], "--label-column"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "",
)
def test_bad_options_are_told(app, pictures, tmp_path, more, said):
    (tmp_path / "network.py").write_text(NETWORK)
    more = [str(word).format(here=tmp_path) for word in more]
    done = app(*words(pictures, tmp_path / "run", *more))
    assert done.code == 2, done.out
    assert "Traceback" not in done.err
    assert said in done.err
    assert not (tmp_path / "run").exists()


def test_axes_that_pictures_have_not_are_told(app, pictures, tmp_path):
    done = app(*words(pictures, tmp_path / "run", "--lines-axis", 2, degrade="undersampling"))
    assert done.code == 2
    assert "Axes are counted from 0 to 1" in done.err


def test_one_image_alone_is_told(app, pictures, tmp_path):
    for path in sorted(pictures.iterdir())[1:]:
        path.unlink()
    done = app(*words(pictures, tmp_path / "run"))
    assert done.code == 2
    assert "second patient" in done.err


def test_values_below_0_have_no_rician_noise(app, volumes, tmp_path):
    for path in volumes.iterdir():
        image = read_image(path)
        write_image(path, image.array[..., 0] - 500, image.affine)
    done = app(*words(volumes, tmp_path / "run", "--noise-kind", "rician"))
    assert done.code == 2
    assert "never below 0" in done.err


def test_a_run_is_read_without_tensorflow(pictures, tmp_path):
    files = ("--task", "translation", "--prediction", pictures, "--truth", pictures)
    code = (
        "import sys\nfrom keras_mia.cli.main import main\n"
        "import keras_mia.tasks.translation.translation_plan\n"
        f"sys.argv = {['keras-mia', 'evaluate', *map(str, files)]!r}\n"
        "main()\nassert 'tensorflow' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_game_is_trained_applied_and_evaluated(app, pictures, tmp_path):
    run, out = tmp_path / "run", tmp_path / "out"
    done = app(*words(pictures, run, "--adversarial", "--weight", 5))
    assert done.code == 0, done.err
    assert "kernel_distance" in done.out
    plan = read_json(run / "plan.json")
    assert plan["adversarial"] is True
    assert plan["weight"] == 5
    assert {"discriminator_loss", "generator_loss", "validation_mae"} <= set(
        read_csv(run / "history.csv")[0]
    )
    metrics = read_json(run / "metrics.json")
    for scores in (metrics["mean"], *metrics["baselines"].values()):
        assert np.isfinite(scores["kernel_distance"])
    assert "Kernel distance" in (run / "report.html").read_text()
    done = app("predict", "--run", run, "--data", pictures, "--output", out)
    assert done.code == 0, done.err
    assert read_image(out / "3.tif").array.shape == (28, 27, 1)
    done = app("evaluate", "--run", run, "--output", tmp_path / "again")
    assert done.code == 0, done.err
    again = read_json(tmp_path / "again" / "metrics.json")
    assert again["mean"] == pytest.approx(metrics["mean"], rel=1e-4)


def test_a_weight_without_a_game_is_told(app, pictures, tmp_path):
    done = app(*words(pictures, tmp_path / "run", "--weight", 3))
    assert done.code == 2
    assert "--adversarial" in done.err
