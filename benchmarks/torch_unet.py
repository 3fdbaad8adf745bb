"""The U-Net of keras_mia in plain PyTorch, layer by layer, and the settings to run it with."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch._dynamo.config
import torch._inductor.config
from torch import nn

from turns import Choice, fastest, threads, tried

SLOW = 2.0
"""A setting that is this many times slower than the best one is not tried compiled too."""


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

    def load(self, weights: Mapping[str, np.ndarray]) -> "TorchUNet":
        """Takes over the weights of Keras' layers, `layer/weight` to array: all of them, no other.

        Raises:
            RuntimeError: the networks differ.
        """
        names = {
            "gamma": "weight",
            "beta": "bias",
            "bias": "bias",
            "moving_mean": "running_mean",
            "moving_variance": "running_var",
        }
        state = {}
        for path, array in weights.items():
            layer, _, weight = path.rpartition("/")
            if weight == "kernel":  # (*space, in, out), transposed (*space, out, in)
                space = range(array.ndim - 2)
                array = array.transpose(array.ndim - 1, array.ndim - 2, *space)
            key = f"layers.{layer}.{names.get(weight, 'weight')}"
            state[key] = torch.from_numpy(np.ascontiguousarray(array))
        batches = {key: value for key, value in self.state_dict().items() if "num_batches" in key}
        self.load_state_dict({**state, **batches}, strict=True)
        return self


class Setting(NamedTuple):
    """How PyTorch computes.

    Attributes:
        dtype: "float32", or "bfloat16" by autocast.
        last: whether channels come last in memory.
        compiled: whether by `torch.compile`; for inference with frozen weights.
    """

    dtype: str
    last: bool
    compiled: bool

    def __str__(self) -> str:
        words = [self.dtype]
        if self.last:
            words.append("channels last")
        if self.compiled:
            words.append("compiled")
        return ", ".join(words)

    def placed(self, thing):
        """A module or a batch in this memory layout."""
        if not self.last:
            return thing
        rank = thing.rank if isinstance(thing, TorchUNet) else thing.ndim - 2
        layout = torch.channels_last if rank == 2 else torch.channels_last_3d
        return thing.to(memory_format=layout)

    def precision(self):
        """The context to compute in."""
        return torch.autocast("cpu", torch.bfloat16) if self.dtype == "bfloat16" else nullcontext()

    def ready(self, function: Callable) -> Callable:
        """The function, compiled or not."""
        return torch.compile(function, dynamic=False) if self.compiled else function

    def predictor(self, network: Mapping[str, Any], weights: Path) -> Callable:
        """A function from a batch to the probabilities of its voxels, without gradients."""
        model = self.placed(TorchUNet(**network).load(np.load(weights))).eval()

        def probabilities(x):
            with self.precision():
                return model(x).softmax(1)

        run = self.ready(probabilities)
        if self.compiled:
            # Weights are folded and packed beforehand; it is asked for in the call that compiles.
            run = torch._inductor.config.patch(freezing=True)(run)
        return self.without_gradients()(run)

    def without_gradients(self):
        """The context, or decorator, for inference."""
        return torch.no_grad() if self.compiled else torch.inference_mode()


def fastest_setting(
    make: Callable[[Setting], Callable[[], Any]],
    show: Callable[[Any], Any] = lambda result: result,
    label: str = "torch",
) -> tuple[Setting, Choice]:
    """Tries float32 and bfloat16, channels last or not, eager and compiled.

    Args:
        make: gives what is timed for a setting.
        show: what to make of its first result, to compare it.
        label: what to call it, before the setting.

    Returns:
        The fastest setting, and its work.
    """
    torch.set_num_threads(threads())
    torch._dynamo.config.recompile_limit = 64  # each setting is one more, the default is 8
    found: dict[str, Setting] = {}
    times: dict[tuple[str, bool], float] = {}

    def choices() -> Iterator[Choice]:
        for compiled, dtype, last in product((False, True), ("float32", "bfloat16"), (False, True)):
            if compiled and times[dtype, last] > SLOW * min(times.values()):
                continue
            setting = Setting(dtype, last, compiled)
            try:
                choice = tried(f"{label}, {setting}", make(setting), show)
            except Exception as error:
                if not compiled:
                    raise
                print(f"    {label}, {setting}: does not work here ({type(error).__name__})")
                continue
            found[choice.name] = setting
            times.setdefault((dtype, last), choice.ms)
            yield choice

    best = fastest(choices())
    return found[best.name], best
