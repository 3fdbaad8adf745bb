"""Networks of `keras.applications` in one graph, with weights from files."""

import inspect
import urllib.error
import warnings

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.core.problem import Problem
from keras_mia.layers.normalization import BatchNormalization
from keras_mia.models import inflate, pretrained
from keras_mia.models.copying import flatten_network
from keras_mia.models.imagenet.networks import SCALE_THEMSELVES, scaled
from keras_mia.models.imagenet.pretrained import COPIES
from keras_mia.models.imagenet.saved import fill, saved_layers
from keras_mia.models.imagenet.table import NETWORKS, STANDARD
from tests.published_weights import publish

pytestmark = pytest.mark.slow


def images(*shape):
    return np.random.default_rng(0).uniform(0, 255, shape).astype("float32")


def features(model, x):
    """What goes into the new last layers."""
    return keras.Model(model.input, model.get_layer("mean").input)(x)


@pytest.fixture
def mobilenet(data):
    """ImageNet weights of MobileNetV2 as Keras publishes them."""
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    path = data / "weights" / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return path


def test_published_weights_give_what_keras_gives_for_rgb_and_gray(mobilenet, monkeypatch):
    x = images(2, 64, 64, 1)
    rgb = x.repeat(3, -1)
    theirs = keras.applications.MobileNetV2(
        (64, 64, 3), alpha=0.35, include_top=False, weights=str(mobilenet)
    )
    expected = theirs(keras.applications.mobilenet_v2.preprocess_input(rgb.copy()))
    assert np.std(expected) > 0.1
    options = {"weights": mobilenet, "alpha": 0.35}
    color = pretrained("mobilenetv2", (64, 64, 3), 2, **options)
    np.testing.assert_allclose(features(color, rgb), expected, atol=1e-4)
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", lambda *_, **__: str(mobilenet))
    repeated = pretrained("MobileNetV2", (64, 64, 1), 2, weights="imagenet", alpha=0.35)
    np.testing.assert_allclose(features(repeated, x), expected, atol=1e-4)
    summed = pretrained("MobileNetV2", (64, 64, 1), 2, gray="sum", **options)
    np.testing.assert_allclose(features(summed, x), expected, atol=1e-4)
    assert summed.get_layer("Conv1").kernel.shape == (3, 3, 1, 16)
    assert color.count_params() - summed.count_params() == 3 * 3 * 2 * 16


@pytest.fixture(scope="module")
def vgg():
    """VGG16 as `keras.applications` has it, with random weights."""
    keras.utils.set_random_seed(0)
    return keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))


def topped(body):
    """The network with layers behind it, as Keras publishes it too."""
    x = keras.layers.Flatten(name="flatten")(body.output)
    return keras.Model(body.input, keras.layers.Dense(4, name="predictions")(x))


def nested(body):
    """The network inside a network."""
    inputs = keras.Input((32, 32, 3))
    return keras.Model(inputs, keras.layers.Flatten()(body(inputs)))


@pytest.mark.parametrize(
    ("file", "save"),
    [
        ("vgg16_weights_notop.h5", publish),
        ("vgg16_weights.h5", lambda body, path: publish(topped(body), path)),
        ("whole.h5", lambda body, path: nested(body).save(path)),
        ("whole.keras", lambda body, path: nested(body).save(path)),
        ("body.weights.h5", lambda body, path: body.save_weights(path)),
    ],
)
def test_weights_of_every_kind_of_file(vgg, tmp_path, file, save):
    save(vgg, tmp_path / file)
    x = images(1, 32, 32, 3)
    expected = vgg(keras.applications.vgg16.preprocess_input(x.copy()))
    model = pretrained("VGG16", (32, 32, 3), 2, weights=tmp_path / file)
    np.testing.assert_allclose(features(model, x), expected, rtol=1e-4, atol=1e-4)


def test_weights_are_not_made_more_often_than_a_check_of_memory_takes_it(vgg, tmp_path):
    vgg.save_weights(tmp_path / "body.weights.h5")
    counts = []

    def create(next_creator, **options):
        variable = next_creator(**options)
        counts.append(int(np.prod(variable.shape)))
        return variable

    for shape in ((32, 32, 1), (32, 32, 32, 1)):
        counts.clear()
        with tf.variable_creator_scope(create):
            model = pretrained("VGG16", shape, 2, weights=tmp_path / "body.weights.h5")
        assert model.count_params() < sum(counts) <= COPIES * model.count_params()


@pytest.mark.parametrize("file", ["run.keras", "run.weights.h5"])
def test_weights_of_ones_own_run(tmp_path, file):
    first = pretrained("VGG16", (32, 32, 3), 2, weights=None, dropout=0.5, activation=None)
    (first.save if file.endswith(".keras") else first.save_weights)(tmp_path / file)
    second = pretrained("VGG16", (32, 32, 3), 5, weights=tmp_path / file)
    x = images(2, 32, 32, 3)
    np.testing.assert_array_equal(features(second, x), features(first, x))
    assert second.output_shape == (None, 5)
    if file.endswith(".keras"):
        np.testing.assert_array_equal(keras.saving.load_model(tmp_path / file)(x), first(x))


