"""Labels that are no class, and weights of voxels, in every loss and Keras metric."""

import keras
import numpy as np
import pytest

from keras_mia import losses, metrics
from tests.contract.losses import (
    IGNORED,
    LOSSES,
    METRICS,
    Row,
    every_row,
    example,
    probabilities,
    value,
)

pytestmark = pytest.mark.backends

NO_CLASS = (255, 7, -1, 0.5, 254.7, np.nan, np.inf)
ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
EACH = (
    *LOSSES,
    Row(losses.Dice, 3, {}, {"over": "batch"}),
    Row(losses.Dice, 3, {}, {"form": "pixel", "over": "batch"}),
    Row(losses.Dice, 1, {}, {"form": "pixel"}),
)
every_kind = pytest.mark.parametrize("row", EACH, ids=lambda row: f"{row}-{row.options}")


def known(row, **options):
    """Labels of classes only, and probabilities."""
    labels, logits = example(row, **options)
    return np.where(labels == IGNORED, 1, labels), probabilities(logits)


@every_row
@pytest.mark.parametrize("wrong", NO_CLASS)
@pytest.mark.parametrize("ignored", [None, 254])
def test_a_label_that_is_no_class_is_an_error(row, wrong, ignored):
    labels, guess = known(row)
    labels = labels.astype("float64")
    labels[1, 2, 3] = wrong
    classes = max(2, row.channels)
    with pytest.raises(ValueError, match=f"label {wrong:g}, {classes} classes.*masks > 0"):
        row(ignore_label=ignored)(labels, guess)


@every_row
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int16", "int64", "float32", "float16"])
def test_truth_may_have_any_dtype(row, dtype):
    labels, guess = known(row)
    expected = value(row(), labels % 2, guess)
    assert value(row(), (labels % 2).astype(dtype), guess) == pytest.approx(expected, rel=1e-6)
    if dtype not in ("bool", "int8"):
        wrong = np.full_like(labels, 255).astype(dtype)
        with pytest.raises(ValueError, match="label 255"):
            row()(wrong, guess)


def network(row):
    inputs = keras.Input((4, 5, 1))
    activation = "sigmoid" if row.channels == 1 else "softmax"
    outputs = keras.layers.Conv2D(row.channels, 1, activation=activation, dtype="float32")(inputs)
    return keras.Model(inputs, outputs)


def slow_but(*quick, among):
    """Most rows only where there is time to compile that many models."""
    rows = ((row, [] if row in quick else [pytest.mark.slow]) for row in among)
    return pytest.mark.parametrize(
        "row", [pytest.param(row, marks=marks, id=str(row)) for row, marks in rows]
    )


@slow_but(LOSSES[0], LOSSES[3], METRICS[0], among=LOSSES + METRICS)
@pytest.mark.parametrize(("wrong", "compiled"), [(255, False), (255, True), (np.nan, False)])
def test_it_is_one_within_fit_too(row, wrong, compiled):
    """Where the program can't stop, the loss is no number, and neither are the weights."""
    labels = known(row)[0].astype("float32")
    labels[0, 1, 1] = wrong
    scores = {"metrics": [row()]} if row in METRICS else {}
    loss = (lambda truth, guess: keras.ops.mean(guess, -1)) if scores else row()

    def model():
        made = network(row)
        made.compile("sgd", loss, jit_compile=compiled, **scores)
        return made

    images = np.ones((2, 4, 5, 1), "float32")
    if not compiled:
        # A graph of TensorFlow shows values in brackets; JAX that is not compiled stops at once.
        message = (
            r"label.* \[(255|nan)\] \[, . classes" if ON_TENSORFLOW else r"label (255|nan), . cl"
        )
        for step in ("evaluate",) if scores else ("evaluate", "fit"):
            with pytest.raises(Exception, match=rf"{message}.*masks > 0"):
                getattr(model(), step)(images, labels, verbose=0)
        return
    trained = model()
    result = trained.evaluate(images, labels, verbose=0)
    assert np.isnan(result).any()
    if not scores:
        assert np.isnan(trained.fit(images, labels, verbose=0).history["loss"]).all()
        assert np.isnan(trained.get_weights()[0]).all()


@every_kind
@pytest.mark.parametrize("ignored", [None, IGNORED])
def test_a_weight_map_with_one_value_an_image_is_a_weight_an_image(row, ignored):
    labels, guess = known(row) if ignored is None else (example(row)[0], known(row)[1])
    each = np.array([0.5, 3.0])
    function = row(ignore_label=ignored)
    expected = value(function, labels, guess, sample_weight=each)
    assert value(function, labels, guess, sample_weight=each[:, None]) == expected
    whole = np.broadcast_to(each[:, None, None], labels.shape)
    for weights in (whole, whole[..., None], each[:, None, None]):
        result = value(function, labels, guess, sample_weight=weights)
        assert result == pytest.approx(expected, rel=1e-5)
    plain = value(function, labels, guess)
    assert expected != pytest.approx(plain, rel=1e-3)
    assert value(function, labels, guess, sample_weight=2.0) == pytest.approx(2 * plain, rel=1e-5)


