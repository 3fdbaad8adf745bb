"""Sliding window inference of a whole volume, the same network and windows, against MONAI.

The network has the filters that the apps choose on a CPU. Both sides blend probabilities by the
same Gaussian and end in the class of each voxel; each takes the number of windows at a time that is
best for it.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from bench_unet import Size, our_network, their_network
from turns import Choice, Row, fastest, tried

BATCHES = (1, 4)
NORM = "instance"


def rows(quick: bool) -> list[Row]:
    space = (48, 48, 32) if quick else (256, 256, 128)
    size = Size((16,) * 3, 4, 4, 2) if quick else Size((64,) * 3, 4, 16, 3)
    sides = " x ".join(map(str, space))
    name = f"sliding window inference ({sides}, windows of {size.space[0]}, overlap 50 %)"
    return [Row(name, partial(ours, space, size), partial(theirs, space, size), check)]


def volume(space) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(*space, 1)).astype(np.float32)


def ours(space, size: Size, folder: Path) -> Choice:
    model, name = our_network(size, NORM, folder)

    from keras_mia.inference.window import SlidingWindow

    array = volume(space)

    def classes(window) -> np.ndarray:
        found = [block.argmax(-1).astype(np.uint8) for _, block in window.blocks(array)]
        return np.concatenate(found)

    def choice(batch: int) -> Choice:
        window = SlidingWindow(model, size.space, overlap=0.5, batch_size=batch)
        return tried(f"{name}, windows by {batch}", lambda: classes(window))

    return fastest(choice(batch) for batch in BATCHES)


def theirs(space, size: Size, folder: Path) -> Choice:
    import torch
    from monai.inferers import sliding_window_inference

    from torch_settings import fastest_setting

    image = torch.from_numpy(np.moveaxis(volume(space), -1, 0)[None].copy())
    few = torch.randn(size.batch, 1, *size.space)
    network = partial(their_network, size, NORM, folder)

    def make(setting):
        infer = setting.predictor(network)
        windows = setting.placed(few)
        return lambda: infer(windows)

    setting, alone = fastest_setting(make, label=f"one batch of {size.batch}: torch")

    def choice(batch: int) -> Choice:
        infer = setting.predictor(network)

        @setting.without_gradients()
        def work():
            found = sliding_window_inference(
                image,
                size.space,
                batch,
                lambda windows: infer(setting.placed(windows)).float(),
                overlap=0.5,
                mode="gaussian",
                sigma_scale=0.125,
            )
            return found[0].argmax(0).to(torch.uint8)

        name = f"MONAI, torch, {setting}, windows by {batch}"
        return tried(name, work, lambda found: found.numpy())

    best = fastest(choice(batch) for batch in BATCHES)
    return replace(best, tried=(*alone.tried, *best.tried))


def check(ours: np.ndarray, theirs: np.ndarray) -> None:
    """The same classes, but where bfloat16 rounds two probabilities to one."""
    same = np.mean(ours == theirs)
    assert same > 0.95, same
    assert len(np.unique(ours)) > 1, "one class everywhere proves nothing"
