"""An output can be realistic and wrong: lesions that a network invents, and those that it loses.

`python benchmarks/hallucinated.py` enhances blurred, noisy slices of which half have a planted
lesion (benchmarks/made_lesions.py), by one network trained in several ways: by the loss to the
true slice alone (regression), by it beside a game, and by the game with next to none of it. As in
Cohen et al. (2018, arXiv:1805.08841) the discriminator knows slices of which all have a lesion, or
none: a loss that makes distributions alike puts lesions into slices or takes them out, as the
distribution has them. A segmentation network that was trained on true slices of other patients
counts connected lesions in the true slices, in the sources and in what was made: those that
overlap with a true one, those that do not (hallucinated), and true ones that nothing overlaps with
(lost). What it counts in the true slices is its own error.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from experiments import Setting, main, picture
from healthy import augmented
from keras_mia.data.augment.degradations import Blur, Noise, degrade
from keras_mia.models import Translator, patch_discriminator, resnet_generator, unet
from made_lesions import SPACE, Slices, lesion_counts, patients_apart, slices

STEPS = 800
BATCH = 16
PATIENTS = {
    "paired": 34,
    "of the discriminator": 33,
    "segmenter": 33,
    "validation": 8,
    "test": 24,
}
WEIGHTS = {"L1 beside the game": 10.0, "hardly any L1": 0.1}
SHARES = {"no": 0.0, "all": 1.0}
"""Which share of the discriminator's real slices has a lesion."""


@keras.saving.register_keras_serializable("keras_mia_benchmarks")
class Enhancer(Translator):
    """A translator whose discriminator knows other real images than its loss.

    Trained on sources as `x`, and as `y` the true image of each beside one that is real.
    """

    def unpacked(self, data):
        """Real images, and sources beside their true images."""
        both, sources = super().unpacked(data)
        return both[..., 1:], tf.concat([sources, both[..., :1]], -1)

    def generate(self, latents, condition=None, *, training: bool = False):
        """What is made of the sources."""
        return self.generator(condition[..., :1], training=training)

    def further_loss(self, fakes, real, condition):
        """The weighted distance to the true images."""
        return self.weight * tf.reduce_mean(abs(fakes - condition[..., 1:]))


def mixed(some: Slices, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Slices of which a share has a lesion, and the masks `(n, rows, columns)` of these."""
    ill = rng.random(len(some.images)) < share
    images = np.where(ill[:, np.newaxis, np.newaxis, np.newaxis], some.images, some.healthy)
    return images, some.masks & ill[:, np.newaxis, np.newaxis]


def worse(images: np.ndarray, seed: int) -> np.ndarray:
    """Sources: blurred, with noise."""
    return np.stack(
        [
            degrade(one, [Blur(1.5), Noise(0.08)], seed=[seed, number]).astype(np.float32)
            for number, one in enumerate(images)
        ]
    )


def batches(draw: Callable, shapes: tuple) -> tf.data.Dataset:
    def endless():
        while True:
            yield draw()

    specs = tuple(tf.TensorSpec((BATCH, *shape), tf.float32) for shape in shapes)
    return tf.data.Dataset.from_generator(endless, output_signature=specs).prefetch(4)


def length(steps: int) -> dict:
    return {"steps_per_epoch": min(100, steps), "epochs": max(1, steps // 100), "verbose": 2}


def segmenter(some: Slices, steps: int, seed: int) -> keras.Model:
    """From true slices, of which half have a lesion, to the probability of one."""
    rng = np.random.default_rng([seed, 3])
    images, masks = mixed(some, 0.5, rng)
    both = np.concatenate([images, masks[..., np.newaxis]], -1)

    def draw():
        drawn = both[rng.integers(len(both), size=BATCH)]
        drawn = np.stack([np.flip(one, np.flatnonzero(rng.random(2) < 0.5)) for one in drawn])
        return drawn[..., :1], drawn[..., 1:]

    model = unet((*SPACE, 1), 1, filters=8, depth=3, activation="sigmoid")
    model.compile(keras.optimizers.Adam(2e-3), "binary_crossentropy")
    model.fit(batches(draw, ((*SPACE, 1), (*SPACE, 1))), **length(steps))
    return model


def trained(
    sources: np.ndarray,
    true: np.ndarray,
    real: np.ndarray,
    weight: float | None,
    steps: int,
    seed: int,
) -> keras.Model:
    """A network that enhances; without a weight there is no game."""
    rng = np.random.default_rng([seed, 4])
    pairs = np.concatenate([sources, true], -1)

    def draw():
        both = np.stack(
            [augmented(one, rng) for one in pairs[rng.integers(len(pairs), size=BATCH)]]
        )
        real_slices = np.stack(
            [augmented(one, rng) for one in real[rng.integers(len(real), size=BATCH)]]
        )
        if weight is None:
            return both[..., :1], both[..., 1:]
        return both[..., :1], np.concatenate([both[..., 1:], real_slices], -1)

    shapes = (*SPACE, 1), (*SPACE, 1 if weight is None else 2)
    generator = resnet_generator((*SPACE, 1), filters=8, blocks=3, change=True)
    if weight is None:
        generator.compile(keras.optimizers.Adam(1e-3), "mean_absolute_error")
        generator.fit(batches(draw, shapes), **length(steps))
        return generator
    gan = Enhancer(generator, patch_discriminator((*SPACE, 1), filters=24), average=0.995)
    rates = (keras.optimizers.Adam(1e-3, beta_1=0.5) for _ in range(2))
    gan.compile(*rates, loss="least_squares", weight=weight)
    gan.fit(batches(draw, shapes), **length(steps))
    return gan.deployable()


def work(setting: Setting) -> dict:
    """The figures of a seed."""
    data, seed, steps, folder = setting.data, setting.seed, setting.steps, setting.folder
    groups = patients_apart(data, list(PATIENTS.values()), seed)
    paired, real_slices, segmented = (slices(data, group, seed) for group in groups[:3])
    tested = slices(data, groups[3 if setting.validation else 4], seed)
    rng = np.random.default_rng([seed, 6])
    true, _ = mixed(paired, 0.5, rng)
    test, masks = mixed(tested, 0.5, rng)
    sources, test_sources = worse(true, seed), worse(test, seed + 1000)
    counter = segmenter(segmented, steps, seed)
    made = {"source": test_sources, "true slice": test}

    def train(name: str, share: float, weight: float | None) -> None:
        real, _ = mixed(real_slices, share, np.random.default_rng([seed, 7]))
        network = trained(sources, true, real, weight, steps, seed)
        network.save(folder / f"{name.replace(' ', '_')}.keras")
        made[name] = network.predict(test_sources, verbose=0)

    train("regression", 0.5, None)
    for shares, share in SHARES.items():
        for weights, weight in WEIGHTS.items():
            train(f"{weights}, {shares} lesions", share, weight)
    chosen = np.linspace(0, len(test) - 1, 14).astype(int)
    marked = np.where(masks, 2.5, -2.5)[..., np.newaxis]
    rows = [one[chosen] for one in (*made.values(), marked)]
    picture(folder / "hallucinated.png", rows, -2.5, 2.5)
    return {
        "of": {
            name: lesion_counts(counter.predict(one, verbose=0)[..., 0], masks)
            | {"mae": float(abs(one - test).mean())}
            for name, one in made.items()
        }
    }


if __name__ == "__main__":
    main(__doc__, __file__, work, STEPS)
