"""Training steps and samples of a DCGAN, the same layers from the same weights, against PyTorch.

A step is a move of the discriminator on real and fake images, one of the generator, both by Adam,
and the moving average of the generator's weights. Real images lie in memory; ours go through the
loop, and at the precision, that the apps take on this machine.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

import networks
from turns import Choice, Row

LATENT = 100
NOISE = "noise.npy"


@dataclass(frozen=True)
class Size:
    """Networks and their batch.

    Attributes:
        side: of the square images.
        channels: of the images.
        batch: images.
        filters: of the layers next to the image.
        depth: how often it doubles.
    """

    side: int
    channels: int
    batch: int
    filters: int
    depth: int

    def __str__(self) -> str:
        return f"DCGAN ({self.side} x {self.side}, batch {self.batch})"


SIZES = (Size(64, 3, 64, 64, 4), Size(28, 1, 64, 64, 2))
QUICK = (Size(16, 3, 32, 4, 2),)


def rows(quick: bool) -> list[Row]:
    """A training step, and samples, at two sizes."""
    return [
        Row(f"{size}: {doing}", partial(ours, size), partial(theirs, size), check)
        for size in (QUICK if quick else SIZES)
        for doing, ours, theirs, check in (
            ("training step", our_step, their_step, check_losses),
            ("samples", our_samples, their_samples, networks.check_probabilities),
        )
    ]


def images_of(size: Size) -> np.ndarray:
    """Real images, channels last, from -1 to 1."""
    shape = (size.batch, size.side, size.side, size.channels)
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def noise_of(size: Size) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(size.batch, LATENT)).astype(np.float32)


def our_gan(size: Size, folder: Path):
    """Ours and what to call it; the weights of both networks lie in files for the peer."""

    def build():
        from keras_mia.models import dcgan

        shape = (size.side, size.side, size.channels)
        return dcgan(shape, latent=LATENT, filters=size.filters, depth=size.depth)

    gan, name = networks.ours(build, folder)
    for network in (gan.generator, gan.discriminator):
        arrays = {f"{one.name}/{w.name}": w.numpy() for one in network.layers for w in one.weights}
        np.savez(folder / f"{network.name}.npz", **arrays)
    return gan, name


def our_step(size: Size, folder: Path) -> Choice:
    gan, name = our_gan(size, folder)

    from keras_mia.training.optimizers import AdamW

    players = (AdamW(2e-4, beta_1=0.5, weight_decay=0.0) for _ in range(2))
    gan.compile(*players, loss="non_saturating")
    np.save(folder / NOISE, [gan._latents(size.batch, move) for move in (0, 1)])
    return networks.our_step(gan, name, images_of(size), losses_of)


def losses_of(results) -> tuple[float, float]:
    return float(results["discriminator_loss"]), float(results["generator_loss"])


def our_samples(size: Size, folder: Path) -> Choice:
    gan, name = our_gan(size, folder)
    return networks.our_inference(gan.averaged_generator, name, noise_of(size))


def their_networks(size: Size, folder: Path):
    """The peer's generator and discriminator, with our weights."""
    from torch_dcgan import TorchDiscriminator, TorchGenerator

    generator = TorchGenerator(size.side, size.channels, LATENT, size.filters, size.depth)
    discriminator = TorchDiscriminator(size.side, size.channels, size.filters, size.depth)
    return tuple(
        networks.loaded(network, np.load(folder / f"dcgan_{player}.npz"))
        for network, player in ((generator, "generator"), (discriminator, "discriminator"))
    )


def their_step(size: Size, folder: Path) -> Choice:
    from torch_dcgan import training_step
    from torch_settings import fastest_setting

    real = networks.channels_first(images_of(size))
    noise = np.load(folder / NOISE)
    return fastest_setting(
        lambda setting: training_step(setting, *their_networks(size, folder), real, noise)
    )[1]


def their_samples(size: Size, folder: Path) -> Choice:
    import torch

    from torch_settings import fastest_setting

    noise = torch.from_numpy(noise_of(size))

    def make(setting):
        sample = setting.frozen(setting.placed(their_networks(size, folder)[0]).eval())
        return lambda: sample(noise)

    return fastest_setting(make, lambda made: np.moveaxis(made[0].float().numpy(), 0, -1))[1]


def check_losses(ours: tuple[float, float], theirs: tuple[float, float]) -> None:
    """Those of the first step are the same up to rounding in bfloat16."""
    assert np.abs(np.subtract(ours, theirs)).max() < 0.05, (ours, theirs)
