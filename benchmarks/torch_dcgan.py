"""The DCGAN of keras_mia in plain PyTorch, layer by layer, and its training step."""

import itertools
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn.functional import leaky_relu, relu, softplus

from torch_settings import Setting


def norm(width: int) -> nn.Module:
    return nn.BatchNorm2d(width, eps=1e-3, momentum=0.1)


class Layers(nn.Module):
    """Modules by any names; those of `nn.ModuleDict` may not be "values"."""

    def __setitem__(self, name: str, module: nn.Module) -> None:
        self.add_module(name, module)

    def __getitem__(self, name: str) -> nn.Module:
        return self._modules[name]


class TorchGenerator(nn.Module):
    """A dense layer, and transposed convolutions that double the size.

    Layers have the names that they have in `keras_mia.models.dcgan`.
    """

    rank = 2

    def __init__(self, size: int, channels: int, latent: int, filters: int, depth: int):
        super().__init__()
        self.depth, self.start = depth, size // 2**depth
        width = filters * 2 ** (depth - 1)
        self.layers = Layers()
        self.layers["start"] = nn.Linear(latent, self.start**2 * width, bias=False)
        self.layers["start_norm"] = norm(width)
        for level in range(depth - 1, 0, -1):
            narrower = filters * 2 ** (level - 1)
            up = nn.ConvTranspose2d(2 * narrower, narrower, 4, 2, 1, bias=False)
            self.layers[f"level_{level}_conv"] = up
            self.layers[f"level_{level}_norm"] = norm(narrower)
        self.layers["values"] = nn.ConvTranspose2d(filters, channels, 4, 2, 1)

    def forward(self, noise):
        x = self.layers["start"](noise)
        # In Keras channels come last: a view here.
        x = x.view(len(x), self.start, self.start, -1).permute(0, 3, 1, 2)
        x = relu(self.layers["start_norm"](x), inplace=True)
        for level in range(self.depth - 1, 0, -1):
            x = self.layers[f"level_{level}_conv"](x)
            x = relu(self.layers[f"level_{level}_norm"](x), inplace=True)
        return torch.tanh(self.layers["values"](x).float())


class TorchDiscriminator(nn.Module):
    """Strided convolutions that halve the size, and a dense layer; names as above."""

    rank = 2

    def __init__(self, size: int, channels: int, filters: int, depth: int):
        super().__init__()
        self.depth = depth
        self.layers = Layers()
        for level in range(depth):
            before = filters * 2 ** (level - 1) if level else channels
            width = filters * 2**level
            self.layers[f"level_{level}_conv"] = nn.Conv2d(before, width, 4, 2, 1, bias=not level)
            if level:
                self.layers[f"level_{level}_norm"] = norm(width)
        self.layers["logit"] = nn.Linear((size // 2**depth) ** 2 * filters * 2 ** (depth - 1), 1)

    def forward(self, x):
        for level in range(self.depth):
            x = self.layers[f"level_{level}_conv"](x)
            x = self.layers[f"level_{level}_norm"](x) if level else x
            x = leaky_relu(x, 0.2, inplace=True)
        return self.layers["logit"](x.permute(0, 2, 3, 1).flatten(1)).float()


def training_step(
    setting: Setting,
    generator: nn.Module,
    discriminator: nn.Module,
    real: torch.Tensor,
    noise: np.ndarray,
) -> Callable[[], tuple[float, float]]:
    """A move of each player by Adam, and the average of the generator's weights.

    Args:
        setting: how it computes.
        generator: from noise to images.
        discriminator: from images to logits.
        real: images.
        noise: of both moves of the first step, `(2, batch, latent)`; later ones draw theirs.

    Returns:
        A function that takes the step and gives the loss of both.
    """
    generator, discriminator = setting.placed(generator), setting.placed(discriminator)
    averaged = [one.detach().clone() for one in generator.state_dict().values()]
    real = setting.placed(real)
    options = {"lr": 2e-4, "betas": (0.5, 0.999), "eps": 1e-7, "fused": True}
    of_generator = torch.optim.Adam(generator.parameters(), **options)
    of_discriminator = torch.optim.Adam(discriminator.parameters(), **options)

    @setting.ready
    def generate(noise):
        with setting.precision():
            return generator(noise)

    @setting.ready
    def discriminator_loss(real, fake):
        with setting.precision():
            real, fake = discriminator(real), discriminator(fake)
        return softplus(-real).mean() + softplus(fake).mean()

    @setting.ready
    def generator_loss(noise):
        with setting.precision():
            logits = discriminator(generator(noise))
        return softplus(-logits).mean()

    latents = itertools.chain(
        [torch.from_numpy(noise)], iter(lambda: torch.randn(*noise.shape), None)
    )

    def step():
        for_discriminator, for_generator = next(latents)
        with torch.no_grad():
            fake = generate(for_discriminator)
        of_discriminator.zero_grad()
        first = discriminator_loss(real, fake)
        first.backward()
        of_discriminator.step()
        of_generator.zero_grad()
        discriminator.requires_grad_(False)  # saves the gradients of its weights
        second = generator_loss(for_generator)
        second.backward()
        discriminator.requires_grad_(True)
        of_generator.step()
        with torch.no_grad():
            current = list(generator.state_dict().values())
            pairs = [(a, b) for a, b in zip(averaged, current, strict=True) if b.dim()]
            torch._foreach_lerp_([a for a, _ in pairs], [b for _, b in pairs], 0.001)
        return float(first.detach()), float(second.detach())

    return step
