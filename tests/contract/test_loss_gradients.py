"""Where a network is sure and wrong, losses of probabilities have the gradient of their logits."""

import keras
import numpy as np
import pytest

from keras_mia import losses
from keras_mia.models import unet

tf = pytest.importorskip("tensorflow", reason="gradients by TensorFlow's tape")

CERTAIN = [30.0, -30.0, 80.0, -80.0, 1.0]
SPARSE = (
    (losses.CrossEntropy(), keras.losses.SparseCategoricalCrossentropy()),
    (losses.CrossEntropy(ignore_label=9), keras.losses.SparseCategoricalCrossentropy()),
    (losses.Focal(0), keras.losses.SparseCategoricalCrossentropy()),
    (
        losses.WeightedSum([(1, losses.CrossEntropy()), (0, losses.Dice())]),
        keras.losses.SparseCategoricalCrossentropy(),
    ),
)
BINARY = (
    (losses.BinaryCrossEntropy(), keras.losses.BinaryCrossentropy()),
    (losses.BinaryCrossEntropy(ignore_label=9), keras.losses.BinaryCrossentropy()),
    (losses.Focal(0), keras.losses.BinaryCrossentropy()),
    (losses.Focal(2), keras.losses.BinaryFocalCrossentropy(gamma=2)),
)


def gradient(loss, truth, logits, activation):
    """Of the loss of an activation's output by its logits."""
    logits = tf.Variable(np.asarray(logits, "float32"))
    with tf.GradientTape() as tape:
        cost = loss(truth, keras.activations.get(activation)(logits))
    return float(cost), np.array(tape.gradient(cost, logits))


def agree(ours, theirs, truth, logits, activation):
    (cost, found), (other, expected) = (
        gradient(loss, truth, logits, activation) for loss in (ours, theirs)
    )
    assert cost == pytest.approx(other, rel=1e-5)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("logit", CERTAIN)
@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize(("ours", "theirs"), BINARY)
def test_of_a_sigmoid(ours, theirs, label, logit):
    truth, logits = np.full((1, 1), label), np.full((1, 1, 1), logit)
    agree(ours, theirs, truth[..., None], logits, "sigmoid")


@pytest.mark.parametrize("logit", CERTAIN)
@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize(("ours", "theirs"), SPARSE)
def test_of_a_softmax(ours, theirs, label, logit):
    agree(ours, theirs, np.full((1, 1), label), [[[logit, 0.0]]], "softmax")


@pytest.mark.parametrize("logit", CERTAIN)
@pytest.mark.parametrize("known", [0.0, 1.0, 0.3])
def test_of_findings(logit, known):
    truth, logits = np.array([[known, 1.0]]), np.array([[logit, 0.5]])
    theirs = keras.losses.BinaryCrossentropy()
    agree(losses.FindingsCrossEntropy(), theirs, truth, logits, "sigmoid")
    _, found = gradient(losses.FindingsCrossEntropy(), [[known, -1.0]], logits, "sigmoid")
    assert found[0, 1] == 0
    _, weighted = gradient(losses.FindingsCrossEntropy([3, 1]), [[1.0, -1.0]], logits, "sigmoid")
    _, plain = gradient(losses.FindingsCrossEntropy(), [[1.0, -1.0]], logits, "sigmoid")
    np.testing.assert_allclose(weighted, 3 * plain, rtol=1e-6)


@pytest.mark.parametrize("logit", CERTAIN)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_of_classes(logit, smoothing):
    truth, logits = np.array([[0.0, 1.0, 0.0]]), np.array([[logit, 0.0, 0.5]])
    theirs = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    agree(losses.ClassCrossEntropy((), smoothing), theirs, truth, logits, "softmax")


@pytest.mark.parametrize("padding", ["same", "mirror"])
@pytest.mark.parametrize(("classes", "activation"), [(2, "softmax"), (1, "sigmoid")])
def test_of_a_unet_that_is_sure(padding, classes, activation):
    """Its borders are cut off before the activation, so that a loss finds the logits."""
    options = {"filters": 2, "depth": 1, "norm": None, "padding": padding}
    model = unet(
        (13, 14, 1) if padding == "mirror" else (8, 10, 1),
        classes,
        activation=activation,
        **options,
    )
    kernel, bias = model.get_layer("head").get_weights()
    certain = np.array([0.0, 200.0]) if classes == 2 else np.array([200.0])
    model.get_layer("head").set_weights([0 * kernel, bias + certain])
    truth = np.zeros((1, *model.output_shape[1:-1]), int)
    loss = losses.CrossEntropy() if classes == 2 else losses.BinaryCrossEntropy()
    with tf.GradientTape() as tape:
        cost = loss(truth, model(np.ones((1, *model.input_shape[1:]))))
    assert float(cost) == pytest.approx(200)
    found = tape.gradient(cost, model.get_layer("head").bias.value)
    assert float(np.array(found)[-1]) == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_probabilities_are_not_taken_for_logits(activation):
    guess = keras.activations.get(activation)(tf.ones((1, 4, 2 if activation == "softmax" else 1)))
    with pytest.raises(ValueError, match="from_logits"):
        losses.Focal(from_logits=True)(np.zeros((1, 4), int), guess)
