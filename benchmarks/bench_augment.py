"""Random changes of an image and its label map, against the faster of MONAI and TorchIO.

What is taken to be fair:

- Every change happens every time, at strengths that are alike; images are interpolated linearly
  and label maps by the nearest voxel, and what lies outside is empty.
- A call treats several volumes that lie in memory, and the time is that of one. Ours is a batch
  through the compiled function that the training stream maps; the peers' volumes go through their
  transforms one after the other with all threads, or through a `DataLoader` with a worker a core,
  whichever is faster. Workers start with the call and nothing is fetched ahead of it.
- Elastic: ours and TorchIO's are cubic B-splines of 7 control points an axis. MONAI has two: noise
  smoothed by a Gaussian, narrower than such a spline and so cheaper, and a field of 7 points an
  axis that is interpolated linearly, which is not smooth. Both are tried.
- The usual mix turns, scales and bends. Ours and MONAI's smoothed noise resample once for all of
  it; TorchIO and MONAI's coarse field cannot, and resample twice.
- MONAI is tried at its own float64 and at float32 and keeps no history; TorchIO makes no copies.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from augment_peers import (
    BENT,
    DEGREES,
    GAMMA,
    NOISE,
    POINTS,
    SCALE,
    by_monai,
    by_torchio,
    one_by_one,
    workers,
)
from turns import Choice, Row, fastest, threads, tried

KINDS = {
    "affine": "affine",
    "elastic": "elastic",
    "mix": "usual mix (affine, elastic, gamma, noise, flip)",
}


def rows(quick: bool) -> list[Row]:
    side = 24 if quick else 96
    images = max(8, 2 * threads())
    return [
        Row(
            f"{words} of image and label ({side} x {side} x {side})",
            partial(ours, kind, side, images),
            partial(theirs, kind, side, images),
            check,
            images,
        )
        for kind, words in KINDS.items()
    ]


def volumes(side: int, images: int) -> tuple[np.ndarray, np.ndarray]:
    """Images `(images, *space)` that are z-scored, and their label maps."""
    generator = np.random.default_rng(0)
    found = generator.normal(size=(images, side, side, side)).astype(np.float32)
    return found, (found > 1).astype(np.uint8)


def ours(kind: str, side: int, images: int, folder: Path) -> Choice:
    from keras_mia.core.quiet import load_tensorflow

    load_tensorflow()

    from dataclasses import replace
    from itertools import count

    import tensorflow as tf

    from keras_mia.data.augment.examples import augmenter
    from keras_mia.data.augment.settings import Augmentation, Chance

    affine = {
        "rotation_deg": Chance(-DEGREES, DEGREES, 1.0),
        "scale": Chance(1 - SCALE, 1 + SCALE, 1.0),
    }
    elastic = {"elastic": Chance(0.1, BENT * (POINTS - 3) / 96, 1.0), "elastic_points": POINTS}
    rest = {
        "gamma": Chance(*GAMMA, 1.0),
        "noise": Chance(*NOISE, 1.0),
        "flip_axes": (0,),
        "flip_probability": 1.0,
    }
    chosen = {"affine": affine, "elastic": elastic, "mix": affine | elastic | rest}[kind]
    change = tf.function(augmenter(replace(Augmentation.none(), **chosen), (side,) * 3))
    image, label = volumes(side, images)
    batch = tf.constant(image[..., None]), tf.constant(label)
    calls = count()

    def work():
        number = next(calls) * images
        keys = np.stack([np.zeros(images), number + np.arange(images)], 1).astype(np.int32)
        return change(tf.constant(keys), *batch)

    return tried("keras_mia", work, lambda found: summary(image[0], *(x[0] for x in found)))


def theirs(kind: str, side: int, images: int, folder: Path) -> Choice:
    import torch

    torch.set_num_threads(threads())
    batch = [torch.from_numpy(array)[:, None] for array in volumes(side, images)]
    samples = list(zip(*batch, strict=True))

    def choices() -> Iterator[Choice]:
        for name, transform in {**by_torchio(kind, side), **by_monai(kind, side)}.items():
            yield tried(name, partial(one_by_one, transform, samples), show)
            loader = workers(transform, samples)
            yield tried(f"{name}, workers", lambda loader=loader: list(loader), show)

    def show(found):
        return summary(*(np.asarray(x[0]) for x in (samples[0][0], *found[0])))

    return fastest(choices())


def summary(before, image, label) -> dict[str, float]:
    """What a change did: how alike the image still is, its spread, and the share of foreground."""
    image, label = np.asarray(image), np.asarray(label)
    flat = [np.asarray(x, np.float64).ravel() for x in (before, image)]
    return {
        "kept": float(np.corrcoef(*flat)[0, 1]),
        "spread": float(flat[1].std()),
        "foreground": float((label == 1).mean()),
    }


def check(ours: dict, theirs: dict) -> None:
    """Both were moved, as white noise tells, and neither was emptied."""
    for side in (ours, theirs):
        assert abs(side["kept"]) < 0.98, side
        assert side["spread"] > 0.3, side
        assert side["foreground"] > 0.05, side
