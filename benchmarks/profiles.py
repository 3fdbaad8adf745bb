"""Where our time goes: `python benchmarks/profiles.py "batch 8): training"`, for example.

Of the rows of `benchmarks/run.py` whose name holds what is asked, our side is run a few times: with
TensorFlow's profiler, which adds up the time of each kind of operation over all threads, and where
nothing is TensorFlow's, with Python's. `optimizers` times a step of Keras' AdamW and of ours on the
variables of ResNet-18 and DenseNet-121.
"""

import argparse
import cProfile
import os
import pstats
import re
import tempfile
import time
from collections import Counter
from pathlib import Path

import run

CALLS = 3
SHOWN = 12


def operations(folder: Path) -> Counter:
    """Milliseconds a call of each kind of operation, from what the profiler wrote."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    found: Counter = Counter()
    for file in folder.rglob("*.xplane.pb"):
        space = xplane_pb2.XSpace()
        space.ParseFromString(file.read_bytes())
        for plane in space.planes:
            for event in (event for line in plane.lines for event in line.events):
                name = plane.event_metadata[event.metadata_id].name
                if named := re.fullmatch(r".*:([A-Z_]\w+)", name):
                    found[named[1]] += event.duration_ps / 1e9 / CALLS
    for whole in ("Process", "Run"):  # hold the others
        found.pop(whole, None)
    return found


def profile(work) -> None:
    """Prints what takes the most time of a call."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            for _ in range(CALLS):
                work()
        found = operations(Path(folder))
    total = sum(found.values())
    for name, ms in found.most_common(SHOWN):
        print(f"  {name:34} {ms:9.2f} ms {ms / total:6.1%}")
    if not found:
        python = cProfile.Profile()
        python.runcall(lambda: [work() for _ in range(CALLS)])
        pstats.Stats(python).sort_stats("tottime").print_stats(SHOWN)


def optimizers() -> None:
    """Prints the fastest of some steps with each optimizer, in turns."""
    import keras
    import numpy as np
    import tensorflow as tf

    from keras_mia.models import densenet, resnet
    from keras_mia.training import AdamW

    def stepper(optimizer, variables):
        random = np.random.default_rng(0)
        gradients = [
            tf.constant(random.normal(size=one.shape).astype(np.float32)) for one in variables
        ]
        optimizer.build(variables)

        @tf.function
        def step():
            optimizer.apply(gradients, variables)
            return optimizer.iterations.value + 0

        return lambda: step().numpy()

    shape = (224, 224, 3)
    for model in (resnet(shape, 10, depth=18), densenet(shape, 10, depth=121)):
        steps = {
            name: stepper(optimizer(1e-3), model.trainable_variables)
            for name, optimizer in (("Keras", keras.optimizers.AdamW), ("ours", AdamW))
        }
        least = dict.fromkeys(steps, float("inf"))
        for _ in range(16):
            for name, step in steps.items():
                begun = time.perf_counter()
                step()
                least[name] = min(least[name], 1000 * (time.perf_counter() - begun))
        print(f"{model.name}: " + ", ".join(f"{name} {ms:.1f} ms" for name, ms in least.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", help="part of a row's name, or: optimizers")
    what = parser.parse_args().what
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if what == "optimizers":
        optimizers()
        return
    for row in run.chosen([row for part in run.PARTS for row in part.rows(False)], [what]):
        with tempfile.TemporaryDirectory() as folder:
            side = row.ours(Path(folder))
        print(f"{row.name}: {side.ms / row.images:.1f} ms")
        profile(side.work)


if __name__ == "__main__":
    main()
