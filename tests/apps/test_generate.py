"""Training networks that make images, and sampling from them, as a user does."""

import shutil

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv, read_json
from keras_mia.data import read_cases
from keras_mia.data.io.image_io import read_image, write_image
from keras_mia.tasks.generation.callbacks.film import Film
from tests.apps.conftest import command
from tests.tasks.generation.plans import stripes

TINY = ["--option", "filters=4", "--precision", "float32", "--batch-size", 8]
NETWORKS = """
import keras
from keras_mia.models import Adversarial

def players(shape, latent, activation):
    noise, image = keras.Input((latent,)), keras.Input(shape)
    values = keras.layers.Dense(shape[0] * shape[1] * shape[2], activation)(noise)
    logit = keras.layers.Dense(1)(keras.layers.Flatten()(image))
    made = keras.layers.Reshape(shape)(values)
    return keras.Model(noise, made), keras.Model(image, logit)

def own(image_shape, *, latent, activation, average):
    return Adversarial(*players(image_shape, latent, activation), average=average)

def sigmoid(image_shape, *, latent, activation, average):
    return Adversarial(*players(image_shape, latent, "sigmoid"))

def other_shape(image_shape, *, latent, activation, average):
    return Adversarial(*players((4, 4, 1), latent, activation))

def generator_alone(image_shape, *, latent, activation, average):
    return players(image_shape, latent, activation)[0]
"""


def words(data, output, *more, steps=2):
    return [
        *("generate", "--data", data, "--output", output, "--steps", steps),
        *("--validations", 1, *TINY, *more),
    ]


@pytest.fixture
def labelled(tmp_path):
    """Small images with two classes."""
    images, classes = stripes(60)
    np.savez(tmp_path / "bars.npz", images=images, labels=classes)
    return tmp_path / "bars.npz"


@pytest.fixture
def alone(tmp_path):
    """A folder of images without classes."""
    for number, image in enumerate(stripes(30)[0]):
        write_image(tmp_path / "alone" / f"Meier_{number}.png", image)
    return tmp_path / "alone"


def test_a_class_is_asked_for(app, labelled, tmp_path):
    run = tmp_path / "run"
    done = app(*words(labelled, run, "--network", "conditional", "--diagnose"))
    assert done.code == 0, done.err
    assert "Images of 8 x 8 are made by conditional, of the class that is asked for" in done.out
    metrics = read_json(run / "metrics.json")
    assert (metrics["task"], metrics["samples"], metrics["compared"]) == ("generation", 1000, 12)
    assert np.isfinite(metrics["mean"]["frechet_distance"])
    listed = (run / "files.txt").read_text()
    for name in ("best.png", "real.png", "epoch_0000.png", "epoch_0001.png", "pair_8_nearest.png"):
        assert (run / "samples" / name).exists()
        assert f'"samples/{name}"' in listed
    page = (run / "report.html").read_text()
    for text in (
        *("of the class that is asked for", "Two objectives of the generator"),
        *("Distances compare 12 test images with as many samples", "Pair 8"),
    ):
        assert text in page
    assert "Read as asked for" not in page, "images of 8 x 8 are judged by their values"

    files = [tmp_path / f"{name}.npz" for name in "abc"]
    for file, count in zip(files, (9, 4, 9), strict=True):
        done = app("sample", "--run", run, "--count", count, "--output", file)
        assert done.code == 0, done.err
    one, few, again = (dict(np.load(file)) for file in files)
    assert one["images"].shape == (9, 8, 8)
    assert one["images"].dtype == np.uint8
    assert set(one["labels"].tolist()) == {0, 1}
    np.testing.assert_array_equal(one["images"], again["images"])
    np.testing.assert_array_equal(one["images"][:4], few["images"])

    done = app("sample", "--run", run, "--count", 5, "--class", "1", "--output", tmp_path / "ones")
    assert done.code == 0, done.err
    cases = read_cases(tmp_path / "ones" / "samples.csv", targets=("multiclass",))
    assert {case.text for case in cases} == {"1"}
    for verb, more in (
        ("predict", ["--data", labelled, "--output", tmp_path / "p"]),
        ("evaluate", []),
    ):
        done = app(verb, "--run", run, *more)
        assert (done.code, len(done.err.strip().splitlines())) == (2, 3)
    assert app("describe", "--run", run).code == 0


def test_images_alone_are_learnt_from(app, alone, tmp_path):
    run = tmp_path / "run"
    done = app(*words(alone, run))
    assert done.code == 0, done.err
    page = (run / "report.html").read_text()
    assert "Classes of samples" not in page
    assert "Images alone, with no target" in page
    assert "Meier" not in page
    assert "Meier" not in (run / "metrics.json").read_text()
    done = app("sample", "--run", run, "--count", 2, "--class", "a", "--output", tmp_path / "a.png")
    assert (done.code, "does not tell classes apart" in done.err) == (2, True)
    assert app(*words(alone, run, "--overwrite", "--latent", 9)).code == 0
    assert read_json(run / "plan.json")["latent"] == 9


