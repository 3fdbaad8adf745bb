"""What losses of whole images, and sums of losses, promise."""

import inspect

import keras
import numpy as np
import pytest

from tests.contract.losses import OF_KERAS, value
from tests.contract.whole_losses import BATCH, WHOLE_LOSSES

pytestmark = pytest.mark.backends
every_row = pytest.mark.parametrize("row", WHOLE_LOSSES, ids=str)


@every_row
def test_it_is_a_float32_number_of_0_or_more_that_knows_no_order(row):
    truth, logits = row.example()
    result = row()(truth, row.guess(logits))
    assert keras.backend.standardize_dtype(result.dtype) == "float32"
    assert tuple(result.shape) == ()
    assert float(result) > 0
    in_reverse = value(row(), truth[::-1], row.guess(logits)[::-1])
    assert in_reverse == pytest.approx(float(result), rel=1e-6)


@every_row
def test_the_truth_costs_nothing(row):
    truth, logits = row.example()
    assert value(row(), truth, row.certain(truth)) < 1e-5 < value(row(), truth, row.guess(logits))


@every_row
def test_every_option_changes_the_value(row):
    truth, logits = row.example()
    guess = row.guess(logits)
    own_options = set(inspect.signature(row.make).parameters) - OF_KERAS - set(row.options)
    assert own_options == set(row.toggles)
    base = value(row(), truth, guess)
    for name, other in row.toggles.items():
        assert value(row(**{name: other}), truth, guess) != base, name
    with pytest.raises((TypeError, ValueError), match="nonsense"):
        row(nonsense=1)


@every_row
def test_its_config_makes_the_same_again(row):
    truth, logits = row.example()
    loss = row(name="mine", **row.toggles)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert type(again) is row.make
    assert again.name == "mine"
    assert value(again, truth, row.guess(logits)) == value(loss, truth, row.guess(logits))


@every_row
def test_half_precision_is_computed_in_float32(row):
    truth, logits = row.example()
    half = keras.ops.cast(row.guess(logits), "bfloat16")
    back = keras.ops.convert_to_numpy(keras.ops.cast(half, "float32"))
    result = row()(truth, half)
    assert keras.backend.standardize_dtype(result.dtype) == "float32"
    assert float(result) == pytest.approx(value(row(), truth, back), rel=1e-2)


@every_row
def test_weights_count_images(row):
    truth, logits = row.example()
    guess, weights = row.guess(logits), np.array([2.0, 0, 0, 1, 0, 0.5])
    each = [value(row(), truth[i : i + 1], guess[i : i + 1]) for i in range(BATCH)]
    result = value(row(), truth, guess, sample_weight=weights)
    assert result == pytest.approx(float(np.mean(weights * each)), rel=1e-4)
    assert value(row(), truth, guess, sample_weight=3 * weights) == pytest.approx(3 * result)
    with pytest.raises(ValueError, match="sample_weight"):
        row()(truth, guess, sample_weight=np.ones(BATCH - 1))


@every_row
def test_what_is_no_truth_is_refused(row):
    truth, logits = row.example()
    with pytest.raises(ValueError):
        row()(row.no_truth(truth), row.guess(logits))
    with pytest.raises(ValueError):
        row()(truth[..., :-1], row.guess(logits))


@every_row
def test_training_lowers_it_and_saving_keeps_it(row, tmp_path):
    keras.utils.set_random_seed(0)
    truth, images = row.example()
    inputs = keras.Input(row.shape)
    outputs = keras.layers.Dense(3)(inputs)
    outputs = keras.layers.Activation(row.activation, dtype="float32")(outputs)
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.SGD(0.2), row(), jit_compile=False)
    course = model.fit(images, truth, epochs=4, verbose=0).history["loss"]
    assert course[-1] < course[0]
    after = model.evaluate(images, truth, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.evaluate(images, truth, verbose=0) == after
