"""The random changes of `bench_augment.py` as MONAI and TorchIO offer them, and their strengths."""

from collections.abc import Callable

import numpy as np

from turns import threads

DEGREES = 15.0
SCALE = 0.1
BENT = 7.0
"""Voxels of 96 by which a place moves at most: 0.3 of the distance between control points."""
POINTS = 7
GAMMA = (0.8, 1.25)
NOISE = (0.1, 0.2)


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
