"""The U-Net of keras_mia in plain PyTorch, layer by layer."""

import torch
from torch import nn


class TorchUNet(nn.Module):
    """Double convolutions with normalization, max pooling, transposed convolutions, skips.

    Layers have the names that they have in `keras_mia.models.unet`.
    """

    def __init__(self, rank: int, classes: int, filters: int, depth: int, norm: str):
        super().__init__()
        self.rank, self.depth, self.kind = rank, depth, norm
        widths = [filters * 2**level for level in range(depth + 1)]
        self.layers = nn.ModuleDict()
        for level in range(depth):
            before = 1 if level == 0 else widths[level - 1]
            self.double(f"encoder_{level}", before, widths[level])
            up = getattr(nn, f"ConvTranspose{rank}d")(widths[level + 1], widths[level], 2, 2)
            self.layers[f"decoder_{level}_up"] = up
            self.double(f"decoder_{level}", 2 * widths[level], widths[level])
        self.double("bridge", widths[-2], widths[-1])
        self.layers["head"] = getattr(nn, f"Conv{rank}d")(filters, classes, 1)
        self.pool = getattr(nn, f"MaxPool{rank}d")(2)

    def double(self, name: str, before: int, width: int) -> None:
        conv = getattr(nn, f"Conv{self.rank}d")
        norm = getattr(nn, f"{self.kind.capitalize()}Norm{self.rank}d")
        for i, inputs in ((1, before), (2, width)):
            self.layers[f"{name}_conv_{i}"] = conv(inputs, width, 3, padding=1, bias=False)
            self.layers[f"{name}_norm_{i}"] = norm(width, eps=1e-3, momentum=0.1, affine=True)

    def apply_double(self, name: str, x):
        for i in (1, 2):
            x = self.layers[f"{name}_norm_{i}"](self.layers[f"{name}_conv_{i}"](x))
            x = nn.functional.relu(x, inplace=True)
        return x

    def forward(self, x):
        skips = []
        for level in range(self.depth):
            x = self.apply_double(f"encoder_{level}", x)
            skips.append(x)
            x = self.pool(x)
        x = self.apply_double("bridge", x)
        for level in reversed(range(self.depth)):
            x = torch.cat([skips[level], self.layers[f"decoder_{level}_up"](x)], 1)
            x = self.apply_double(f"decoder_{level}", x)
        return self.layers["head"](x)
