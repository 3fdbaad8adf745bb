"""What matrix products save of the gradient of convolutions' weights.

`python benchmarks/weight_gradients.py` prints the gradient by itself, by TensorFlow's own operation
and by products, and training steps of networks with and without them, in turns (A B A B). In
bfloat16, on the CPU; nothing is kept.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import networks

CALLS = 10
GRADIENTS = ((64, 4, 512, 256), (64, 8, 256, 128), (64, 16, 128, 64))
"""Batch, side of the smaller map, channels of it and of the larger one, for kernels of 4 and a
stride of 2."""
STEPS = (
    ("dcgan", (64, 64, 3), 64),
    ("resnet", (64, 64, 3), 32),
    ("resnet", (224, 224, 3), 8),
    ("unet", (128, 128, 1), 8),
    ("unet", (256, 256, 1), 8),
    ("unet", (64, 64, 64, 1), 1),
)
"""Builder, shape of an image, batch."""


def fastest(work: Callable[[], object]) -> float:
    """Milliseconds of the fastest call, the first ones left out."""
    times = []
    for number in range(CALLS + 3):
        start = time.perf_counter()
        work()
        times += [time.perf_counter() - start] if number > 2 else []
    return 1e3 * min(times)


def gradient_times(batch: int, side: int, channels: int, narrower: int) -> tuple[float, float]:
    """Native and by products, of a transposed convolution."""
    import tensorflow as tf

    from keras_mia.layers.convolutions.weight_gradients import _of_kernel

    shapes = (batch, side, side, channels), (batch, 2 * side, 2 * side, narrower)
    small, large = (tf.cast(tf.random.normal(shape), "bfloat16") for shape in shapes)
    sizes = [4, 4, narrower, channels]
    native = tf.function(
        lambda: tf.raw_ops.Conv2DBackpropFilter(
            input=large,
            filter_sizes=sizes,
            out_backprop=small,
            strides=[1, 2, 2, 1],
            padding="SAME",
        )
    )
    products = tf.function(lambda: _of_kernel(large, small, (4, 4), (2, 2), "SAME"))
    return tuple(fastest(lambda one=one: one()[0, 0, 0, 0].numpy()) for one in (native, products))


def step_time(name: str, shape: tuple[int, ...], batch: int, pays: Callable) -> float:
    """A training step of a network whose products are taken where `pays` says so."""
    from keras_mia import models
    from keras_mia.layers.convolutions import weight_gradients

    weight_gradients.pays = pays
    random = np.random.default_rng(0)
    images = random.uniform(-1, 1, (batch, *shape)).astype("float32")
    classes = () if name == "dcgan" else (2,)
    with tempfile.TemporaryDirectory() as folder:
        model, title = networks.ours(lambda: getattr(models, name)(shape, *classes), Path(folder))
    if name == "dcgan":
        model.compile()
        step = networks.our_step(model, title, images, dict)
    else:
        model.compile("adamw", "sparse_categorical_crossentropy", jit_compile=False)
        truth = random.integers(0, 2, (batch, *model.output_shape[1:-1]))
        step = networks.our_step(model, title, (images, truth))
    return fastest(step.work)


def main() -> None:
    for case in GRADIENTS:
        native, products = gradient_times(*case)
        print(
            f"gradient, batch {case[0]}, {case[1]} x {case[1]}, {case[2]} and {case[3]} channels:"
            f" native {native:.1f} ms, products {products:.1f} ms"
        )

    from keras_mia.layers.convolutions import weight_gradients

    pays = weight_gradients.pays
    for name, shape, batch in STEPS:
        turns = [
            step_time(name, shape, batch, one)
            for one in (lambda *_: False, pays, lambda *_: False, pays)
        ]
        ratio = (turns[1] + turns[3]) / (turns[0] + turns[2])
        print(
            f"step of {name} {shape}, batch {batch}: without {turns[0]:.1f}, {turns[2]:.1f} ms,"
            f" with {turns[1]:.1f}, {turns[3]:.1f} ms: {ratio:.2f}"
        )


if __name__ == "__main__":
    main()
