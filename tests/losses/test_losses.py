"""Losses against numbers computed by hand, Keras' own and slow, obvious code."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from keras_mia import losses

LOG2 = np.log(2)
FAMILIES = (losses.Dice, losses.Jaccard, losses.Tversky)


def random_case(seed=0, shape=(2, 5, 6), classes=3):
    generator = np.random.default_rng(seed)
    guess = generator.dirichlet(np.ones(classes), size=shape).astype("float32")
    return generator.integers(classes, size=shape), guess


def sigmoid_case(truth, guess):
    return np.array([truth]), np.array([guess], "float32")[..., None]


def test_cross_entropy_is_that_of_keras():
    truth, guess = random_case()
    of_keras = keras.losses.SparseCategoricalCrossentropy()(truth, guess)
    assert float(losses.CrossEntropy()(truth, guess)) == pytest.approx(float(of_keras), rel=1e-5)
    ignoring = keras.losses.SparseCategoricalCrossentropy(ignore_class=2)(truth, guess)
    result = losses.CrossEntropy(ignore_label=2)(truth, guess)
    assert float(result) == pytest.approx(float(ignoring), rel=1e-5)


def test_beta_is_the_lectures_formula():
    truth, guess = sigmoid_case([1, 1, 0, 0], [0.9, 0.2, 0.4, 0.1])
    for beta in (0.5, 1.0, 4.0):
        t, y = truth, guess[..., 0]
        by_hand = np.mean(-(beta * t * np.log(y) + (1 - t) * np.log(1 - y)))
        result = losses.BinaryCrossEntropy(beta)(truth, guess)
        assert float(result) == pytest.approx(by_hand, rel=1e-5)
        logits = np.log(guess / (1 - guess))
        target = t.astype("float32")
        of_tf = tf.nn.weighted_cross_entropy_with_logits(target, logits[..., 0], beta)
        result = losses.BinaryCrossEntropy(beta, from_logits=True)(truth, logits)
        assert float(result) == pytest.approx(float(tf.reduce_mean(of_tf)), rel=1e-5)


def test_beta_and_class_weights_mean_the_same():
    truth, guess = sigmoid_case([1, 1, 0, 0], [0.9, 0.2, 0.4, 0.1])
    pair = np.concatenate([1 - guess, guess], -1)
    of_pair = losses.CrossEntropy(class_weights=(1, 3))(truth, pair)
    of_beta = losses.BinaryCrossEntropy(beta=3)(truth, guess)
    assert float(of_pair) == pytest.approx(float(of_beta), rel=1e-5)


def test_cross_entropy_says_what_it_needs():
    truth, guess = random_case()
    with pytest.raises(ValueError, match="BinaryCrossEntropy"):
        losses.CrossEntropy()(truth, guess[..., :1])
    with pytest.raises(ValueError, match="one channel"):
        losses.BinaryCrossEntropy()(truth, guess)
    with pytest.raises(ValueError, match="2 class_weights do not fit 3"):
        losses.CrossEntropy(class_weights=(1, 2))(truth, guess)


def test_dice_by_hand():
    truth, guess = sigmoid_case([1, 1, 0, 0], [0.5, 1.0, 0.5, 0.0])
    assert float(losses.Dice()(truth, guess)) == pytest.approx(1 - 2 * 1.5 / 4, abs=1e-5)
    squared = losses.Dice(squared=True)(truth, guess)
    assert float(squared) == pytest.approx(1 - 2 * 1.5 / (2 + 1.5), abs=1e-5)
    assert float(losses.Jaccard()(truth, guess)) == pytest.approx(1 - 1.5 / 2.5, abs=1e-5)
    tversky = losses.Tversky(alpha=0.3, beta=0.7)(truth, guess)
    assert float(tversky) == pytest.approx(1 - 1.5 / (1.5 + 0.3 * 0.5 + 0.7 * 0.5), abs=1e-5)


def test_the_one_pixel_form_is_the_lectures_formula():
    truth, guess = sigmoid_case([1, 1, 0, 255], [0.9, 0.2, 0.4, 0.7])
    t, y = np.array([1, 1, 0]), np.array([0.9, 0.2, 0.4])
    by_hand = np.mean(1 - (2 * t * y + 1) / (y + t + 1))
    for over in ("image", "batch"):
        result = losses.Dice(form="pixel", over=over, ignore_label=255)(truth, guess)
        assert float(result) == pytest.approx(by_hand, rel=1e-5)


def test_over_the_batch_or_an_image():
    truth = np.array([[1, 1, 1, 1], [1, 0, 0, 0]])
    guess = np.array([[1, 1, 0, 0], [0, 0, 0, 0]], "float32")[..., None]
    each = (1 - 4 / 6, 1 - 0 / 1)
    assert float(losses.Dice()(truth, guess)) == pytest.approx(np.mean(each), abs=1e-4)
    whole = losses.Dice(over="batch")(truth, guess)
    assert float(whole) == pytest.approx(1 - 2 * 2 / (5 + 2), abs=1e-4)


def test_background_counts_on_request():
    truth = np.array([[0, 0, 0, 1]])
    guess = np.eye(2, dtype="float32")[[[0, 0, 1, 1]]]
    assert float(losses.Dice()(truth, guess)) == pytest.approx(1 - 2 / 3, abs=1e-4)
    both = losses.Dice(background=True)(truth, guess)
    assert float(both) == pytest.approx(1 - (2 / 3 + 4 / 5) / 2, abs=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("channels", [1, 3])
def test_an_empty_mask_predicted_empty_costs_nothing(family, channels):
    truth = np.zeros((2, 4, 4), int)
    guess = np.zeros((2, 4, 4, channels), "float32")
    if channels > 1:
        guess[..., 0] = 1
    assert float(family()(truth, guess)) == 0
    assert float(family(over="batch")(truth, guess)) == 0
    if family is losses.Dice:
        assert float(family(form="pixel")(truth, guess)) == 0


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_cost_of_overlap_is_between_0_and_1(family, data):
    shape = data.draw(arrays.array_shapes(min_dims=2, max_dims=4, max_side=4))
    truth = data.draw(arrays.arrays(np.int32, shape, elements=st.integers(0, 1)))
    chance = st.floats(0, 1, width=32)
    guess = data.draw(arrays.arrays(np.float32, (*shape, 1), elements=chance))
    assert -1e-6 <= float(family()(truth, guess)) <= 1 + 1e-6
    assert float(family()(truth, truth[..., None].astype("float32"))) == pytest.approx(0, abs=1e-6)


def test_dice_and_jaccard_are_tverskys():
    truth, guess = random_case()
    half = losses.Tversky(0.5, 0.5, smooth=1e-9)(truth, guess)
    assert float(half) == pytest.approx(float(losses.Dice(smooth=1e-9)(truth, guess)), rel=1e-5)
    whole = losses.Tversky(1, 1)(truth, guess)
    assert float(whole) == pytest.approx(float(losses.Jaccard()(truth, guess)), rel=1e-5)


def test_focal_by_hand_and_without_focus_cross_entropy():
    truth, guess = sigmoid_case([1, 0], [0.5, 0.25])
    by_hand = (0.25 * LOG2 + 0.25**2 * -np.log(0.75)) / 2
    assert float(losses.Focal(gamma=2)(truth, guess)) == pytest.approx(by_hand, rel=1e-5)
    truth, guess = random_case()
    plain = losses.CrossEntropy(class_weights=(1, 2, 3))(truth, guess)
    result = losses.Focal(gamma=0, class_weights=(1, 2, 3))(truth, guess)
    assert float(result) == pytest.approx(float(plain), rel=1e-5)
    with pytest.raises(ValueError, match="gamma"):
        losses.Focal(gamma=-1)


def test_a_weighted_sum_adds_up_and_is_saved_with_its_parts():
    truth, guess = random_case()
    parts = losses.CrossEntropy(ignore_label=2), losses.Dice(over="batch")
    sum_of = losses.WeightedSum([(0.25, parts[0]), (2, parts[1])], name="both")
    by_hand = 0.25 * parts[0](truth, guess) + 2 * parts[1](truth, guess)
    assert float(sum_of(truth, guess)) == pytest.approx(float(by_hand), rel=1e-6)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(sum_of))
    assert again.name == "both"
    assert float(again(truth, guess)) == float(sum_of(truth, guess))


@pytest.mark.parametrize("wrong", [[], [(1.0, "dice")]])
def test_a_sum_needs_losses(wrong):
    with pytest.raises(ValueError, match="Pairs"):
        losses.WeightedSum(wrong)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("scale", [1e4, 1e-30])
def test_gradients_are_finite_at_extreme_logits(channels, from_logits, scale):
    labels = np.array([[0, 1, 0, 1]])
    logits = scale * np.random.default_rng(0).choice([-1, 1], (1, 4, channels)).astype("float32")
    pixel = losses.BinaryCrossEntropy if channels == 1 else losses.CrossEntropy
    focal = [losses.Focal(gamma, from_logits=from_logits) for gamma in (0.5, 0, 2)]
    for loss in [*focal, *(family(from_logits=from_logits) for family in (pixel, *FAMILIES))]:
        guess = tf.Variable(logits)
        with tf.GradientTape() as tape:
            y_pred = guess
            if not from_logits:
                y_pred = tf.sigmoid(guess) if channels == 1 else tf.nn.softmax(guess)
            cost = loss(labels, y_pred)
        assert np.isfinite(cost), loss.name
        assert np.isfinite(tape.gradient(cost, guess)).all(), loss.name


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_a_saturated_network_still_learns(activation):
    """Its probabilities are exactly 0 and 1; the logits beside them keep the gradient."""
    channels, loss = {"softmax": (2, losses.CrossEntropy()), "sigmoid": (1, losses.Focal())}[
        activation
    ]
    inputs = keras.Input((4, 1))
    layer = keras.layers.Dense(channels, activation=activation, dtype="float32")
    model = keras.Model(inputs, layer(inputs))
    layer.set_weights([np.array([[200.0] + [0.0] * (channels - 1)]), np.zeros(channels)])
    model.compile(keras.optimizers.SGD(1.0), loss)
    images, labels = np.ones((1, 4, 1)), np.full((1, 4), 1 if channels == 2 else 0)
    before = layer.get_weights()[0][0, 0]
    assert model.train_on_batch(images, labels) == pytest.approx(200, rel=1e-3)
    assert layer.get_weights()[0][0, 0] < before


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("logit", [-100.0, -30.0, 30.0])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("family", [losses.Focal, *FAMILIES])
def test_half_precision_keeps_gradients(family, channels, logit, dtype):
    """Of an overlap with an absent class they were not a number in float16."""
    logits = tf.constant(np.full((1, 2, channels), logit) * [1, 0][:channels], dtype)
    activation = keras.activations.sigmoid if channels == 1 else keras.activations.softmax
    with tf.GradientTape() as tape:
        tape.watch(logits)
        cost = family()(np.zeros((1, 2), int), activation(logits))
    assert np.isfinite(cost)
    assert np.isfinite(np.asarray(tape.gradient(cost, logits), float)).all()


def test_the_mean_is_over_all_voxels_of_the_batch_that_count():
    truth = np.array([[1, 255, 255, 255], [0, 0, 0, 255]])
    guess = np.array([[0.5] * 4, [0.75] * 4], "float32")[..., None]
    result = losses.BinaryCrossEntropy(ignore_label=255)(truth, guess)
    assert float(result) == pytest.approx((-np.log(0.5) - 3 * np.log(0.25)) / 4, rel=1e-5)


@pytest.mark.parametrize("wrong", [{"over": "voxel"}, {"form": "local"}])
def test_unknown_forms_are_told(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        losses.Dice(**wrong)