def test_a_run_that_was_stopped_ends_as_one_that_was_not(app, labelled, tmp_path, monkeypatch):
    options = ("--network", "conditional", "--diagnose", "--validations", 3)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    made = words(labelled, whole, *options, steps=300)
    assert app(*made).code == 0
    written = Film.on_epoch_end

    def stop(self, epoch, logs=None):
        written(self, epoch, logs)
        if epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Film, "on_epoch_end", stop)
    done = app(*words(labelled, parts, *options, steps=300))
    assert done.code == 130
    monkeypatch.undo()
    shutil.rmtree(parts / "cache")
    done = app(*words(labelled, parts, *options, "--resume", steps=300))
    assert done.code == 0, done.err
    one, other = (read_json(folder / "metrics.json") for folder in (whole, parts))
    assert one["mean"] == other["mean"]
    for table in ("history.csv", "objectives.csv"):
        rows, others = (read_csv(folder / table) for folder in (whole, parts))
        drop = {"seconds", "waiting"}
        assert [{k: v for k, v in row.items() if k not in drop} for row in rows] == [
            {k: v for k, v in row.items() if k not in drop} for row in others
        ]
    films = [sorted(path.name for path in (x / "samples").glob("epoch_*")) for x in (whole, parts)]
    assert films[0] == films[1]
    for name in films[0]:
        images = [read_image(folder / "samples" / name).array for folder in (whole, parts)]
        np.testing.assert_array_equal(*images)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--network", "NET:sigmoid"], "from 0 to 1"),
        (["--network", "NET:other_shape"], "gives 4 x 4 x 1"),
        (["--network", "NET:generator_alone"], "gives Functional"),
        (["--network", "NET:none"], "no function 'none'"),
        (["--network", "dcgn"], "Choose conditional, dcgan, mlp_gan"),
        (["--network", "conditional"], "none are known"),
        (["--size", "17"], "16 x 16 or 20 x 20"),
        (["--labels", "0=a"], "none are known"),
        (["--option", "depths=3"], "unexpected keyword argument 'depths'"),
        (["--batch-size", 9, "--discriminator-steps", 2], "2 moves of the discriminator"),
        (["--loss", "hinge", "--label-smoothing", 0.1], "no labels to smooth"),
        (["--evaluator", "nowhere"], "There is no run"),
        (["--limit", 1], "The train part has 1 image"),
    ],
)
def test_what_cannot_be_is_said_in_three_lines(app, alone, tmp_path, options, said):
    (tmp_path / "net.py").write_text(NETWORKS)
    options = [str(one).replace("NET", str(tmp_path / "net.py")) for one in options]
    made = ["generate", "--data", alone, "--output", tmp_path / "run", "--steps", 2]
    done = app(*made, *options)
    message = done.err[done.err.index("keras-mia generate:") :].strip()
    assert (done.code, len(message.splitlines())) == (2, 3), done.err
    assert said in message


def test_a_network_of_one_s_own(app, alone, tmp_path):
    (tmp_path / "net.py").write_text(NETWORKS)
    made = [x for x in words(alone, tmp_path / "run") if x not in ("--option", "filters=4")]
    done = app(*made, "--network", f"{tmp_path / 'net.py'}:own")
    assert done.code == 0, done.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("space", "channels"), [((140,), 1), ((140,), 2), ((9, 11), 3), ((9, 11), 4), ((10, 9, 8), 2)]
)
def test_images_of_all_kinds(app, tmp_path, space, channels):
    random = np.random.default_rng(0)
    images = random.normal(size=(24, *space, channels)).astype(np.float32)
    images = images[..., None, :] if len(space) == 1 else images
    np.savez(tmp_path / "a.npz", images=images)
    run = tmp_path / "run"
    done = app(*words(tmp_path / "a.npz", run))
    assert done.code == 0, done.err
    for output in ("made.png", "made.npz", "made"):
        done = app("sample", "--run", run, "--count", 3, "--output", tmp_path / output)
        assert done.code == 0, done.err
    assert len(list((tmp_path / "made").iterdir())) == 3


@pytest.mark.slow
def test_an_evaluator_of_another_run(app, tmp_path):
    images, classes = stripes(60, 16)
    np.savez(tmp_path / "a.npz", images=images, labels=classes)
    done = app(*words(tmp_path / "a.npz", tmp_path / "first"))
    assert done.code == 0, done.err
    given = ("--evaluator", tmp_path / "first")
    done = app(*words(tmp_path / "a.npz", tmp_path / "second", *given))
    assert done.code == 0, done.err
    first, second = (read_json(tmp_path / x / "metrics.json")["mean"] for x in ("first", "second"))
    assert first == second
    done = app(*words(tmp_path / "a.npz", tmp_path / "third", *given, "--size", 24))
    assert (done.code, "of another size" in done.err) == (2, True)


@pytest.mark.slow
def test_two_devices_share_a_batch(labelled, tmp_path):
    done = command(*words(labelled, tmp_path / "run", "--devices", "cpu:2"))
    assert done.returncode == 0, done.stderr
    done = command(
        "sample", "--run", tmp_path / "run", "--count", 3, "--output", tmp_path / "a.npz"
    )
    assert done.returncode == 0, done.stderr
