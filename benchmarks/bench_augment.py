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

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from turns import Choice, Row, fastest, threads, tried

DEGREES = 15.0
SCALE = 0.1
BENT = 7.0
"""Voxels of 96 by which a place moves at most: 0.3 of the distance between control points."""
POINTS = 7
GAMMA = (0.8, 1.25)
NOISE = (0.1, 0.2)
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

    from keras_mia.data.augment import augmenter
    from keras_mia.data.augmentation import Augmentation, Chance

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


def one_by_one(transform: Callable, samples: list) -> list:
    return [transform(*sample) for sample in samples]


def workers(transform: Callable, samples: list):
    """The same by a worker a core, each with one thread."""
    import SimpleITK
    from torch.utils.data import DataLoader

    class Changed:
        def __len__(self):
            return len(samples)

        def __getitem__(self, number):
            return transform(*samples[number])

    def begin(number):
        SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)

    return DataLoader(
        Changed(),
        batch_size=None,
        num_workers=threads(),
        multiprocessing_context="fork",
        persistent_workers=True,
        worker_init_fn=begin,
    )


def by_torchio(kind: str, side: int) -> dict[str, Callable]:
    import torchio

    affine = torchio.RandomAffine(SCALE, DEGREES, default_pad_value=0, copy=False)
    elastic = torchio.RandomElasticDeformation(POINTS, BENT * side / 96, copy=False)
    rest = [
        torchio.RandomGamma(tuple(np.log(GAMMA)), copy=False),
        torchio.RandomNoise(std=NOISE, copy=False),
        torchio.RandomFlip(0, 1.0, copy=False),
    ]
    chosen = {"affine": [affine], "elastic": [elastic], "mix": [affine, elastic, *rest]}[kind]
    transform = torchio.Compose(chosen, copy=False)

    def change(image, label):
        subject = torchio.Subject(
            image=torchio.ScalarImage(tensor=image), label=torchio.LabelMap(tensor=label)
        )
        found = transform(subject)
        return found["image"].data, found["label"].data

    return {"TorchIO": change}


def by_monai(kind: str, side: int) -> dict[str, Callable]:
    import monai
    import torch
    from monai import transforms

    monai.data.set_track_meta(False)
    keys, space = ("image", "label"), (side,) * 3
    resampling = {"prob": 1.0, "mode": ("bilinear", "nearest"), "padding_mode": "zeros"}
    moved = {"rotate_range": [np.deg2rad(DEGREES)] * 3, "scale_range": [SCALE] * 3}
    rest = [
        transforms.RandAdjustContrastd("image", prob=1.0, gamma=GAMMA),
        transforms.RandGaussianNoised("image", prob=1.0, std=NOISE[1]),
        transforms.RandFlipd(keys, prob=1.0, spatial_axis=0),
    ]

    def affine(dtype):
        found = transforms.RandAffined(
            keys, spatial_size=space, cache_grid=True, **moved, **resampling
        )
        found.rand_affine.resampler.dtype = dtype
        return found

    def noise_field(dtype, **more):
        # Smoothing leaves about a tenth of the noise's amplitude.
        found = transforms.Rand3DElasticd(
            keys, (5, 7), (10 * BENT, 20 * BENT), spatial_size=space, **more, **resampling
        )
        found.rand_3d_elastic.resampler.dtype = dtype
        return found

    def coarse_field(dtype):
        return transforms.RandSmoothDeformd(
            keys,
            space,
            [POINTS] * 3,
            field_mode="trilinear",
            align_corners=True,
            prob=1.0,
            def_range=2 * BENT / 96,
            grid_dtype=dtype,
            grid_mode=("bilinear", "nearest"),
            grid_padding_mode="zeros",
        )

    found = {}
    for dtype in (torch.float64, torch.float32):
        name = f"MONAI, {str(dtype).removeprefix('torch.')}"
        if kind == "affine":
            found[name] = [affine(dtype)]
        elif kind == "elastic":
            found[f"{name}, smoothed noise"] = [noise_field(dtype)]
        else:
            found[f"{name}, smoothed noise"] = [noise_field(dtype, **moved), *rest]
    if kind != "affine":
        first = [affine(torch.float32)] if kind == "mix" else []
        last = rest if kind == "mix" else []
        steps = [*first, coarse_field(torch.float32), *last]
        found["MONAI, float32, coarse field"] = steps

    def changer(steps):
        transform = transforms.Compose(steps)

        def change(image, label):
            changed = transform({"image": image, "label": label})
            return changed["image"], changed["label"]

        return change

    return {name: changer(steps) for name, steps in found.items()}


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
