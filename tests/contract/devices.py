"""Trains each row on one logical device and on two; run as a program, since TensorFlow fixes
its devices at its first use."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path


def train_all(folder: Path) -> None:
    """Writes `differences.json`: the largest difference of any weight after three steps, a row."""
    surroundings = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, __file__]
    run = subprocess.run(command, env=surroundings, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-4000:]
    (folder / "differences.json").write_text(run.stdout.splitlines()[-1])


def weights_after_three_steps(make, strategy, optimizer=None):
    import keras
    import numpy as np
    import tensorflow as tf

    with strategy.scope():
        keras.utils.set_random_seed(0)
        model = make()
        loss = keras.losses.MeanSquaredError()
        chosen = optimizer() if optimizer else keras.optimizers.SGD(0.01)
        # The making of graphs is most of the work, and one device needs none.
        eager = strategy.num_replicas_in_sync == 1
        model.compile(chosen, loss, jit_compile=False, run_eagerly=eager)
    random = np.random.default_rng(0)
    x = random.normal(size=(12, *model.input_shape[1:])).astype("float32")
    y = random.uniform(size=(12, *model.output_shape[1:])).astype("float32")
    batches = tf.data.Dataset.from_tensor_slices((x, y)).batch(4, drop_remainder=True)
    model.fit(batches, verbose=0, shuffle=False)
    return [np.array(weight) for weight in model.weights]


def model_of(layer):
    """The layer between two convolutions; batch statistics have to be shared between devices."""
    import keras

    from keras_mia.layers import nd

    shared = {"synchronized": True} if layer.name == "batch norm" else {}
    if "kernel_initializer" in layer.options:
        shared["kernel_initializer"] = "glorot_uniform"  # ones let the weights grow without end
    axes = len(layer.space)
    inputs = keras.Input((*[8] * axes, 1))
    sides = {"lines": (True,) * 4 + (False,) + (True,) * 3} if "lines" in layer.options else {}
    x = layer.make(**shared, **sides)(layer.given(nd.conv(inputs, 4, 3)))
    return keras.Model(inputs, nd.conv(x, 1, 1))


def wide():
    """Convolutions with kernels that `Muon` takes."""
    import keras

    inputs = keras.Input((8, 8, 1))
    x = inputs
    for _ in range(3):
        x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    return keras.Model(inputs, keras.layers.Conv2D(1, 1)(x))


def main() -> None:
    import numpy as np
    import tensorflow as tf
    from builders import BUILDERS
    from layers import LAYERS

    from keras_mia.training.optimizers import Muon

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    one, two = tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    rows = {f"builder {builder.name}": (builder.make,) for builder in BUILDERS}
    rows |= {f"layer {layer.name}": (functools.partial(model_of, layer),) for layer in LAYERS}
    rows["muon"] = (wide, Muon)
    results = {}
    for name, (make, *optimizer) in rows.items():
        pairs = [weights_after_three_steps(make, strategy, *optimizer) for strategy in (one, two)]
        differences = [np.abs(a - b).max() for a, b in zip(*pairs, strict=True)]
        results[name] = float(max(differences))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
