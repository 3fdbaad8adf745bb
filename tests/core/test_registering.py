"""Keras opens saved models of the package once it is imported, in either order."""

import importlib
import pkgutil
import subprocess
import sys

import keras
import numpy as np
import pytest

import keras_mia
from keras_mia import layers, losses, metrics, models, training
from keras_mia.core.registering import Placeholder, registered_names
from keras_mia.training.runs.network_file import load_network


def test_every_class_that_is_registered_has_its_place():
    for package in (layers, losses, metrics, models, training):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    registry = keras.saving.get_custom_objects()
    ours = {name for name in registry if name.startswith("keras_mia")}
    assert ours == set(registered_names())
    for name, placeholder in registered_names().items():
        assert registry[name] is getattr(
            importlib.import_module(placeholder.module), placeholder.name
        )
        assert isinstance(placeholder, Placeholder)


def test_rooms_are_attributes():
    for package in ("interpret", "layers", "data", "losses", "metrics", "models", "training"):
        assert package in dir(keras_mia)
        assert getattr(keras_mia, package).__name__ == f"keras_mia.{package}"
    assert layers.InstanceNormalization().name.startswith("instance_normalization")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A U-Net with a loss, a metric and an optimizer of the package, in both formats."""
    folder = tmp_path_factory.mktemp("saved")
    model = models.unet((16, 16, 1), 2, filters=4, depth=1)
    loss = losses.WeightedSum([(1, losses.CrossEntropy()), (1, losses.Dice())])
    model.compile(training.Muon(), loss=loss, metrics=[metrics.Dice(2)])
    model.train_on_batch(np.zeros((1, 16, 16, 1)), np.zeros((1, 16, 16), int))
    model.save(folder / "model.keras")
    model.save(folder / "model.h5")
    return folder


@pytest.mark.parametrize("kind", ["str", "Path"])
def test_a_path_may_be_text(folder, kind):
    path = folder / "model.keras"
    assert load_network(path if kind == "Path" else str(path)).name == "unet"


@pytest.mark.slow
@pytest.mark.parametrize(
    "first",
    [
        "import keras_mia; assert not {'keras', 'tensorflow'} & set(sys.modules); import keras",
        "import keras; import keras_mia",
        "import keras_mia, tensorflow as tf; keras = tf.keras",
        "from keras_mia import losses; losses.Dice; import keras",
    ],
)
def test_keras_opens_them(folder, first):
    code = (
        f"import sys; {first}\n"
        f"for file in ('model.keras', 'model.h5'):\n"
        f"    model = keras.models.load_model({str(folder)!r} + '/' + file)\n"
        "    kinds = {type(one).__module__ for one in model.layers}\n"
        "    assert 'keras_mia.layers.normalization' in kinds, kinds\n"
        "    print(type(model.loss).__name__, type(model.optimizer).__name__, model.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "WeightedSum Muon unet\n" * 2, done.stderr[-2000:]
