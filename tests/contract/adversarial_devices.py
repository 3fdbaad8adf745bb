"""Trains GANs on one logical device and on two; run as a program, since TensorFlow fixes its
devices at its first use."""

import json
import os
import subprocess
import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEPS, BATCH = 3, 8
CRITIC = {"loss": "wasserstein", "gradient_penalty": 10.0, "discriminator_steps": 2}


def differences() -> dict[str, dict]:
    """What `main` prints: a row, the largest difference of any weight, and the largest change of
    one; and the latents that two replicas draw beside those of one device."""
    surroundings = os.environ | {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__]
    run = subprocess.run(command, env=surroundings, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-4000:]
    return json.loads(run.stdout.splitlines()[-1])


def rows() -> dict:
    """Name -> the table's row, options of its networks and of `compile`."""
    from tests.contract.adversarial import GANS, TRANSLATORS

    table = {gan.name: gan for gan in GANS}
    deep = {"depth": 2}  # the discriminator's first level is not normalized
    return {
        **{gan.name: (gan, deep if gan.name != "mlp_gan" else {}, {}) for gan in GANS},
        **{gan.name: (gan, {}, gan.compiling) for gan in TRANSLATORS},
        "mlp_gan hinge": (table["mlp_gan"], {}, {"loss": "hinge"}),
        "dcgan critic": (table["dcgan"], {**deep, "discriminator_norm": None}, CRITIC),
        "dcgan r1": (table["dcgan"], deep, {"r1": 1.0}),
        "conditional embedding": (table["conditional"], {"condition": "embedding"}, {}),
    }


def state_after_three_steps(gan, options, compiling, strategy):
    """Weights, averages, what optimizers keep; and how far the generator has come.

    One device takes them eagerly, for the making of graphs is most of the work.
    """
    import keras
    import numpy as np
    import tensorflow as tf

    from keras_mia.training import Loop, trainable_state

    tf.config.run_functions_eagerly(strategy.num_replicas_in_sync == 1)
    with strategy.scope():
        keras.utils.set_random_seed(0)
        model = gan.make((8, 8), **options)
        # Adam would hide gradients that are a multiple of what they are to be.
        model.compile(*(keras.optimizers.SGD(0.05, momentum=0.5) for _ in range(2)), **compiling)
    learnt = model.generator.trainable_weights
    before = [np.array(one) for one in learnt]
    data = tf.data.Dataset.from_tensor_slices(gan.batch(STEPS * BATCH, (8, 8)))
    loop = Loop(model, lambda start, worker, workers: data.batch(BATCH, drop_remainder=True), BATCH)
    for _ in range(STEPS):
        loop.step()
    change = max(np.abs(a - b).max() for a, b in zip(map(np.array, learnt), before, strict=True))
    return [np.asarray(one, "float64") for one in trainable_state(model)], float(change)


def drawn(strategy) -> list:
    """The latents of each replica."""
    import numpy as np
    import tensorflow as tf

    from tests.contract.adversarial import GANS

    with strategy.scope():
        model = GANS[0].make()
        model.seed = 3
        model.compile()
    count = tf.constant(8 // strategy.num_replicas_in_sync)
    latents = tf.function(lambda: strategy.run(model._latents, args=(count, 1)))()
    return [np.array(one).tolist() for one in strategy.experimental_local_results(latents)]


def main() -> None:
    import numpy as np
    import tensorflow as tf

    tests = types.ModuleType("tests")  # others install one of this name
    tests.__path__ = [str(ROOT / "tests")]
    sys.modules["tests"] = tests
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    one, two = tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    results: dict = {"latents": {"one": drawn(one), "two": drawn(two)}, "rows": {}}
    for name, row in rows().items():
        (first, change), (second, _) = (state_after_three_steps(*row, each) for each in (one, two))
        largest = max(np.abs(a - b).max() for a, b in zip(first, second, strict=True))
        results["rows"][name] = {"difference": float(largest), "change": change}
    print(json.dumps(results))


if __name__ == "__main__":
    main()
