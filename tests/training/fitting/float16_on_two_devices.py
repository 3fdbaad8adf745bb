"""A step in float16 whose gradients are finite on the first of two logical devices alone; run as a
program, since TensorFlow fixes its devices at its first use. Prints the change of the weights and
the scale of the loss, before and after."""

import json

import keras
import numpy as np
import tensorflow as tf

from keras_mia.training import Loop


def main() -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    keras.config.set_dtype_policy("mixed_float16")
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        layers = [keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dense(1, dtype="float32")]
        model = keras.Sequential(layers)
        model = keras.Model(model.inputs, model.outputs)
        model.compile("sgd", loss="mse", jit_compile=False)
    targets = np.array([0, 0, 1e6, 1e6], "float32")[:, None]
    data = tf.data.Dataset.from_tensors((np.ones((4, 3), "float32"), targets)).repeat()
    loop = Loop(model, lambda start, worker, workers: data, 4)
    before = model.get_weights(), float(np.array(model.optimizer.dynamic_scale))
    loop.step()
    after = model.get_weights(), float(np.array(model.optimizer.dynamic_scale))
    change = max(np.abs(a - b).max() for a, b in zip(before[0], after[0], strict=True))
    print(json.dumps([float(change), before[1], after[1]]))


if __name__ == "__main__":
    main()
