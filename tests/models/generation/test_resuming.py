"""A GAN that was stopped ends with the weights of one that was not."""

import contextlib
import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.models import Translator, conditional, cyclegan, dcgan, mlp_gan, pix2pix, refiner
from keras_mia.training import (
    Budget,
    Criterion,
    FitSettings,
    Run,
    Validation,
    fit,
    trainable_state,
)
from keras_mia.training.runs.network_file import load_network

CLASSES, BATCH, STEPS = 3, 4, 8
TINY = {"filters": 2, "discriminator_filters": 2, "discriminator_depth": 1}
BUILDERS = {
    "mlp_gan": functools.partial(mlp_gan, (4, 4, 1), units=(8, 6)),
    "mlp_gan with dropout": functools.partial(mlp_gan, (4, 4, 1), units=(8, 6), dropout=0.5),
    "dcgan": functools.partial(dcgan, (8, 8, 1), filters=2, depth=2),
    "pix2pix": functools.partial(pix2pix, (8, 8, 1), depth=1, dropout=0.5, **TINY),
    "refiner": functools.partial(refiner, (8, 8, 1), blocks=1, pool=6, **TINY),
    "cyclegan": functools.partial(cyclegan, (8, 8, 1), blocks=1, depth=1, pool=6, **TINY),
    "conditional": functools.partial(conditional, (8, 8, 1), CLASSES, filters=2, depth=2),
}


class Stop(Exception):
    """Ends a run in the middle."""


def made(build):
    keras.utils.set_random_seed(5)
    gan = build()
    gan.compile(keras.optimizers.Adam(1e-2), keras.optimizers.RMSprop(1e-2))
    return gan


def examples(gan, count):
    shape, random = gan.generator.output_shape[1:], np.random.default_rng(0)
    images = random.uniform(-1, 1, (count, *shape)).astype("float32")
    if isinstance(gan, Translator):
        images = images[..., :1]
        return images[::-1].copy(), images
    if not isinstance(gan.generator.input, list):
        return (images,)
    return images, random.integers(0, CLASSES, count).astype("int32")


def trained(gan, folder, *, stop_at=None, resume=False):
    """After `STEPS` steps, two an epoch; or stopped at a validation, whose epoch is not kept."""

    def batches(start, worker, workers):
        rows = tf.data.Dataset.from_tensor_slices(examples(gan, BATCH * STEPS)).batch(BATCH, True)
        return rows.skip(start)

    epochs = []

    def size(generator):
        epochs.append(len(epochs))
        if len(epochs) == stop_at:
            raise Stop
        return {"size": float(sum(np.square(one).sum() for one in generator.get_weights()))}

    run = Run.start(folder, "test", resume=resume)
    run.accept()
    settings = FitSettings(BATCH, Budget(steps=STEPS, epoch_steps=2))
    validate = Validation(size, Criterion("size", lower_is_better=True))
    with contextlib.suppress(Stop):
        fit(gan, batches, run, settings, validate=validate)
    run.finish()
    return gan


def variables(gan) -> list:
    """All that has to be equal, named one by one lest the search for it leaves some out."""
    networks = (gan.generator, gan.discriminator, gan.averaged_generator)
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    named = [one for owner in (*networks, *optimizers) for one in owner.variables]
    pool = getattr(gan, "pool", None)
    held = [] if pool is None else pool.variables
    return [gan.moves, *named, *held, *trainable_state(gan)]


def assert_equal(one, other):
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(np.array(first), np.array(second))


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILDERS)
def test_after_a_stop_it_ends_where_it_would_have(name, tmp_path):
    whole = trained(made(BUILDERS[name]), tmp_path / "whole")
    stopped = trained(made(BUILDERS[name]), tmp_path / "run", stop_at=3)
    assert int(np.array(stopped.moves)) == 6
    resumed = trained(made(BUILDERS[name]), tmp_path / "run", resume=True)
    assert int(np.array(resumed.moves)) == STEPS
    assert_equal(variables(whole), variables(resumed))
    best = [load_network(tmp_path / folder / "best.keras") for folder in ("whole", "run")]
    assert_equal(*(one.weights for one in best))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp_gan", "conditional"])
def test_the_backup_of_keras_goes_on_as_if_it_had_not_stopped(name, tmp_path):
    def fitted(stop_at=None):
        def end(epoch, logs):
            if epoch == stop_at:
                raise Stop

        gan = made(BUILDERS[name])
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        stop = keras.callbacks.LambdaCallback(on_epoch_begin=end)
        with contextlib.suppress(Stop):
            gan.fit(
                *examples(gan, 12),
                batch_size=BATCH,
                epochs=4,
                shuffle=False,
                verbose=0,
                callbacks=[backup, stop],
            )
        return gan

    whole = fitted()
    assert int(np.array(fitted(stop_at=2).moves)) == 6
    resumed = fitted()
    assert int(np.array(resumed.moves)) == 12
    assert_equal(variables(whole), variables(resumed))
