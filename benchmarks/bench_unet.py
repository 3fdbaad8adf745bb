"""Training steps and inference of a U-Net, the same layers from the same weights, against PyTorch.

Both sides minimize cross-entropy by AdamW on a batch that lies in memory; ours through the loop
and at the precision that the apps take on this machine.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

import networks
from turns import Choice, Row

CLASSES = 3


@dataclass(frozen=True)
class Size:
    """A network and its batch.

    Attributes:
        space: voxels an axis.
        batch: images.
        filters: of the first level.
        depth: how often it halves.
    """

    space: tuple[int, ...]
    batch: int
    filters: int
    depth: int

    def __str__(self) -> str:
        sides = " x ".join(map(str, self.space))
        return f"U-Net {len(self.space)}D ({sides}, batch {self.batch})"


SIZES = (Size((192, 192), 8, 32, 4), Size((64, 64, 64), 2, 16, 3))
QUICK = (Size((32, 32), 2, 4, 2), Size((16, 16, 16), 2, 4, 2))


def rows(quick: bool) -> list[Row]:
    """A training step and inference, 2D and 3D, with batch and with instance normalization."""
    return [
        Row(
            f"{size}, {norm} norm: {doing}",
            partial(ours, size, norm),
            partial(theirs, size, norm),
            check,
        )
        for size in (QUICK if quick else SIZES)
        for norm in ("batch", "instance")
        for doing, ours, theirs, check in (
            ("training step", our_step, their_step, networks.check_losses),
            ("inference", our_inference, their_inference, networks.check_probabilities),
        )
    ]


def batch_of(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Images, channels last, and label maps."""
    generator = np.random.default_rng(0)
    images = generator.normal(size=(size.batch, *size.space, 1)).astype(np.float32)
    return images, generator.integers(0, CLASSES, (size.batch, *size.space)).astype(np.int32)


def our_network(size: Size, norm: str, folder: Path):
    """Ours and what to call it; its weights lie in a file for the peer."""

    def build():
        from keras_mia.models import unet

        shape = (*size.space, 1)
        return unet(shape, CLASSES, filters=size.filters, depth=size.depth, norm=norm)

    return networks.ours(build, folder)


def our_step(size: Size, norm: str, folder: Path) -> Choice:
    model, name = our_network(size, norm, folder)

    from keras_mia.losses import CrossEntropy
    from keras_mia.training import AdamW

    optimizer = AdamW(networks.RATE, weight_decay=networks.DECAY)
    model.compile(optimizer, CrossEntropy(), jit_compile=False)
    return networks.our_step(model, name, batch_of(size))


def our_inference(size: Size, norm: str, folder: Path) -> Choice:
    return networks.our_inference(*our_network(size, norm, folder), batch_of(size)[0])


def their_network(size: Size, norm: str, folder: Path):
    """The peer's, with our weights."""
    from torch_unet import TorchUNet

    network = TorchUNet(len(size.space), CLASSES, size.filters, size.depth, norm)
    return networks.loaded(network, np.load(folder / "weights.npz"))


def their_step(size: Size, norm: str, folder: Path) -> Choice:
    return networks.their_step(partial(their_network, size, norm, folder), *batch_of(size))


def their_inference(size: Size, norm: str, folder: Path) -> Choice:
    return networks.their_inference(partial(their_network, size, norm, folder), batch_of(size)[0])
