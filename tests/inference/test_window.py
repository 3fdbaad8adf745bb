import keras
import numpy as np
import pytest

from keras_mia.inference.window import SlidingWindow


def network(rank, classes=3, channels=2):
    """A convolution of one voxel: its answer must not depend on windows or mirroring."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((*[None] * rank, channels))
    layer = getattr(keras.layers, f"Conv{rank}D")(classes, 1, activation="softmax")
    return keras.Model(inputs, layer(inputs))


def whole(window, array):
    parts = list(window.blocks(array))
    rows = [row for row, _ in parts]
    assert rows == list(np.cumsum([0, *(len(block) for _, block in parts)])[:-1])
    return np.concatenate([block for _, block in parts])


@pytest.mark.parametrize(
    ("space", "window"),
    [
        ((23, 17), (8, 8)),
        ((5, 30), (8, 8)),
        ((8, 8), (8, 8)),
        ((13, 9, 20), (6, 8, 8)),
        ((3, 3, 3), (8, 8, 8)),
        ((40,), (16,)),
    ],
)
@pytest.mark.parametrize("mirror", [False, True])
def test_windows_blend_to_what_the_whole_image_gives(space, window, mirror):
    rank = len(space)
    model = network(rank)
    array = np.random.default_rng(0).normal(size=(*space, 2)).astype(np.float32)
    sliding = SlidingWindow(model, window, mirror=range(rank) if mirror else ())
    np.testing.assert_allclose(whole(sliding, array), model(array[None])[0], atol=1e-5)


def test_a_2d_network_goes_through_a_volume_slice_by_slice():
    model = network(2)
    array = np.random.default_rng(0).normal(size=(7, 20, 11, 2)).astype(np.float32)
    result = whole(SlidingWindow(model, (8, 8), batch_size=3), array)
    np.testing.assert_allclose(result, model(array), atol=1e-5)


def test_several_networks_are_averaged():
    models = [network(2), network(2)]
    models[1].set_weights([models[0].get_weights()[0] + 1, np.ones(3)])
    array = np.ones((9, 9, 2), np.float32)
    mean = sum(model(array[None])[0].numpy() for model in models) / 2
    np.testing.assert_allclose(whole(SlidingWindow(models, (8, 8)), array), mean, atol=1e-5)


def test_mirrored_predictions_are_mirrored_back():
    """A network that answers with the position's own side is made symmetric by mirroring."""
    inputs = keras.Input((8, 1))
    right = np.linspace(0, 1, 8, dtype=np.float32).reshape(1, 8, 1)
    model = keras.Model(inputs, inputs * 0 + right)
    result = whole(SlidingWindow(model, (8,), mirror=(0,)), np.zeros((8, 1), np.float32))
    np.testing.assert_allclose(result, 0.5, atol=1e-6)


def test_exchanged_axes_are_exchanged_back():
    """The same for all eight ways a square can lie: each corner is what the first one is."""
    inputs = keras.Input((8, 8, 1))
    corner = np.zeros((1, 8, 8, 1), np.float32)
    corner[0, 1, 2] = 8
    model = keras.Model(inputs, inputs * 0 + corner)
    sliding = SlidingWindow(model, (8, 8), mirror=(0, 1), transpose=(0, 1))
    result = whole(sliding, np.zeros((8, 8, 1), np.float32))[..., 0]
    positions = {(1, 2), (1, 5), (6, 2), (6, 5), (2, 1), (5, 1), (2, 6), (5, 6)}
    assert {tuple(position) for position in np.argwhere(result)} == positions
    np.testing.assert_allclose(result[result > 0], 1, atol=1e-6)
    with pytest.raises(ValueError, match="differ in length"):
        SlidingWindow(network(2), (8, 16), transpose=(0, 1))


def test_no_more_than_a_window_of_probabilities_is_held():
    sliding = SlidingWindow(network(2, channels=1), (16, 16))
    blocks = [block for _, block in sliding.blocks(np.zeros((400, 16, 1), np.float32))]
    assert max(map(len, blocks)) <= 16
    assert sum(map(len, blocks)) == 400


def test_much_is_given_away_in_small_pieces(monkeypatch):
    model = network(2)
    array = np.random.default_rng(0).normal(size=(23, 17, 2)).astype(np.float32)
    sliding = SlidingWindow(model, (8, 8))
    monkeypatch.setattr("keras_mia.inference.window.PIECE", 2 * 17 * 3 * 4)  # two rows
    assert max(len(block) for _, block in sliding.blocks(array)) == 2
    np.testing.assert_allclose(whole(sliding, array), model(array[None])[0], atol=1e-5)
