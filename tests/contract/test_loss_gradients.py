"""Where a network is sure and wrong, losses of probabilities have the gradient of their logits."""

import keras
import numpy as np
import pytest

from keras_mia import losses
from keras_mia.models import unet

tf = pytest.importorskip("tensorflow", reason="gradients by TensorFlow's tape")

CERTAIN = [30.0, -30.0, 80.0, -80.0, 1.0]
SPARSE = (
    losses.CrossEntropy(),
    losses.CrossEntropy(ignore_label=9),
    losses.Focal(0),
    losses.WeightedSum([(1, losses.CrossEntropy()), (0, losses.Dice())]),
)
BINARY = (losses.BinaryCrossEntropy(), losses.BinaryCrossEntropy(ignore_label=9), losses.Focal(0))


def gradient(loss, truth, logits, activation):
    """Of the loss of an activation's output by its logits."""
    logits = tf.Variable(np.asarray(logits, "float32"))
    with tf.GradientTape() as tape:
        cost = loss(truth, keras.activations.get(activation)(logits))
    return float(cost), np.array(tape.gradient(cost, logits))


def of_sigmoid(truth, logits):
    """Binary cross-entropy and its derivative by each logit, in float64."""
    truth, logits = np.asarray(truth, float), np.asarray(logits, float)
    return np.logaddexp(0, logits) - truth * logits, 1 / (1 + np.exp(-logits)) - truth


def of_softmax(shares, logits):
    """Cross-entropy and its derivative by each logit, in float64."""
    shares, logits = np.asarray(shares, float), np.asarray(logits, float)
    total = np.logaddexp.reduce(logits, -1)
    return total - (shares * logits).sum(-1), np.exp(logits - total[..., None]) - shares


def agree(computed, cost, derivative):
    assert computed[0] == pytest.approx(float(cost), rel=1e-5, abs=1e-6)
    np.testing.assert_allclose(computed[1], derivative, atol=1e-6)


@pytest.mark.parametrize("logit", CERTAIN)
@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("loss", BINARY)
def test_of_a_sigmoid(loss, label, logit):
    computed = gradient(loss, np.full((1, 1, 1), label), np.full((1, 1, 1), logit), "sigmoid")
    agree(computed, *of_sigmoid(label, logit))
    if (logit > 0) != label:
        assert abs(computed[1].item()) > 0.5, "who is wrong learns"


@pytest.mark.parametrize("logit", CERTAIN)
@pytest.mark.parametrize("label", [0, 1])
def test_focal_of_a_sigmoid_is_that_of_keras(label, logit):
    truth, logits = np.full((1, 1, 1), label), np.full((1, 1, 1), logit)
    theirs = gradient(keras.losses.BinaryFocalCrossentropy(gamma=2), truth, logits, "sigmoid")
    agree(gradient(losses.Focal(2), truth, logits, "sigmoid"), *theirs)
    if (logit > 0) != label:
        assert abs(theirs[1].item()) > 0.5


@pytest.mark.parametrize("logit", CERTAIN)
@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("loss", SPARSE)
def test_of_a_softmax(loss, label, logit):
    logits = [[[logit, 0.0]]]
    computed = gradient(loss, np.full((1, 1), label), logits, "softmax")
    cost, derivative = of_softmax(np.eye(2)[label], logits)
    agree(computed, cost.item(), derivative)
    if (logit > 0) != (label == 0):
        assert np.abs(computed[1]).max() > 0.5, "who is wrong learns"


@pytest.mark.parametrize("logit", CERTAIN)
@pytest.mark.parametrize("present", [0.0, 1.0, 0.3])
def test_of_findings(logit, present):
    loss, truth, logits = losses.FindingsCrossEntropy(), np.array([[present, 1.0]]), [[logit, 0.5]]
    costs, derivatives = of_sigmoid(truth, logits)
    agree(gradient(loss, truth, logits, "sigmoid"), costs.mean(), derivatives / 2)
    _, computed = gradient(loss, [[present, -1.0]], logits, "sigmoid")
    np.testing.assert_allclose(computed, [[derivatives[0, 0], 0]], atol=1e-6)
    _, weighted = gradient(losses.FindingsCrossEntropy([3, 1]), [[1.0, -1.0]], logits, "sigmoid")
    _, plain = gradient(loss, [[1.0, -1.0]], logits, "sigmoid")
    np.testing.assert_allclose(weighted, 3 * plain, rtol=1e-6)


@pytest.mark.parametrize("logit", CERTAIN)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_of_classes(logit, smoothing):
    truth, logits = np.array([[0.0, 1.0, 0.0]]), [[logit, 0.0, 0.5]]
    shares = (1 - smoothing) * truth + smoothing / 3
    computed = gradient(losses.ClassCrossEntropy((), smoothing), truth, logits, "softmax")
    cost, derivative = of_softmax(shares, logits)
    agree(computed, cost.item(), derivative)
    assert np.abs(computed[1]).max() > 0.1 or logit < 0


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
    computed = tape.gradient(cost, model.get_layer("head").bias.value)
    assert float(np.array(computed)[-1]) == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_probabilities_are_not_taken_for_logits(activation):
    guess = keras.activations.get(activation)(tf.ones((1, 4, 2 if activation == "softmax" else 1)))
    with pytest.raises(ValueError, match="from_logits"):
        losses.Focal(from_logits=True)(np.zeros((1, 4), int), guess)
