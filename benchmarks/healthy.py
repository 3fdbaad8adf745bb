"""Does what a refiner takes away show the disease? Planted lesions, and where they are found.

`python benchmarks/healthy.py` trains `refiner` to make healthy slices of diseased ones, without
pairs: slices of patients with planted lesions (benchmarks/made_lesions.py), and slices of other
patients without. The lesions of test patients, who are in neither, are then looked for where the
network changes a slice: the area under the ROC curve over the voxels of each slice. Beside it
stand baselines without a network that is told what is diseased: the value itself, how far it is
from its patient's mean, how far from the mean of healthy slices, and how far from what surrounds
it, each smoothed as the network's difference is.
"""

import keras
import numpy as np
from scipy import ndimage
from sklearn.metrics import roc_auc_score

from experiments import Setting, main, picture, unpaired_batches
from keras_mia.metrics.statistics.interval import confidence_interval
from keras_mia.models import refiner
from made_lesions import SPACE, Slices, patients_apart, slices

STEPS = 3500
SEEDS = (1,)
"""Settings were chosen by seed 0."""
BATCH = 16
SMOOTHED = 1.0
"""Deviation in voxels of the Gaussian that all maps are smoothed by."""
PATIENTS = {"healthy": 50, "diseased": 50, "validation": 8, "test": 24}
MOVED = 3


def augmented(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A slice that is mirrored, moved, and a little brighter and noisier."""
    for axis in (0, 1):
        if rng.random() < 0.5:
            image = np.flip(image, axis)
    wide = np.pad(image, [(MOVED, MOVED)] * 2 + [(0, 0)], mode="symmetric")
    top, left = rng.integers(2 * MOVED + 1, size=2)
    image = wide[top : top + SPACE[0], left : left + SPACE[1]]
    image = image * rng.uniform(0.9, 1.1) + rng.normal(0, 0.1)
    return image.astype(np.float32)


def trained(healthy: np.ndarray, diseased: np.ndarray, steps: int, seed: int) -> keras.Model:
    """The refiner's network, from diseased slices to healthy ones."""
    gan = refiner(
        (*SPACE, 1),
        filters=8,
        blocks=3,
        depth=2,
        norm="batch",
        discriminator_filters=24,
        discriminator_depth=3,
        average=0.995,
    )
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps, alpha=0.05)
    rates = (keras.optimizers.Adam(rate, beta_1=0.5) for _ in range(2))
    gan.compile(*rates, loss="least_squares", weight=0.2)
    batches = unpaired_batches(diseased, healthy, BATCH, seed, augmented)
    gan.fit(batches, steps_per_epoch=min(100, steps), epochs=max(1, steps // 100), verbose=2)
    return gan.deployable()


def areas(test: Slices, maps: np.ndarray) -> dict:
    """How well a map tells the voxels of lesions, `(n, rows, columns)`, large where one is."""
    smooth = np.stack([ndimage.gaussian_filter(one, SMOOTHED) for one in maps])
    each = [
        roc_auc_score(mask.ravel(), one.ravel())
        for mask, one in zip(test.masks, smooth, strict=True)
    ]
    interval = confidence_interval(each, list(test.patients))
    return {
        "auc": float(np.mean(each)),
        "low": interval.low,
        "high": interval.high,
        "pooled": float(roc_auc_score(test.masks.ravel(), smooth.ravel())),
        "least": float(np.min(each)),
    }


def baselines(test: Slices, healthy: np.ndarray) -> dict[str, np.ndarray]:
    """Maps that need no game: name -> `(n, rows, columns)`."""
    images = test.images[..., 0]
    surroundings = np.stack([ndimage.gaussian_filter(one, 6.0) for one in images])
    return {
        "bright": images,
        "dark": -images,
        "far from the image's mean": abs(images),
        "far from the mean of healthy slices": abs(images - healthy.mean(0)[..., 0]),
        "far from what surrounds it": abs(images - surroundings),
    }


def work(setting: Setting) -> dict:
    """The figures of a seed."""
    data, seed = setting.data, setting.seed
    groups = patients_apart(data, list(PATIENTS.values()), seed)
    healthy, diseased = (slices(data, group, seed) for group in groups[:2])
    test = slices(data, groups[2 if setting.validation else 3], seed)
    network = trained(healthy.healthy, diseased.images, setting.steps, seed)
    network.save(setting.folder / "network.keras")
    made = network.predict(test.images, verbose=0)
    same = network.predict(test.healthy, verbose=0)
    difference = abs(made - test.images)
    maps = {"difference": difference[..., 0], **baselines(test, healthy.healthy)}
    chosen = np.linspace(0, len(made) - 1, 14).astype(int)
    signed = made - test.images
    masks = np.where(test.masks, 2.5, -2.5)[..., np.newaxis]
    rows = [one[chosen] for one in (test.images, made, test.healthy, signed, masks)]
    picture(setting.folder / "healthy.png", rows, -2.5, 2.5)
    return {
        "slices": len(made),
        "areas": {name: areas(test, one) for name, one in maps.items()},
        "change": {
            "inside lesions": float(difference[test.masks].mean()),
            "outside": float(difference[~test.masks].mean()),
            "of healthy slices": float(abs(same - test.healthy).mean()),
        },
    }


if __name__ == "__main__":
    main(__doc__, __file__, work, STEPS, SEEDS)
