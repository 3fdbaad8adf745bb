"""The plan's U-Net in plain PyTorch, layer by layer the one of keras_mia, to compare with."""

import torch
from torch import nn


class TorchUNet(nn.Module):
    """Double convolutions with normalization, max pooling, transposed convolutions, skips."""

    def __init__(self, rank: int, classes: int, filters: int, depth: int, norm: str):
        super().__init__()
        self.conv = getattr(nn, f"Conv{rank}d")
        self.norm = getattr(nn, f"{norm.capitalize()}Norm{rank}d")
        up = getattr(nn, f"ConvTranspose{rank}d")
        widths = [filters * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(
            self.double(1 if level == 0 else widths[level - 1], widths[level])
            for level in range(depth + 1)
        )
        self.pool = getattr(nn, f"MaxPool{rank}d")(2)
        self.up = nn.ModuleList(up(widths[i + 1], widths[i], 2, 2) for i in range(depth))
        self.decode = nn.ModuleList(self.double(2 * widths[i], widths[i]) for i in range(depth))
        self.head = self.conv(filters, classes, 1)

    def double(self, channels: int, width: int) -> nn.Sequential:
        layers = []
        for inputs in (channels, width):
            layers.append(self.conv(inputs, width, 3, padding=1, bias=False))
            layers += [self.norm(width, affine=True), nn.ReLU()]
        return nn.Sequential(*layers)

    def forward(self, x):
        skips = []
        for block in self.down[:-1]:
            x = block(x)
            skips.append(x)
            x = self.pool(x)
        x = self.down[-1](x)
        for level in reversed(range(len(skips))):
            x = self.decode[level](torch.cat([skips[level], self.up[level](x)], 1))
        return self.head(x)

    def parameter_count(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())
