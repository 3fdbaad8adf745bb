"""ResNet-18, DenseNet-121 and MobileNetV2 in plain PyTorch, layer by layer.

Layers have the names that they have in keras_mia.
"""

import torch
from torch import nn
from torch.nn.functional import relu, relu6


class Network(nn.Module):
    """Convolutions without bias, normalized over the batch, and a dense layer at the end."""

    rank = 2
    momentum = 0.1

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleDict()

    def conv(self, name: str, before: int, after: int, size: int, stride: int = 1, groups: int = 1):
        self.layers[name] = nn.Conv2d(
            before, after, size, stride, size // 2, groups=groups, bias=False
        )

    def norm(self, name: str, width: int) -> None:
        self.layers[name] = nn.BatchNorm2d(width, eps=1e-3, momentum=self.momentum)

    def run(self, x, *names: str):
        """`x` through these layers, one after the other."""
        for name in names:
            x = self.layers[name](x)
        return x

    def forward(self, x):
        """The logits, of what the network's own `features` gives to its last layer."""
        return self.layers["head"](self.features(x))


class ResNet18(Network):
    """`keras_mia.models.resnet(..., depth=18)`.

    Attributes:
        first: the first row and column that a shortcut looks at; it looks at every second one.
    """

    first = 0

    def __init__(self, classes: int):
        super().__init__()
        self.conv("stem_conv", 3, 64, 7, stride=2)
        self.norm("stem_norm", 64)
        self.pool = nn.MaxPool2d(3, 2, padding=1)
        self.blocks = []
        before = 64
        for stage, width in enumerate((64, 128, 256, 512), start=1):
            for number in (1, 2):
                place = f"stage_{stage}_block_{number}"
                self.blocks.append(place)
                stride = 2 if stage > 1 and number == 1 else 1
                if stride > 1:
                    self.conv(f"{place}_shortcut", before, width, 1, stride)
                    self.norm(f"{place}_shortcut_norm", width)
                self.conv(f"{place}_conv_1", before, width, 3, stride)
                self.norm(f"{place}_norm_1", width)
                self.conv(f"{place}_conv_2", width, width, 3)
                self.norm(f"{place}_norm_2", width)
                before = width
        self.layers["head"] = nn.Linear(512, classes)

    def features(self, x):
        x = relu(self.run(x, "stem_conv", "stem_norm"), inplace=True)
        x = self.pool(x)
        for place in self.blocks:
            shortcut = x
            if f"{place}_shortcut" in self.layers:
                shortcut = x[:, :, self.first :, self.first :]
                shortcut = self.run(shortcut, f"{place}_shortcut", f"{place}_shortcut_norm")
            x = relu(self.run(x, f"{place}_conv_1", f"{place}_norm_1"), inplace=True)
            x = self.run(x, f"{place}_conv_2", f"{place}_norm_2")
            x = relu(x + shortcut, inplace=True)
        return x.mean((2, 3))


class DenseNet121(Network):
    """`keras_mia.models.densenet(..., depth=121)`."""

    blocks = (6, 12, 24, 16)
    growth = 32

    def __init__(self, classes: int):
        super().__init__()
        width = 2 * self.growth
        self.conv("stem_conv", 3, width, 7, stride=2)
        self.norm("stem_norm", width)
        self.pool = nn.MaxPool2d(3, 2, padding=1)
        self.halve = nn.AvgPool2d(2)
        for block, layers in enumerate(self.blocks, start=1):
            if block > 1:
                self.norm(f"transition_{block - 1}_norm", width)
                self.conv(f"transition_{block - 1}_conv", width, width // 2, 1)
                width //= 2
            for number in range(1, layers + 1):
                place = f"block_{block}_layer_{number}"
                self.norm(f"{place}_norm_1", width)
                self.conv(f"{place}_conv_1", width, 4 * self.growth, 1)
                self.norm(f"{place}_norm_2", 4 * self.growth)
                self.conv(f"{place}_conv_2", 4 * self.growth, self.growth, 3)
                width += self.growth
        self.norm("final_norm", width)
        self.layers["head"] = nn.Linear(width, classes)

    def step(self, x, place: str, number: str = ""):
        """A convolution of what is first normalized and rectified."""
        x = relu(self.run(x, f"{place}_norm{number}"), inplace=True)
        return self.run(x, f"{place}_conv{number}")

    def features(self, x):
        x = relu(self.run(x, "stem_conv", "stem_norm"), inplace=True)
        x = self.pool(x)
        for block, layers in enumerate(self.blocks, start=1):
            if block > 1:
                x = self.halve(self.step(x, f"transition_{block - 1}"))
            for number in range(1, layers + 1):
                place = f"block_{block}_layer_{number}"
                x = torch.cat([x, self.step(self.step(x, place, "_1"), place, "_2")], 1)
        return relu(self.run(x, "final_norm"), inplace=True).mean((2, 3))


class MobileNetV2(Network):
    """`keras_mia.models.pretrained("MobileNetV2", ...)`, for pixels from 0 to 255."""

    momentum = 0.001
    # The paper's table 2: expansion, feature maps, blocks and stride.
    stages = (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    )

    def __init__(self, classes: int):
        super().__init__()
        self.conv("Conv1", 3, 32, 3, stride=2)
        self.norm("bn_Conv1", 32)
        self.blocks: dict[str, bool] = {}  # whether what came in is added
        before = 32
        for expansion, width, blocks, first_stride in self.stages:
            for number in range(blocks):
                place = f"block_{len(self.blocks)}" if self.blocks else "expanded_conv"
                stride = first_stride if number == 0 else 1
                self.blocks[place] = stride == 1 and before == width
                inner = before * expansion
                if expansion > 1:
                    self.conv(f"{place}_expand", before, inner, 1)
                    self.norm(f"{place}_expand_BN", inner)
                self.conv(f"{place}_depthwise", inner, inner, 3, stride, groups=inner)
                self.norm(f"{place}_depthwise_BN", inner)
                self.conv(f"{place}_project", inner, width, 1)
                self.norm(f"{place}_project_BN", width)
                before = width
        self.conv("Conv_1", before, 1280, 1)
        self.norm("Conv_1_bn", 1280)
        self.layers["head"] = nn.Linear(1280, classes)

    def features(self, x):
        x = x / 127.5 - 1
        x = relu6(self.run(x, "Conv1", "bn_Conv1"), inplace=True)
        for place, adds in self.blocks.items():
            given = x
            for kind in ("expand", "depthwise"):
                if f"{place}_{kind}" in self.layers:
                    x = self.run(x, f"{place}_{kind}", f"{place}_{kind}_BN")
                    x = relu6(x, inplace=True)
            x = self.run(x, f"{place}_project", f"{place}_project_BN")
            x = given + x if adds else x
        return relu6(self.run(x, "Conv_1", "Conv_1_bn"), inplace=True).mean((2, 3))


NETWORKS = {"ResNet-18": ResNet18, "DenseNet-121": DenseNet121, "MobileNetV2": MobileNetV2}
