"""Losses of whole images against Keras' own and numbers computed by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.losses import ClassCrossEntropy, FindingsCrossEntropy

GENERATOR = np.random.default_rng(0)
GUESS = keras.ops.convert_to_numpy(keras.ops.softmax(GENERATOR.normal(size=(6, 3))))
CLASSES = np.array([0, 1, 2, 2, 1, 0])
TRUTH = np.eye(3, dtype=np.float32)[CLASSES]


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_without_weights_it_is_that_of_keras(smoothing):
    ours = ClassCrossEntropy(label_smoothing=smoothing)
    theirs = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    assert float(ours(TRUTH, GUESS)) == pytest.approx(float(theirs(TRUTH, GUESS)), rel=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_weights_of_classes_are_those_of_their_images(smoothing):
    weights = np.array([1.0, 3.0, 0.5])
    ours = ClassCrossEntropy(weights, label_smoothing=smoothing)(TRUTH, GUESS)
    theirs = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    expected = theirs(TRUTH, GUESS, sample_weight=weights[CLASSES])
    assert float(ours) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("loss", [ClassCrossEntropy, FindingsCrossEntropy])
def test_who_is_sure_and_wrong_has_a_gradient(loss, dtype):
    """In half precision that of classes was 0: the logits got lost."""
    one = loss is ClassCrossEntropy
    logits = tf.constant([[30.0, 0.0]], dtype)
    activation = keras.activations.softmax if one else keras.activations.sigmoid
    with tf.GradientTape() as tape:
        tape.watch(logits)
        cost = loss()(np.array([[0.0, 1.0 if one else -1.0]]), activation(logits))
    assert float(cost) == pytest.approx(30, rel=1e-2)
    result = np.asarray(tape.gradient(cost, logits), float)[0]
    assert result == pytest.approx([1, -1 if one else 0], abs=1e-2)


def test_a_mixed_image_counts_by_its_shares():
    truth, guess = np.array([[0.25, 0.75]]), np.array([[0.5, 0.5]])
    result = float(ClassCrossEntropy([2.0, 6.0])(truth, guess))
    assert result == pytest.approx(5 * np.log(2), rel=1e-6)


def test_present_findings_weigh_more_and_unknown_ones_nothing():
    truth = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 1.0]])
    guess = np.array([[0.5, 0.5, 0.1], [0.5, 0.5, 0.25]])
    result = float(FindingsCrossEntropy([2.0, 1.0, 4.0])(truth, guess))
    first, second = (2 + 1) / 2, (1 + 1 + 4 * 2) / 3
    assert result == pytest.approx((first + second) / 2 * np.log(2), rel=1e-5)


@pytest.mark.parametrize("loss", [ClassCrossEntropy, FindingsCrossEntropy])
def test_weights_are_saved_and_have_to_fit(loss):
    made = loss([1, 2, 3])
    again = keras.losses.deserialize(keras.losses.serialize(made))
    assert float(again(TRUTH, GUESS)) == float(made(TRUTH, GUESS))
    with pytest.raises(ValueError, match="2 class_weights do not fit 3"):
        loss([1, 2])(TRUTH, GUESS)


@pytest.mark.parametrize("wrong", [255.0, 2.0, np.nan])
@pytest.mark.parametrize("loss", [ClassCrossEntropy, FindingsCrossEntropy])
def test_a_truth_that_is_none_is_an_error(loss, wrong):
    truth = TRUTH.copy()
    truth[0, 0] = wrong
    with pytest.raises(ValueError, match=r"0 for the others|0 where absent"):
        loss()(truth, GUESS)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Activation("sigmoid")])
    model.compile(loss=loss(), jit_compile=False)
    with pytest.raises(Exception, match=r"0 for the others|0 where absent"):
        model.evaluate(GUESS, truth, verbose=0)


@pytest.mark.parametrize("loss", [ClassCrossEntropy, FindingsCrossEntropy])
def test_images_are_weighed_and_numbers_of_classes_are_no_truth(loss):
    weights = np.array([2.0, 0, 0, 1, 0, 0.5])
    each = loss(reduction=None)(TRUTH, GUESS)
    expected = (np.asarray(each) * weights).mean()
    for given in (weights, weights[:, None]):
        result = float(loss()(TRUTH, GUESS, sample_weight=given))
        assert result == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ValueError, match=r"\(batch, (classes|findings)\)"):
        loss()(CLASSES, GUESS)
    with pytest.raises(ValueError, match="sample_weight"):
        loss()(TRUTH, GUESS, sample_weight=np.ones((6, 2)))


def test_findings_are_weighed_one_by_one():
    truth = np.array([[1.0, 0, -1], [0, 1, 1]])
    weights = np.array([[2.0, 1, 9], [0, 1, 3]])
    logs = -np.log([[0.7, 0.6, 1], [1, 0.2, 0.9]])
    guess = np.array([[0.7, 0.4, 0.5], [0.5, 0.2, 0.9]])
    expected = ((logs[0, :2] * weights[0, :2]).sum() / 2 + (logs[1] * weights[1]).sum() / 3) / 2
    result = FindingsCrossEntropy()(truth, guess, sample_weight=weights)
    assert float(result) == pytest.approx(expected, rel=1e-5)
