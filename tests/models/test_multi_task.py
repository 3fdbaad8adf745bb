"""Several answers of one shared network."""

import keras
import numpy as np
import pytest

from keras_mia.models import lenet, multi_task, unet

SPACES = [(16, 16), (8, 8, 8)]


@pytest.mark.parametrize("space", SPACES)
def test_a_label_map_and_a_number_are_learnt_together_each_with_its_loss(space):
    keras.utils.set_random_seed(0)
    shared = unet((*space, 1), 2, filters=4, depth=2, norm="batch")
    model = multi_task(shared, {"volume": (1, None)}, keep="mask")
    model.compile(
        "adam",
        loss={"mask": "sparse_categorical_crossentropy", "volume": "mse"},
        loss_weights={"mask": 1.0, "volume": 0.25},
    )
    generator = np.random.default_rng(0)
    images = generator.normal(size=(4, *space, 1)).astype(np.float32)
    masks = (images[..., 0] > 0).astype(int)
    truth = {"mask": masks, "volume": generator.normal(size=(4, 1))}
    logs = [model.train_on_batch(images, truth, return_dict=True) for _ in range(20)]
    first, last = logs[0], logs[-1]
    assert first["loss"] == pytest.approx(
        first["mask_loss"] + 0.25 * first["volume_loss"], rel=1e-4
    )
    assert last["volume_loss"] < first["volume_loss"]
    deepest = shared.get_layer("bridge_conv_2").output.shape[1:-1]
    assert model.get_layer("shared_mean").input.shape[1:-1] == deepest


def test_heads_take_the_place_of_a_classifiers_last_layer_and_come_back_from_a_file(tmp_path):
    model = multi_task(lenet((16, 16, 1), 7), {"sex": (2, "softmax"), "age": (1, None)})
    shapes = {name: one.shape for name, one in model.output.items()}
    assert shapes == {"sex": (None, 2), "age": (None, 1)}
    assert all(layer.output.shape != (None, 7) for layer in model.layers)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    images = np.random.default_rng(0).normal(size=(2, 16, 16, 1))
    predictions = model.predict(images, verbose=0)
    for name, values in again.predict(images, verbose=0).items():
        np.testing.assert_array_equal(values, predictions[name])


def test_what_cannot_be_shared_is_refused():
    shared = unet((16, 16, 1), 2, filters=4, depth=2)
    with pytest.raises(ValueError, match="named twice"):
        multi_task(shared, {"mask": (1, None)}, keep="mask")
    with pytest.raises(ValueError, match="2 outputs"):
        multi_task(unet((16, 16, 1), 2, filters=4, depth=2, deep_supervision=True), {})
    with pytest.raises(ValueError, match="name the layer"):
        multi_task(unet((None, None, 1), 2, filters=4, depth=2), {"volume": (1, None)})
