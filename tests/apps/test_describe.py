"""`keras-mia describe` as a user calls it."""

import numpy as np
import PIL.Image
import pytest

from keras_mia.report.pictures.colors import rgb
from keras_mia.report.pictures.layer_boxes import KINDS

LENET = ["--network", "lenet", "--input-shape", 32, 32, 1, "--classes", 10]
OWN = """
import keras

def tiny(input_shape, classes, *, filters=4):
    inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(filters, 3, name="first")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x + 1)
    return keras.Model(inputs, keras.layers.Dense(classes)(x), name="tiny")
"""


def rows(out):
    """The table's lines by their first word."""
    return {line.split()[0]: line for line in out.splitlines() if line.strip()}


def test_the_table_of_a_network(app):
    done = app("describe", *LENET)
    assert done.code == 0, done.err
    found = rows(done.out)
    assert "28 x 28 x 6" in found["conv_1"]
    assert "117,600" in found["conv_1"]
    assert found["conv_1"].endswith("5 x 5")
    assert "61,706" in found["Total"]
    assert "416,520" in found["Total"]


def test_options_go_to_the_builder(app):
    done = app("describe", *LENET, "--option", "variant=lecture", "--option", "pooling=average")
    assert done.code == 0, done.err
    assert "28 x 28 x 8" in rows(done.out)["conv_1"]
    assert "(AveragePooling2D)" in rows(done.out)["pool_1"]
    more = ["--option", "depth=(1, 1)", "--option", "norm=None", "--option", "stem=plain"]
    done = app("describe", "--network", "resnet", "--input-shape", 16, 16, 8, 1, *more)
    assert done.code == 0, done.err
    assert "stage_2_block_1_conv_1" in rows(done.out)
    assert "stage_2_block_1_norm_1" not in rows(done.out)


def test_a_network_that_would_fit_nowhere(app):
    done = app("describe", "--network", "vgg", "--input-shape", 512, 512, 512, 1)
    assert done.code == 0, done.err
    assert "8,589,938,688" in rows(done.out)["hidden_1_dense"]


def test_ones_own_network(app, tmp_path):
    (tmp_path / "net.py").write_text(OWN)
    network = ["--network", f"{tmp_path / 'net.py'}:tiny", "--input-shape", 8, 8, 1]
    done = app("describe", *network, "--option", "filters=7")
    assert done.code == 0, done.err
    assert "6 x 6 x 7" in rows(done.out)["first"]
    assert str(7 * 9 + 7 + 2 * 7 + 2) in rows(done.out)["Total"]
    assert app("describe", *network, "--option", "width=7").code == 2


def test_the_best_network_of_a_run(app, stand_in, tmp_path):
    done = app("describe", "--run", stand_in(tmp_path / "run"))
    assert done.code == 0, done.err
    assert "16 x 16 x 16 x 2" in done.out
    assert rows(done.out)["Total"].split()[2] == "4"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--network", "lenett", "--input-shape", 32, 32, 1], "alexnet, all_convolutional, "),
        (["--network", "lenet"], "Give --input-shape"),
        (["--network", "lenet", "--input-shape", 8, 8, 1], "at least 16"),
        ([*LENET, "--option", "depth=3"], "It has variant, pooling, nonlinearity"),
        ([*LENET, "--option", "variant=1989"], "variant is one of"),
        ([*LENET, "--option", "variant"], "NAME=VALUE"),
        ([*LENET, "--picture", "lenet.txt"], ".png, .svg, .pdf"),
        (["--network", "nowhere.py:net", "--input-shape", 8, 8, 1], "FILE.py:FUNCTION"),
        (["--run", "nowhere"], "not the folder of a run"),
    ],
)
def test_a_problem_has_three_lines_and_no_traceback(app, words, said):
    done = app("describe", *words)
    assert done.code == 2
    assert said in done.err
    assert "  remedy: " in done.err
    assert "Traceback" not in done.err


def test_a_picture_shows_every_kind_of_layer(app, tmp_path):
    file = tmp_path / "pictures" / "lenet.png"
    done = app("describe", *LENET, "--picture", file)
    assert done.code == 0, done.err
    pixels = np.asarray(PIL.Image.open(file).convert("RGB"))
    shown = {kind.name for kind in KINDS if (pixels == rgb(kind.color)).all(-1).sum() > 1000}
    assert shown - {"other"} == {"image", "convolution", "pooling", "flattened", "dense"}
    done = app("describe", *LENET, "--picture", file)
    assert done.code == 2
    assert "--overwrite" in done.err
    assert app("describe", *LENET, "--picture", file, "--overwrite").code == 0


@pytest.mark.parametrize("name", ["dcgan", "mlp_gan", "conditional"])
def test_of_a_gan_the_generator_is_described(app, name):
    done = app("describe", "--network", name, "--input-shape", 8, 8, 1, "--option", "latent=7")
    assert done.code == 0, done.err
    assert "latent" in done.out
    assert "8 x 8 x 1" in done.out
