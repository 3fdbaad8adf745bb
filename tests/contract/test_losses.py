"""Every loss of label maps and Keras metric: shapes, options, saving, training."""

import inspect

import keras
import numpy as np
import pytest

from keras_mia import metrics
from tests.contract.losses import (
    IGNORED,
    LOSSES,
    OF_KERAS,
    every_loss,
    every_row,
    example,
    probabilities,
    value,
)

pytestmark = pytest.mark.backends


@every_row
@pytest.mark.parametrize("space", [(6,), (4, 5), (3, 4, 5)])
def test_it_takes_any_rank_and_labels_with_a_last_axis(row, space):
    labels, logits = example(row, space)
    guess = probabilities(logits)
    result = value(row(ignore_label=IGNORED), labels, guess)
    assert np.isfinite(result)
    assert value(row(ignore_label=IGNORED), labels[..., None], guess) == result


@every_row
def test_logits_and_probabilities_are_worth_the_same(row):
    labels, logits = example(row)
    of_logits = value(row(ignore_label=IGNORED, from_logits=True), labels, logits)
    of_guess = value(row(ignore_label=IGNORED), labels, probabilities(logits))
    assert of_logits == pytest.approx(of_guess, rel=1e-5)


@every_row
def test_what_is_ignored_changes_nothing(row):
    labels, logits = example(row)
    other = logits.copy()
    other[:, 0] = 7 - 3 * other[:, 0]
    function = row(ignore_label=IGNORED, from_logits=True)
    # A new one for each, since a metric adds up what it sees.
    assert value(function, labels, logits) == value(
        row(ignore_label=IGNORED, from_logits=True), labels, other
    )
    # And it is as if the row were not there.
    without = value(row(from_logits=True), labels[:, 1:], logits[:, 1:])
    assert value(row(ignore_label=IGNORED, from_logits=True), labels, logits) == pytest.approx(
        without, rel=1e-5
    )


@every_loss
def test_nothing_that_counts_costs_nothing(row):
    labels, logits = example(row)
    guess = probabilities(logits)
    assert value(row(ignore_label=IGNORED), np.full_like(labels, IGNORED), guess) == 0


@every_row
def test_every_option_changes_the_value(row):
    labels, logits = example(row)
    own_options = set(inspect.signature(row.make).parameters) - OF_KERAS - set(row.options or {})
    # A sigmoid's one channel has no background channel to leave out.
    own_options -= {"background"} if row.channels == 1 and row in LOSSES else set()
    assert own_options == {*row.toggles, "ignore_label", "from_logits"}
    guess = probabilities(logits)
    base = value(row(), labels % 2, guess)
    for name, other in row.toggles.items():
        assert value(row(**{name: other}), labels % 2, guess) != base, name
    assert value(row(ignore_label=1), labels % 2, guess) != base
    with pytest.raises((TypeError, ValueError), match="nonsense"):
        row(nonsense=1)


@every_row
def test_its_config_makes_the_same_again(row):
    labels, logits = example(row)
    function = row(ignore_label=IGNORED, from_logits=True, name="mine", **row.toggles)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(function))
    assert type(again) is row.make
    assert again.name == "mine"
    assert value(again, labels, logits) == value(function, labels, logits)


@every_row
def test_half_precision_is_computed_in_float32(row):
    labels, logits = example(row)
    half = keras.ops.cast(logits, "bfloat16")
    back = keras.ops.convert_to_numpy(keras.ops.cast(half, "float32"))
    options = {"ignore_label": IGNORED, "from_logits": True}
    result = row(**options)(labels, half)
    assert keras.backend.standardize_dtype(result.dtype) == "float32"
    assert float(result) == pytest.approx(value(row(**options), labels, back), rel=1e-6)


@every_row
@pytest.mark.parametrize("truth", [(2, 4, 5, 3), (2, 4), (2, 4, 6)])
def test_shapes_that_do_not_fit_are_told(row, truth):
    with pytest.raises(ValueError, match="label map"):
        row()(np.zeros(truth), np.zeros((2, 4, 5, row.channels)))


@every_loss
def test_an_image_of_no_weight_does_not_count(row):
    labels, logits = example(row)
    options = {"sample_weight": np.array([2.0, 0.0])}
    function = row(from_logits=True)
    assert value(function, labels % 2, logits, **options) == pytest.approx(
        value(function, labels[:1] % 2, logits[:1]), rel=1e-5
    )


@every_loss
def test_training_lowers_it_and_saving_keeps_it(row, tmp_path):
    keras.utils.set_random_seed(0)
    labels, _ = example(row)
    inputs = keras.Input((4, 5, 1))
    outputs = keras.layers.Conv2D(row.channels, 1)(inputs)
    activation = "sigmoid" if row.channels == 1 else "softmax"
    outputs = keras.layers.Activation(activation, dtype="float32")(outputs)
    model = keras.Model(inputs, outputs)
    score = metrics.Dice(max(2, row.channels), ignore_label=IGNORED)
    model.compile("sgd", row(ignore_label=IGNORED), metrics=[score])
    model.optimizer.learning_rate = 0.5
    images = np.where(labels == IGNORED, 0, labels)[..., None].astype("float32")
    course = model.fit(images, labels, epochs=4, verbose=0).history["loss"]
    assert course[-1] < course[0]
    after = model.evaluate(images, labels, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.evaluate(images, labels, verbose=0) == after
