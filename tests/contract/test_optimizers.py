"""The optimizers, on every Keras backend."""

import keras
import numpy as np
import pytest

from keras_mia.training.optimizers import AdamW, GroupedAdamW, Muon, orthogonal


def steps(optimizer, weights, gradients):
    variable = keras.Variable(weights)
    optimizer.build([variable])
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)])
    return np.array(variable)


@pytest.fixture
def normal():
    generator = np.random.default_rng(0)
    return lambda *shape: generator.normal(size=shape).astype("float32")


@pytest.mark.backends
@pytest.mark.parametrize("shape", [(6, 40), (40, 6), (16, 16)])
def test_the_singular_values_become_alike(normal, shape):
    skewed = normal(*shape) @ np.diag(np.geomspace(1, 0.1, shape[1])).astype("float32")
    values = np.linalg.svd(np.array(orthogonal(keras.ops.convert_to_tensor(skewed))))[1]
    assert values.min() > 0.6
    assert values.max() < 1.3


@pytest.mark.backends
@pytest.mark.parametrize("space", [(3, 3), (3, 2, 3)])
def test_a_kernel_moves_as_keras_muon_moves_the_matrix_it_is(normal, space):
    kernel = normal(*space, 16, 8)
    gradients = [normal(*kernel.shape) for _ in range(4)]
    ours = steps(Muon(1e-2, weight_decay=0.5), kernel, gradients)
    flat = [gradient.reshape(-1, 8) for gradient in gradients]
    theirs = steps(
        keras.optimizers.Muon(1e-2, weight_decay=0.5, rms_rate=0.2), kernel.reshape(-1, 8), flat
    )
    assert np.abs(ours - kernel).max() > 1e-3
    np.testing.assert_allclose(ours.reshape(-1, 8), theirs, atol=1e-6)


@pytest.mark.backends
@pytest.mark.parametrize("shape", [(7,), (16, 16), (3, 3, 1, 16), (1, 1, 16, 3), (3, 3, 4)])
def test_all_else_moves_as_by_adamw(normal, shape):
    weights, gradients = normal(*shape), [normal(*shape) for _ in range(4)]
    for decay in (0.0, 1.0):
        ours = steps(Muon(1e-2, adam_ratio=0.3, weight_decay=decay), weights, gradients)
        theirs = steps(keras.optimizers.AdamW(3e-3, weight_decay=decay), weights, gradients)
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.backends
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"amsgrad": True},
        {"global_clipnorm": 0.5},
        {"weight_decay": 2.0},
    ],
)
def test_adamw_is_that_of_keras(normal, options):
    weights, gradients = normal(3, 3, 8, 8), [normal(3, 3, 8, 8) for _ in range(4)]
    ours = steps(AdamW(1e-2, **options), weights, gradients)
    theirs = steps(keras.optimizers.AdamW(1e-2, **options), weights, gradients)
    assert np.abs(ours - weights).max() > 1e-2
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.backends
def test_a_gradient_of_zero_changes_nothing(normal):
    kernel = normal(3, 3, 8, 8)
    kept = steps(Muon(weight_decay=0.0), kernel, [np.zeros_like(kernel)] * 2)
    np.testing.assert_array_equal(kept, kernel)


@pytest.mark.backends
def test_what_is_excluded_does_not_decay(normal):
    weights = normal(3, 3, 8, 8)
    variables = [keras.Variable(weights, name=name) for name in ("kernel", "bias")]
    optimizer = Muon(1e-2, weight_decay=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.build(variables)
    optimizer.apply([keras.ops.zeros(weights.shape)] * 2)
    np.testing.assert_allclose(np.array(variables[0]), 0.99 * weights, rtol=1e-5)
    np.testing.assert_array_equal(np.array(variables[1]), weights)


@pytest.mark.backends
@pytest.mark.parametrize("factor", [0.0, 0.1, 1.0])
def test_a_group_decays_at_its_own_rate(normal, factor):
    weights, gradients = normal(6, 4), [normal(6, 4) for _ in range(4)]
    grouped = GroupedAdamW(1e-2, factors={"variable": factor}, weight_decay=2.0)
    theirs = keras.optimizers.AdamW(1e-2 * factor, weight_decay=2.0)
    result = steps(grouped, weights, gradients)
    np.testing.assert_allclose(result, steps(theirs, weights, gradients), atol=1e-6)
    assert np.array_equal(result, weights) == (factor == 0)


@pytest.mark.backends
def test_its_settings_are_saved():
    copy = keras.optimizers.deserialize(
        keras.optimizers.serialize(Muon(1e-3, adam_ratio=0.1, momentum=0.9, global_clipnorm=2.0))
    )
    assert isinstance(copy, Muon)
    kept = (copy.adam_ratio, copy.momentum, copy.global_clipnorm)
    assert kept == (0.1, 0.9, 2.0)


@pytest.mark.slow
def test_two_devices_equal_one(device_differences):
    assert device_differences["muon"] < 1e-5