def test_a_copy_is_flat_fused_and_named_by_itself():
    def build():
        x = inputs = keras.Input((8, 8, 1))
        down = keras.Sequential([keras.layers.Conv2D(4, 2, 2), keras.layers.BatchNormalization()])
        x = down(x)
        x = x + keras.layers.Conv2D(4, 3, padding="same")(x)
        return keras.Model(inputs, keras.layers.Dense(2, name="head")(x), name="small")

    model = build()
    for layer in model.layers:
        layer.set_weights([np.random.normal(size=w.shape) ** 2 for w in layer.weights])
    copy, other = flatten_network(model), flatten_network(build())
    x = images(2, 8, 8, 1)
    np.testing.assert_allclose(copy(x), model(x), rtol=1e-5)
    names = [layer.name for layer in copy.layers[1:]]
    assert names == ["conv2d_1", "batch_normalization_1", "conv2d_2", "head"]
    assert type(copy.layers[2]) is BatchNormalization
    assert [operation.name for operation in other.operations[1:]] == [
        operation.name for operation in copy.operations[1:]
    ]


MODULES = {
    "Xception": "xception",
    "VGG16": "vgg16",
    "ResNet50": "resnet",
    "ResNet50V2": "resnet_v2",
    "InceptionV3": "inception_v3",
    "InceptionResNetV2": "inception_resnet_v2",
    "MobileNet": "mobilenet",
    "MobileNetV2": "mobilenet_v2",
    "DenseNet121": "densenet",
    "NASNetMobile": "nasnet",
}


@pytest.mark.parametrize(("name", "module"), MODULES.items())
def test_pixels_are_scaled_as_keras_does(name, module):
    x = images(1, 4, 4, 3)
    expected = getattr(keras.applications, module).preprocess_input(x.copy())
    np.testing.assert_allclose(scaled(x, NETWORKS[name].scaling, "repeat"), expected, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["MobileNetV3Small", "EfficientNetV2B0", "EfficientNetV2S", "ConvNeXtTiny"]
)
def test_pixels_are_scaled_as_the_network_itself_does(name):
    build = getattr(keras.applications, name)
    theirs = build(include_top=False, weights=None, input_shape=(32, 32, 3))
    first = next(layer for layer in theirs.layers if layer.weights)
    x = images(1, 32, 32, 3)
    expected = keras.Model(theirs.input, first.input)(x)
    np.testing.assert_allclose(scaled(x, NETWORKS[name].scaling, "repeat"), expected, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((name, {}) for name in MODULES),
        ("MobileNet", {"alpha": 0.5}),
        ("MobileNetV3Small", {"minimalistic": True}),
        ("EfficientNetV2B0", {}),
        ("EfficientNetV2S", {}),
        ("ConvNeXtTiny", {}),
    ],
)
def test_every_family_gives_what_keras_gives(name, options, tmp_path):
    x = images(1, 96, 96, 3)
    theirs = getattr(keras.applications, name)(
        include_top=False, weights=None, input_shape=(96, 96, 3), **options
    )
    theirs.save(tmp_path / "theirs.keras")
    as_they_take_it = x.copy()
    if name in MODULES:
        as_they_take_it = getattr(keras.applications, MODULES[name]).preprocess_input(x.copy())
    expected = np.array(theirs(as_they_take_it))
    file = tmp_path / "theirs.keras"
    model = pretrained(name.upper(), (96, 96, 3), 2, weights=file, **options)
    tolerance = 1e-3 * np.abs(expected).max()
    np.testing.assert_allclose(features(model, x), expected, atol=tolerance)
    assert not [layer.name for layer in model.layers if isinstance(layer, keras.Model)]
    model.save(tmp_path / "ours.keras")
    loaded = keras.saving.load_model(tmp_path / "ours.keras")
    np.testing.assert_array_equal(loaded(x), model(x))


@pytest.mark.parametrize("name", NETWORKS)
def test_keras_has_the_network_and_its_options(name):
    options = inspect.signature(getattr(keras.applications, name)).parameters
    assert {"include_top", "weights", "input_tensor", "input_shape"} <= set(options)
    assert set(NETWORKS[name].options) <= set(options)
    assert ("include_preprocessing" in options) == name.startswith(SCALE_THEMSELVES)


def test_without_a_network_it_says_which_file_to_fetch(monkeypatch, tmp_path):
    def unreachable(*args, **options):
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", unreachable)
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))
    with pytest.raises(Problem) as raised:
        pretrained("MobileNetV2", (96, 96, 3), 2, alpha=0.35)
    file = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    assert raised.value.where.endswith(file)
    assert f"--weights PATH/{file}" in raised.value.remedy
    assert "~/.keras/models" in raised.value.remedy


