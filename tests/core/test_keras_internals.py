"""What is used of Keras' inner parts does what it did: these fail where a release changes it."""

import keras
import numpy as np
import pytest

from keras_mia.core import keras_internals
from keras_mia.core.keras_internals import calls_of, run_through
from keras_mia.training.optimizers import AdamW


def network():
    """One layer is called twice, and in another network before."""
    shared = keras.layers.Dense(3, name="shared")
    shared(keras.Input((3,)))
    inputs = keras.Input((3,), name="image")
    x = shared(inputs)
    y = keras.layers.Dropout(0.5, name="drop")(shared(x), training=True)
    return keras.Model(inputs, keras.layers.Add(name="add")([x, y]))


def test_the_calls_of_a_network_are_those_in_it_in_their_order():
    model = network()
    calls = calls_of(model)
    assert [call.layer.name for call in calls] == ["image", "shared", "shared", "drop", "add"]
    assert calls[1].inputs[0] is calls[0].outputs[0] is model.inputs[0]
    assert calls[2].inputs[0] is calls[1].outputs[0]
    assert [*calls[4].inputs] == [calls[1].outputs[0], calls[3].outputs[0]]
    assert calls[4].outputs[0] is model.outputs[0]
    assert True in calls[3].arguments
    assert True not in calls[2].arguments


def test_a_network_runs_by_other_layers_called_in_another_way():
    model, inputs = network(), keras.Input((3,))
    called = []

    def call(layer, *args, **options):
        called.append(layer.name)
        return args[0] if layer.name == "drop" else layer(*args, **options)

    outputs = run_through(model, inputs, lambda layer: layer, call)
    x = np.ones((2, 3), np.float32)
    found = keras.Model(inputs, outputs)(x)
    shared = model.get_layer("shared")
    np.testing.assert_allclose(found, shared(x) + shared(shared(x)), rtol=1e-6)
    assert called == ["shared", "shared", "drop", "add"]


def test_layers_inside_a_layer_are_found_in_order():
    class Block(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.first = keras.layers.Dense(2, name="first")
            self.more = [keras.layers.Dense(2, name="second"), keras.layers.ReLU(name="third")]

    assert [layer.name for layer in keras_internals.inner_layers(Block())] == [
        *("first", "second", "third")
    ]


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_a_model_compiled_alike_shares_optimizer_loss_and_scale(policy):
    def loss(y_true, y_pred):
        return keras.ops.mean(y_true - y_pred)

    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(2, dtype=policy)(inputs))
    model.dtype_policy = policy
    twin = keras.Model(model.input, model.output)
    twin.dtype_policy = policy
    model.compile("sgd", loss=loss, loss_weights=[0.5], metrics=["mae"], jit_compile=False)
    twin.compile(**keras_internals.compile_options(model))
    assert twin.optimizer is model.optimizer
    assert twin.loss is loss
    scaled = isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled == (policy == "mixed_float16")
    x, y = np.ones((4, 3), np.float32), np.zeros((4, 2), np.float32)
    expected, found = (one.evaluate(x, y, verbose=0) for one in (model, twin))
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    assert len(found) == 2


def test_keras_keeps_logits_and_masks_beside_tensors():
    x = keras.ops.ones((2, 3))
    for activation in (keras.activations.softmax, keras.activations.sigmoid):
        np.testing.assert_array_equal(keras_internals.cached_logits(activation(x)), x)
    assert keras_internals.cached_logits(x) is None
    masked = keras.layers.Masking()(keras.ops.ones((2, 3, 1)))
    assert keras_internals.mask_of(masked).shape == (2, 3)
    assert keras_internals.mask_of(x) is None


def test_optimizers_keep_moments_by_the_position_of_a_variable():
    variables = [keras.Variable(np.ones(n), name=f"w{n}") for n in (2, 3)]
    optimizer = AdamW(1e-2, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[variables[0]])
    optimizer.build(variables)
    assert [keras_internals.is_decayed(optimizer, one) for one in variables] == [False, True]
    for index, variable in enumerate(variables):
        assert keras_internals.variable_index(optimizer, variable) == index
        for moment in keras_internals.adam_moments(optimizer, index):
            assert moment.shape == variable.shape


def test_weights_decay_once_in_a_step():
    variable = keras.Variable(np.ones(2))
    optimizer = AdamW(0.1, weight_decay=0.5)
    optimizer.apply([keras.ops.zeros(2)], [variable])
    np.testing.assert_allclose(variable, 1 - 0.1 * 0.5, rtol=1e-6)
