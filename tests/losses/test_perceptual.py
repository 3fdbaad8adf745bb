"""The perceptual loss, against its definition written out in NumPy."""

import keras
import numpy as np
import pytest

from keras_mia.losses import Perceptual, WeightedSum
from keras_mia.losses.feature_maps import feature_network, noise
from keras_mia.models import all_convolutional, densenet, lenet, pretrained, resnet, vgg


def classifier(rank=2, channels=1, size=16, norm=False):
    """A network of random weights: two convolutions, pooled, dropout, a dense head."""
    keras.utils.set_random_seed(3)
    conv, pool, gap = (
        getattr(keras.layers, f"{kind}{rank}D")
        for kind in ("Conv", "MaxPooling", "GlobalAveragePooling")
    )
    x = image = keras.Input((*(size,) * rank, channels))
    x = conv(3, 3, padding="same", activation="relu", bias_initializer="normal", name="one")(x)
    x = keras.layers.BatchNormalization(name="norm")(x) if norm else x
    x = pool(name="pool")(x)
    x = keras.layers.Dropout(0.5)(x)
    x = conv(5, 3, padding="same", activation="tanh", bias_initializer="normal", name="two")(x)
    return keras.Model(image, keras.layers.Dense(2)(gap()(x)))


def convolved(images, layer, function):
    """`layer` of pictures, one voxel after the other."""
    kernel, bias = (np.asarray(one, np.float64) for one in layer.get_weights())
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    result = np.zeros((*images.shape[:3], kernel.shape[-1]))
    for row in range(images.shape[1]):
        for column in range(images.shape[2]):
            window = padded[:, row : row + 3, column : column + 3]
            result[:, row, column] = np.einsum("nijc,ijcf->nf", window, kernel) + bias
    return function(result)


