"""Fitting pretrained networks to one's own images, as a user does."""

import keras
import numpy as np
import pytest

from keras_mia.core.files.text_files import read_json
from keras_mia.data.io.image_io import write_image
from keras_mia.models import pretrained
from keras_mia.training.runs.run import Run
from tests.published_weights import publish

FILE = "weights/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Real handwritten digits, 0 and 1, in a folder a class."""
    from sklearn.datasets import load_digits

    folder = tmp_path_factory.mktemp("digits")
    found = load_digits(n_class=2)
    for i, (image, label) in enumerate(zip(found.images[:60], found.target, strict=False)):
        path = folder / f"digit_{label}" / f"{i:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, (image * 15).astype(np.uint8))
    return folder


def words(digits, output, *more):
    return [
        *("finetune", "--data", digits, "--output", output, "--size", "32", "--steps", 4),
        *("--option", "alpha=0.35", "--precision", "float32", *more),
    ]


@pytest.mark.slow
def test_from_weights_in_a_file_to_answers(app, data, digits, tmp_path):
    run = tmp_path / "run"
    frozen = ("--freeze", "block_13_expand_relu")
    done = app(*words(digits, run, "--weights", data / FILE, *frozen))
    assert done.code == 0, done.err
    assert "The last layer alone, on frozen features: validation" in done.out
    assert read_json(run / "metrics.json")["mean"]["auc"] > 0.9
    plan = read_json(run / "plan.json")
    assert (plan["network"], plan["normalization"]) == ("MobileNetV2", "pixels")
    told = app("predict", "--run", run, "--data", digits / "digit_1", "--output", tmp_path / "out")
    assert told.code == 0, told.err

    best = Run(run).best_model()
    first = pretrained("MobileNetV2", (32, 32, 1), 2, weights=data / FILE, alpha=0.35)
    for layer in first.layers[:20]:
        for before, after in zip(
            layer.get_weights(), best.get_layer(layer.name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(before, after)


@pytest.mark.slow
def test_vgg16_from_a_file_as_keras_publishes_it(app, digits, tmp_path):
    theirs = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    publish(theirs, tmp_path / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5")
    run = tmp_path / "run"
    done = app(
        *("finetune", "--data", digits, "--output", run, "--size", "32", "--steps", 4),
        *("--network", "VGG16", "--freeze", "block4_pool", "--precision", "float32"),
        *("--weights", tmp_path / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    )
    assert done.code == 0, done.err
    best = Run(run).best_model()
    for name, same in (("block4_conv3", True), ("block5_conv3", False)):
        published, fitted = (model.get_layer(name).kernel for model in (theirs, best))
        assert np.array_equal(published, fitted) == same


@pytest.mark.slow
def test_folds_are_fitted_one_after_the_other(app, digits, tmp_path):
    run = tmp_path / "run"
    done = app(*words(digits, run, "--weights", "none", "--folds", 2, "--validations", 1))
    assert done.code == 0, done.err
    assert read_json(run / "metrics.json")["cases"] == 60
    kept = [read_json(run / f"fold_{fold}" / "run.json") for fold in (1, 2)]
    assert [one["fold"] for one in kept] == ["1/2", "2/2"]
    assert f"{run}-again/fold_2 --fold 2/2" in kept[1]["repeat"]
    together = read_json(run / "run.json")["repeat"]
    assert f"{run}-again --folds 2" in together


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--weights", "none", "--network", "VGG61"], "No pretrained network"),
        (["--weights", "none", "--freeze", "block_99"], "no layer 'block_99'"),
        (["--weights", "none", "--option", "depth=3"], "no option 'depth'"),
        (["--weights", "nowhere.h5"], "nowhere.h5"),
    ],
)
def test_what_cannot_be_done_is_said(app, digits, tmp_path, more, said):
    done = app(*words(digits, tmp_path / "run", *more))
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