def small(weights=None, filters=8):
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, name="first")(inputs)
    model = keras.Model(inputs, keras.layers.Conv2D(filters, 3, name="second")(x), name="small")
    assert weights is None
    return model


def test_files_that_cannot_be_read_are_refused(tmp_path):
    def refused(name):
        with pytest.raises(Problem) as raised:
            saved_layers(tmp_path / name, small)
        assert raised.value.where == tmp_path / name
        return raised.value.what

    assert "no such file" in refused("missing.h5")
    publish(small(), tmp_path / "whole.h5")
    assert [name for name, _ in saved_layers(tmp_path / "whole.h5", small)] == ["first", "second"]
    (tmp_path / "torn.h5").write_bytes((tmp_path / "whole.h5").read_bytes()[:1000])
    assert "cannot be read" in refused("torn.h5")
    h5py.File(tmp_path / "empty.h5", "w").close()
    assert "no layer_names" in refused("empty.h5")
    small(filters=9).save_weights(tmp_path / "other.weights.h5")
    assert "cannot be read" in refused("other.weights.h5")
    (tmp_path / "text.keras").write_text("weights")
    assert "cannot be read" in refused("text.keras")


def test_weights_that_do_not_fit_are_refused_by_the_layers_name(tmp_path):
    publish(small(filters=9), tmp_path / "other.h5")
    saved = saved_layers(tmp_path / "other.h5", small)
    with pytest.raises(Problem, match="Layer second needs weights of") as raised:
        fill(small(), saved, "other.h5", STANDARD)
    assert raised.value.where == "other.h5"
    with pytest.raises(Problem, match="weights of 1 layers, small needs 2"):
        fill(small(), saved[:1], "other.h5", STANDARD)


@pytest.mark.parametrize(
    ("name", "shape", "options", "message"),
    [
        ("VGG15", (64, 64, 1), {}, "VGG16, VGG19"),
        ("VGG16", (64, 64, 2), {}, "1 or 3 channels"),
        ("VGG16", (64, 1), {}, "images or volumes"),
        ("InceptionV3", (64, 64, 3), {}, "at least 75"),
        ("MobileNetV2", (64, 64, 64, 1), {"alpha": 0.35}, "has no twin for volumes"),
    ],
)
def test_problems_are_named(name, shape, options, message):
    with pytest.raises(Problem, match=message):
        pretrained(name, shape, 2, weights=None, **options)


def test_options_of_another_network_are_refused():
    with pytest.raises(TypeError, match="VGG16 has no option 'alpha'"):
        pretrained("VGG16", (64, 64, 1), 2, weights=None, alpha=0.5)
    with pytest.raises(ValueError, match="gray is one of"):
        pretrained("VGG16", (64, 64, 1), 2, weights=None, gray="red")


def beginning(model):
    """Up to the first layer with weights."""
    first = next(layer for layer in model.layers if layer.weights)
    return keras.Model(model.inputs, first.output)


@pytest.mark.parametrize(
    ("name", "channels"), [("VGG16", 2), ("DenseNet121", 2), ("MobileNetV2", 1)]
)
def test_summed_kernels_give_what_a_repeated_gray_channel_gives(name, channels, tmp_path):
    """Whatever the scaling is: of Caffe, of torch, from -1 to 1; at the borders and in 3D too."""
    keras.utils.set_random_seed(0)
    repeated = pretrained(name, (32, 32, 1), 2, weights=None)
    repeated.save(tmp_path / "rgb.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summed = pretrained(name, (32, 32, 1), 2, weights=tmp_path / "rgb.keras", gray="sum")
    summed.get_layer("head").set_weights(repeated.get_layer("head").get_weights())
    x = images(2, 32, 32, 1)
    expected, result = (beginning(model)(x) for model in (repeated, summed))
    assert next(w for w in summed.weights if len(w.shape) == 4).shape[-2] == channels
    size = float(np.std(expected))
    assert size > 0.1
    np.testing.assert_allclose(result, expected, atol=1e-5 * size)
    np.testing.assert_allclose(summed(x), repeated(x), atol=1e-5)
    volumes = images(1, 32, 32, 5, 1)
    expected, result = (
        inflate(beginning(model), (32, 32, 5, 1))(volumes) for model in (repeated, summed)
    )
    np.testing.assert_allclose(result, expected, atol=1e-5 * size)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_scaled_colors_and_one_gray_channel_are_worth_the_same(name):
    scaling = NETWORKS[name].scaling
    kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 4))
    gray = np.random.default_rng(1).uniform(0, 255, (3, 3, 1))
    colors = gray * scaling.scale + scaling.offset
    scale, offset = scaling.of_gray()
    scaled = gray * scale + offset
    expected = np.einsum("xyc,xycf->f", colors, kernel)
    result = np.einsum("xyc,xycf->f", scaled, scaling.for_gray(kernel))
    np.testing.assert_allclose(result, expected, rtol=1e-9)