def maps(model, images):
    """What the two convolutions give, in float64."""
    fine = convolved(images, model.get_layer("one"), lambda x: np.maximum(x, 0))
    n, rows, columns, filters = fine.shape
    pooled = fine.reshape(n, rows // 2, 2, columns // 2, 2, filters).max((2, 4))
    return fine, convolved(pooled, model.get_layer("two"), np.tanh)


def images_of(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def value(loss, *images):
    return float(keras.ops.convert_to_numpy(loss(*images)))


@pytest.mark.backends
@pytest.mark.parametrize("side", [16, 24])
def test_it_is_the_mean_squared_difference_of_features_in_units_of_noise(side):
    model, truth, made = classifier(), *images_of((2, 3, side, 12, 1))
    loss = Perceptual(model, scale=0.5, offset=1.0, values=(0.0, 1.0), reduction=None)
    expected, patterns = 0.0, maps(model, 0.5 * noise((16, 16, 1), (0.0, 1.0)) + 1)
    for one, other, of_noise in zip(
        maps(model, 0.5 * truth + 1), maps(model, 0.5 * made + 1), patterns, strict=True
    ):
        unit = np.mean((of_noise - np.roll(of_noise, 1, 0)) ** 2)
        expected = expected + np.mean((one - other) ** 2, axis=(1, 2, 3)) / unit / 2
    found = keras.ops.convert_to_numpy(loss(truth, made))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.backends
def test_pictures_of_noise_are_1_apart():
    one, other = noise((64, 64, 1), (-2, 2))[:2][:, None]
    for network in (lenet((32, 32, 1), 3), vgg((32, 32, 1), 3), resnet((32, 32, 1), 3)):
        assert 0.4 < value(Perceptual(network), one, other) < 2.5


def test_gradients_reach_the_images_alone_and_the_network_stays():
    import tensorflow as tf

    model = classifier(norm=True)
    before = model.get_weights()
    loss, images = Perceptual(model, ["norm", "two"]), tf.Variable(images_of((2, 16, 16, 1)))
    with tf.GradientTape() as tape:
        tape.watch([one.value for one in (*model.weights, *loss.network.weights)])
        result = loss(images_of((2, 16, 16, 1), 1), images)
    of_image, *of_network = tape.gradient(
        result, [images, *(one.value for one in model.trainable_variables)]
    )
    assert np.abs(of_image).max() > 0
    assert not [one for one in of_network if one is not None]
    assert not loss.network.trainable_variables

    generator = keras.Sequential(
        [keras.Input((16, 16, 1)), keras.layers.Conv2D(1, 3, padding="same")]
    )
    assert generator.count_params() == 10
    generator.compile("adam", WeightedSum([(1.0, keras.losses.MeanSquaredError()), (0.5, loss)]))
    inside = loss.network.get_weights()
    generator.fit(images_of((4, 16, 16, 1)), images_of((4, 16, 16, 1), 1), verbose=0)
    for one, other in zip(
        (*before, *inside), (*model.get_weights(), *loss.network.get_weights()), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert len(generator.trainable_variables) == 2


@pytest.mark.backends
def test_dropout_and_normalization_rest():
    model = classifier(norm=True)
    model.get_layer("norm").set_weights([np.full(3, one) for one in (1.0, 0.0, 0.3, 2.0)])
    loss, (truth, made) = Perceptual(model), images_of((2, 4, 16, 16, 1))
    results = {value(loss, truth, made) for _ in range(3)}
    assert len(results) == 1
    single = [value(loss, truth[i : i + 1], made[i : i + 1]) for i in range(4)]
    assert results.pop() == pytest.approx(np.mean(single), rel=1e-5)


@pytest.mark.backends
def test_channels_are_matched():
    grey, (truth, made) = classifier(), images_of((2, 2, 16, 16, 1))
    colours = classifier(channels=3)
    three = [np.repeat(one, 3, -1) for one in (truth, made)]
    assert value(Perceptual(colours), truth, made) == pytest.approx(
        value(Perceptual(colours), *three), rel=1e-5
    )
    assert value(Perceptual(grey), *three) == pytest.approx(
        value(Perceptual(grey), truth, made), rel=1e-5
    )
    scales = Perceptual(colours, scale=(1, 2, 3), offset=(0, 1, 0), units=(1, 1))
    by_hand = [one * np.float32([1, 2, 3]) + np.float32([0, 1, 0]) for one in three]
    assert value(scales, *three) == pytest.approx(
        value(Perceptual(colours, units=(1, 1)), *by_hand), rel=1e-5
    )


@pytest.mark.backends
@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_volumes_go_slice_by_slice_through_a_network_of_pictures(axis):
    truth, made = images_of((2, 2, 8, 10, 12, 1))
    loss = Perceptual(classifier(), slice_axis=axis, reduction=None)
    each = [
        keras.ops.convert_to_numpy(
            loss(*(np.take(one, z, 1 + range(3)[axis]) for one in (truth, made)))
        )
        for z in range((8, 10, 12)[axis])
    ]
    whole = keras.ops.convert_to_numpy(loss(truth, made))
    np.testing.assert_allclose(whole, np.mean(each, axis=0), rtol=1e-5)


@pytest.mark.backends
def test_a_network_of_volumes_takes_volumes():
    loss = Perceptual(classifier(3, size=8))
    truth, made = images_of((2, 2, 8, 10, 12, 1))
    assert value(loss, truth, made) > 0
    with pytest.raises(ValueError, match="2 axes of space"):
        loss(truth[:, 0], made[:, 0])


@pytest.mark.parametrize(
    ("network", "layers"),
    [
        (lambda: lenet((32, 32, 1), 3), ["conv_1_tanh", "conv_2_tanh"]),
        (lambda: classifier(), ["one", "two"]),
        (lambda: keras.Sequential([keras.Input((16, 16, 1)), classifier()]), ["one", "two"]),
    ],
    ids=["lenet", "flat", "nested"],
)
def test_the_usual_layers_are_the_last_activations_before_halvings(network, layers):
    chosen = feature_network(network(), None)
    assert [one.name for one in chosen.layers if one.output in chosen.outputs] == layers


@pytest.mark.parametrize(
    ("network", "sides"),
    [
        (lambda: vgg((64, 64, 1), 3), [64, 32, 16, 8, 4]),
        (lambda: resnet((64, 64, 1), 3), [32, 16, 8, 4, 2]),
        (lambda: all_convolutional((32, 32, 1), 3), None),
        (lambda: densenet((32, 32, 1), 3), None),
        (lambda: pretrained("MobileNetV2", (64, 64, 1), 3, weights=None, alpha=0.35), None),
        (lambda: pretrained("MobileNetV3Small", (64, 64, 1), 3, weights=None), None),
    ],
    ids=["vgg", "resnet", "all_convolutional", "densenet", "MobileNetV2", "MobileNetV3Small"],
)
@pytest.mark.slow
def test_every_kind_of_classifier_has_usual_layers(network, sides):
    keras.utils.set_random_seed(0)
    loss = Perceptual(network(), values=(0.0, 255.0))
    found = [one.shape[1] for one in loss.network.outputs]
    assert len(found) >= 2
    assert sorted(found, reverse=True) == found
    assert sides in (None, found)
    truth, made = 128 + 50 * images_of((2, 1, 48, 48, 1))
    assert 0 < value(loss, truth, made) < 10


def test_layers_are_named_or_of_a_kind():
    model = classifier()
    assert len(feature_network(model, "pool").outputs) == 1
    assert len(feature_network(model, ["Conv2D", "pool"]).outputs) == 3
    assert (
        len(
            feature_network(
                keras.Model(model.input, model.get_layer("pool").output), "outputs"
            ).outputs
        )
        == 1
    )
    for layers, text in (
        (["dense"], "no layer dense"),
        ((), "no layer"),
        (["GlobalAveragePooling2D"], "are maps"),
    ):
        with pytest.raises(ValueError, match=text):
            feature_network(model, layers)


def test_networks_of_half_precision_are_copied_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = classifier()
        loss = Perceptual(model)
    finally:
        keras.config.set_dtype_policy("float32")
    wide = classifier()
    wide.set_weights(model.get_weights())
    truth, made = images_of((2, 1, 16, 16, 1))
    assert value(loss, truth, made) == value(Perceptual(wide), truth, made)


def test_what_makes_no_sense_is_refused():
    model = classifier(channels=3)
    for options, text in (
        ({"values": (1.0, 1.0)}, "lowest and the highest"),
        ({"units": (1.0,)}, "unit above 0"),
        ({"units": (1.0, 0.0)}, "unit above 0"),
    ):
        with pytest.raises(ValueError, match=text):
            Perceptual(model, **options)
    with pytest.raises(ValueError, match="functional or sequential"):
        Perceptual(keras.Sequential([keras.layers.Dense(2)]))
    dead = classifier()
    dead.get_layer("two").set_weights(
        [np.zeros_like(one) for one in dead.get_layer("two").get_weights()]
    )
    with pytest.raises(ValueError, match="same of all images"):
        Perceptual(dead)
    with pytest.raises(ValueError, match="too small"):
        Perceptual(lenet((32, 32, 1), 2), "pool_1")(*images_of((2, 1, 5, 8, 1)))
    with pytest.raises(ValueError, match="2 channels, the network takes 3"):
        Perceptual(model)(*images_of((2, 1, 16, 16, 2)))


@pytest.mark.slow
def test_a_game_with_it_is_saved_and_loaded(tmp_path):
    from keras_mia.models import pix2pix

    keras.utils.set_random_seed(0)
    distance = WeightedSum(
        [(1.0, keras.losses.MeanAbsoluteError()), (0.1, Perceptual(classifier()))]
    )
    gan = pix2pix((16, 16, 1), filters=2, depth=1, discriminator_filters=2, discriminator_depth=1)
    gan.compile(loss="least_squares", weight=10.0, distance=distance)
    sources, targets = images_of((2, 4, 16, 16, 1))
    gan.fit(sources, targets, batch_size=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert value(again.distance, targets, sources) == value(distance, targets, sources)
    losses = [
        one.fit(sources, targets, batch_size=2, shuffle=False, verbose=0).history
        for one in (gan, again)
    ]
    assert losses[0]["generator_loss"] == pytest.approx(losses[1]["generator_loss"], rel=1e-5)
