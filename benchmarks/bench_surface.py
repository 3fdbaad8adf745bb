"""Surface metrics of two ellipsoids, against MONAI.

MONAI is tried with the masks as one channel and as two (one-hot, background left out), and its
surface Dice with surface elements in place of voxels too.
"""

from functools import partial
from itertools import product
from pathlib import Path

import numpy as np

from turns import Choice, Row, fastest, threads, tried

SPACING_MM = (1.0, 1.0, 1.5)
TOLERANCE_MM = 1.0


def rows(quick: bool) -> list[Row]:
    side = 32 if quick else 128
    sides = " x ".join([str(side)] * 3)
    return [
        Row(f"HD95 ({sides})", partial(our_hd95, side), partial(their_hd95, side), check_hd95),
        Row(
            f"surface Dice ({sides})",
            partial(our_surface_dice, side),
            partial(their_surface_dice, side),
            check_surface_dice,
        ),
    ]


def masks(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Truth and prediction, which lie a few voxels apart."""
    grid = (np.indices((side,) * 3) - side / 2) / side

    def ellipsoid(radii, shift):
        return sum(((x - shift) / r) ** 2 for x, r in zip(grid, radii, strict=True)) < 1

    return ellipsoid((0.23, 0.20, 0.22), 0), ellipsoid((0.22, 0.22, 0.21), 0.02)


def our_hd95(side: int, folder: Path) -> Choice:
    from keras_mia.metrics.segmentation.surface import hd95_mm, surface_distances

    truth, guess = masks(side)
    return tried("keras_mia", lambda: hd95_mm(surface_distances(truth, guess, SPACING_MM)))


def our_surface_dice(side: int, folder: Path) -> Choice:
    from keras_mia.metrics.segmentation.surface import surface_dice, surface_distances

    truth, guess = masks(side)
    return tried(
        "keras_mia",
        lambda: surface_dice(surface_distances(truth, guess, SPACING_MM), TOLERANCE_MM),
    )


def batches(side: int) -> dict:
    """Prediction and truth as MONAI takes them, and whether their first channel counts."""
    import torch

    torch.set_num_threads(threads())
    truth, guess = masks(side)
    one = [torch.from_numpy(mask[None, None].astype(np.float32)) for mask in (guess, truth)]
    two = [torch.cat([1 - mask, mask], 1) for mask in one]
    return {"one channel": (one, True), "one-hot": (two, False)}


def their_hd95(side: int, folder: Path) -> Choice:
    from monai.metrics import compute_hausdorff_distance

    def choice(name, pair, first) -> Choice:
        return tried(
            f"MONAI, {name}",
            lambda: compute_hausdorff_distance(
                *pair, include_background=first, percentile=95, spacing=SPACING_MM
            ),
            float,
        )

    return fastest(choice(name, *given) for name, given in batches(side).items())


def their_surface_dice(side: int, folder: Path) -> Choice:
    from monai.metrics import compute_surface_dice

    def choice(name, pair, first, elements) -> Choice:
        return tried(
            f"MONAI, {name}{', surface elements' if elements else ''}",
            lambda: compute_surface_dice(
                *pair,
                [TOLERANCE_MM],
                include_background=first,
                spacing=SPACING_MM,
                use_subvoxels=elements,
            ),
            float,
        )

    given = batches(side).items()
    return fastest(
        choice(name, *pair, elements) for (name, pair), elements in product(given, (False, True))
    )


def check_hd95(ours: float, theirs: float) -> None:
    """Within a voxel."""
    assert abs(ours - theirs) < max(SPACING_MM), (ours, theirs)
    assert ours > 0


def check_surface_dice(ours: float, theirs: float) -> None:
    """Alike; weighed by area it differs a little."""
    assert abs(ours - theirs) < 0.05, (ours, theirs)
    assert 0 < ours < 1
