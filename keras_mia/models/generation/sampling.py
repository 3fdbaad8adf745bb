"""Samples of a trained generator."""

from collections.abc import Sequence

import keras
import numpy as np

from keras_mia.models.generation.examples import check_classes
from keras_mia.models.generation.latents import latents

CHUNK = 64
"""Samples that are made at once: always as many, so that how many are asked for rounds nothing."""


def samples(
    generator: keras.Model,
    count: int,
    *,
    seed: int = 0,
    start: int = 0,
    classes: Sequence[int] | np.ndarray | None = None,
) -> np.ndarray:
    """Samples number `start`, `start + 1`, ... of a seed.

    Args:
        generator: from latents, or from latents and classes, to samples.
        count: how many.
        seed: the same one gives the same samples, however many there are.
        start: number of the first one.
        classes: of each, for generators that take some.

    Returns:
        `(count, *space, channels)` float32.

    Raises:
        ValueError: classes are missing, not taken, not the generator's or of another number; or no
            sample is asked for.
    """
    takes_classes = isinstance(generator.input, list)
    if takes_classes != (classes is not None):
        raise ValueError(f"{generator.name} takes {'classes' if takes_classes else 'no classes'}.")
    if classes is not None:
        check_classes(generator, np.asarray(classes))
        if len(classes) != count:
            raise ValueError(f"{len(classes)} classes for {count} samples.")
    if count < 1:
        raise ValueError(f"At least one sample is made, not {count}.")
    shape = keras.tree.flatten(generator.input)[0].shape[1:]
    whole = -(-count // CHUNK) * CHUNK
    inputs: list[np.ndarray] = [latents(whole, shape, seed=seed, start=start)]
    if classes is not None:
        inputs.append(np.pad(np.asarray(classes, np.int32), (0, whole - count)))
    made = generator.predict(inputs if takes_classes else inputs[0], batch_size=CHUNK, verbose=0)
    return np.asarray(made[:count], np.float32)
