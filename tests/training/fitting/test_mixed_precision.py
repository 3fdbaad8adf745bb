"""In float16 the loss is scaled, by one scale, which a run that goes on knows again."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.core.keras_internals import compile_options
from keras_mia.training import Budget, Criterion, FitSettings, Run, Validation, fit
from keras_mia.training.fitting.hooks import trainable_state
from keras_mia.training.fitting.loop import Loop
from tests.training.fitting import float16_on_two_devices


@pytest.fixture(autouse=True)
def _policy():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


def network(seed=3):
    """Its first layers are frozen, and folded for training."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 3, trainable=False)(inputs)
    x = keras.layers.BatchNormalization(trainable=False)(x)
    x = keras.layers.Conv2D(4, 3)(keras.layers.ReLU()(x))
    x = keras.layers.Dropout(0.2)(keras.layers.Flatten()(x))
    model = keras.Model(inputs, keras.layers.Dense(1, dtype="float32")(x))
    model.compile(keras.optimizers.AdamW(1e-2), loss="mse", jit_compile=False)
    return model


def batches(start, worker, workers):
    """The third one is too large for the first scale of the loss."""

    def batch(number):
        x = tf.random.stateless_normal((4, 8, 8, 1), tf.stack([tf.cast(number, tf.int32), 1]))
        return x, tf.reduce_mean(x, axis=(1, 2)) + tf.where(number == 2, 3e4, 0.0)

    return tf.data.Dataset.counter(start).map(batch)


def trained(folder, stop_at=None, resume=False):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == stop_at:
                raise KeyboardInterrupt

    # One that goes on has all from its checkpoint, what is frozen too.
    model, run = network(seed=4 if resume else 3), Run.start(folder, "test", resume=resume)
    run.accept()
    settings = FitSettings(4, Budget(steps=15, epoch_steps=5, validations=1))
    validate = Validation(lambda _: {"score": 0.0}, Criterion("score"))
    with contextlib.suppress(KeyboardInterrupt):
        fit(model, batches, run, settings, validate=validate, callbacks=[Stop()])
    run.finish()
    return model


def test_a_stopped_run_goes_on_with_its_scale_of_the_loss(tmp_path):
    whole = trained(tmp_path / "whole")
    trained(tmp_path / "stopped", stop_at=1)
    resumed = trained(tmp_path / "stopped", resume=True)
    scales = [float(np.array(one.optimizer.dynamic_scale)) for one in (whole, resumed)]
    assert scales[0] == scales[1] < 2**15  # halved on the way
    for one, other in zip(trainable_state(whole), trainable_state(resumed), strict=True):
        np.testing.assert_array_equal(np.array(one), np.array(other))


def test_what_trains_in_place_of_a_model_has_its_scale():
    model = network()
    loop = Loop(model, batches, 4)
    light = loop._step_model
    assert light is not model
    assert light.optimizer is model.optimizer
    assert compile_options(light)["optimizer"] is model.optimizer
    assert not isinstance(model.optimizer.inner_optimizer, keras.optimizers.LossScaleOptimizer)
    for _ in range(4):
        loop.step()
    assert float(np.array(model.optimizer.dynamic_scale)) < 2**15
    assert int(np.array(model.optimizer.iterations)) < 4


@pytest.mark.slow
def test_a_step_is_skipped_where_gradients_of_any_device_are_infinite():
    root = Path(__file__).resolve().parents[3]
    surroundings = os.environ | {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(root)}
    command = [sys.executable, float16_on_two_devices.__file__]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    change, before, after = json.loads(done.stdout.splitlines()[-1])
    assert change == 0
    assert after == before / 2