@every_kind
def test_a_loss_is_proportional_to_weights_and_sees_where_they_lie(row):
    labels, guess = known(row)
    on = np.where(labels == 1, 10.0, 0.5)
    off = np.where(labels == 1, 0.5, 10.0)
    first, second = (value(row(), labels, guess, sample_weight=one) for one in (on, off))
    assert first != pytest.approx(second, rel=1e-3)
    tripled = value(row(), labels, guess, sample_weight=3 * on)
    assert tripled == pytest.approx(3 * first, rel=1e-5)


@every_kind
def test_a_voxel_of_no_weight_is_one_that_does_not_count(row):
    """But for the mean weight, with which the loss grows."""
    labels, guess = known(row)
    weights = np.ones(labels.shape)
    weights[:, 0] = 0
    left_out = labels.copy()
    left_out[:, 0] = IGNORED
    result = value(row(), labels, guess, sample_weight=weights)
    expected = value(row(ignore_label=IGNORED), left_out, guess)
    assert result == pytest.approx(weights.mean() * expected, rel=1e-4)


def test_cross_entropy_weighs_voxels_as_keras_does():
    row = LOSSES[0]
    labels, guess = known(row, batch=4)
    weights = np.random.default_rng(0).uniform(0, 3, labels.shape)
    for reduction in ("sum_over_batch_size", "mean_with_sample_weight"):
        theirs = keras.losses.SparseCategoricalCrossentropy(reduction=reduction)
        expected = value(theirs, labels, guess, sample_weight=weights)
        result = value(row(reduction=reduction), labels, guess, sample_weight=weights)
        assert result == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("row", METRICS, ids=str)
def test_a_metric_weighs_voxels(row):
    labels, guess = known(row)
    weights = np.ones(labels.shape)
    weights[:, 0] = 0
    expected = value(row(), labels[:, 1:], guess[:, 1:])
    for given in (weights, weights[..., None]):
        assert value(row(), labels, guess, sample_weight=given) == pytest.approx(expected, rel=1e-6)


@every_row
@pytest.mark.parametrize("shape", [(3,), (2, 5), (2, 5, 4), (2, 4, 5, 2), (4, 5), (2, 4, 5, 1, 1)])
def test_weights_that_do_not_fit_are_told(row, shape):
    labels, guess = known(row)
    with pytest.raises(ValueError, match=r"sample_weight.*\(batch, \*space\)"):
        row()(labels, guess, sample_weight=np.ones(shape))


@slow_but(LOSSES[0], LOSSES[3], among=LOSSES)
def test_fit_takes_weights_of_images_and_voxels(row):
    """Five images of five columns: weights of images must not be taken for those of columns."""
    labels, _ = known(row, batch=5)
    weights = np.array([0.0, 2.0, 1.0, 5.0, 0.5])
    model = network(row)
    images = np.random.default_rng(0).normal(size=(5, 4, 5, 1)).astype("float32")
    whole = np.broadcast_to(weights[:, None, None], labels.shape)
    result = []
    for one in (weights, whole, whole[..., None]):
        model.compile("sgd", row(), jit_compile=False)
        result.append(model.evaluate(images, labels, sample_weight=one, verbose=0))
    guess = model.predict(images, verbose=0)
    expected = value(row(), labels, guess, sample_weight=weights)
    assert result == pytest.approx([expected] * 3, rel=1e-5)


def test_a_mask_of_keras_counts():
    """Time steps that a Masking layer left out are no part of a signal's cost."""
    inputs = keras.Input((6, 2))
    masked = keras.layers.Masking()(inputs)
    outputs = keras.layers.Dense(3, activation="softmax")(masked)
    model = keras.Model(inputs, outputs)
    signals = np.random.default_rng(0).normal(size=(2, 6, 2)).astype("float32")
    signals[:, 4:] = 0
    labels = np.random.default_rng(0).integers(3, size=(2, 6))
    expected = value(losses.CrossEntropy(), labels[:, :4], model.predict(signals)[:, :4])
    model.compile("sgd", losses.CrossEntropy(), jit_compile=False)
    assert model.evaluate(signals, labels, verbose=0) == pytest.approx(expected, rel=1e-5)


def test_a_sum_weighs_each_of_its_parts():
    labels, guess = known(LOSSES[0])
    weights = np.random.default_rng(0).uniform(0, 3, labels.shape)
    parts = losses.CrossEntropy(), losses.Dice()
    result = value(
        losses.WeightedSum([(1, p) for p in parts]), labels, guess, sample_weight=weights
    )
    expected = sum(value(part, labels, guess, sample_weight=weights) for part in parts)
    assert result == pytest.approx(expected, rel=1e-6)


def test_one_metric_for_all_batches_still_adds_up():
    metric = metrics.Dice(2)
    labels = np.array([[0, 1], [1, 1]])
    for one in labels:
        metric.update_state(one[None], np.eye(2)[one][None])
    assert float(metric.result()) == 1
