"""Streaming Keras metrics against the scores of whole label maps."""

import keras
import numpy as np
import pytest

from keras_mia import losses, metrics


def batches(count=3, classes=4, ignored=255):
    generator = np.random.default_rng(1)
    for _ in range(count):
        truth = generator.integers(classes, size=(2, 6, 5))
        truth[:, :2] = ignored
        guess = generator.random((2, 6, 5, classes)) + 0.7 * np.eye(classes)[truth % classes]
        yield truth, guess


def test_they_are_the_scores_of_all_that_was_seen():
    dice, jaccard = metrics.Dice(4, ignore_label=255), metrics.Jaccard(4, ignore_label=255)
    for truth, guess in batches():
        dice.update_state(truth, guess)
        jaccard.update_state(truth, guess)
    truths, guesses = (np.concatenate(parts) for parts in zip(*batches(), strict=True))
    rows = metrics.scores(truths, guesses.argmax(-1), 4)
    for metric in (dice, jaccard):
        expected = [rows[index][metric.name] for index in (1, 2, 3)]
        assert float(metric.result()) == pytest.approx(np.mean(expected), rel=1e-5)
        np.testing.assert_allclose(metric.by_class()[1:], expected, rtol=1e-5)


def test_background_and_one_channel():
    truth, guess = np.array([[0, 0, 0, 1]]), np.array([[[0.2], [0.2], [0.7], [0.9]]])
    for options, from_guess in (({}, guess), ({"from_logits": True}, guess - 0.5)):
        metric = metrics.Dice(2, background=True, **options)
        assert float(metric(truth, from_guess)) == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert float(metrics.Dice(2)(truth, guess)) == pytest.approx(2 / 3)


def test_absent_classes_are_left_out_and_nothing_is_nan():
    truth = np.array([[0, 1, 1, 0]])
    assert float(metrics.Dice(3)(truth, np.eye(3)[truth])) == 1
    nothing = np.zeros_like(truth)
    metric = metrics.Dice(3)
    assert np.isnan(metric(nothing, np.eye(3)[nothing]))
    metric(truth, np.eye(3)[truth])
    assert float(metric.result()) == 1
    metric.reset_state()
    assert np.isnan(metric.result())


def test_a_weight_of_0_leaves_an_image_out():
    truth = np.array([[0, 1], [1, 0]])
    guess = np.eye(2)[[[0, 1], [0, 1]]]
    metric = metrics.Dice(2)
    metric.update_state(truth, guess, sample_weight=[1, 0])
    assert float(metric.result()) == 1


def test_predictions_that_do_not_fit_are_told():
    with pytest.raises(ValueError, match="does not fit 3 classes"):
        metrics.Dice(3)(np.zeros((1, 4)), np.zeros((1, 4, 2)))
    with pytest.raises(ValueError, match="2 at least"):
        metrics.Dice(1)


def test_a_loss_and_a_metric_of_one_name_are_told_apart():
    for made in (losses.Dice(), metrics.Dice(2), losses.Jaccard(), metrics.Jaccard(2)):
        config = keras.saving.serialize_keras_object(made)
        assert type(keras.saving.deserialize_keras_object(config)) is type(made)
