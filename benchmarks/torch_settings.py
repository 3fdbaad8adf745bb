"""The settings to run a network in PyTorch with, all of which are tried."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import product
from typing import Any, NamedTuple

import torch
import torch._dynamo.config
import torch._inductor.config
from torch import nn

from turns import Choice, fastest, threads, tried

SLOW = 2.0
"""A setting that is this many times slower than the best one is not tried compiled too."""
BEST = 1.0
"""The best one alone is: of networks with many layers, as compiling each setting takes minutes."""


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
        """A batch, or a module with a `rank`, in this memory layout."""
        if not self.last:
            return thing
        rank = thing.rank if isinstance(thing, nn.Module) else thing.ndim - 2
        layout = torch.channels_last if rank == 2 else torch.channels_last_3d
        return thing.to(memory_format=layout)

    def precision(self):
        """The context to compute in."""
        return torch.autocast("cpu", torch.bfloat16) if self.dtype == "bfloat16" else nullcontext()

    def ready(self, function: Callable) -> Callable:
        """The function, compiled or not."""
        return torch.compile(function, dynamic=False) if self.compiled else function

    def frozen(self, function: Callable) -> Callable:
        """The function of a module in evaluation, at this precision and without gradients."""

        def computed(x):
            with self.precision():
                return function(x)

        run = self.ready(computed)
        if self.compiled:
            # Weights are folded and packed beforehand; it is asked for in the call that compiles.
            run = torch._inductor.config.patch(freezing=True)(run)
        return self.without_gradients()(run)

    def predictor(self, network: Callable[[], nn.Module]) -> Callable:
        """A function from a batch to the probabilities of its classes."""
        model = self.is_spatial(network()).eval()
        return self.frozen(lambda x: model(x).softmax(1))

    def without_gradients(self):
        """The context, or decorator, for inference."""
        return torch.no_grad() if self.compiled else torch.inference_mode()


def fastest_setting(
    make: Callable[[Setting], Callable[[], Any]],
    show: Callable[[Any], Any] = lambda result: result,
    label: str = "torch",
    slow: float = SLOW,
) -> tuple[Setting, Choice]:
    """Tries float32 and bfloat16, channels last or not, eager and compiled.

    Args:
        make: gives what is timed for a setting.
        show: what to make of its first result, to compare it.
        label: what to call it, before the setting.
        slow: how many times slower than the best one a setting may be to be tried compiled.

    Returns:
        The fastest setting, and its work.
    """
    torch.set_num_threads(threads())
    torch._dynamo.config.recompile_limit = 64  # each setting is one more, the default is 8
    found: dict[str, Setting] = {}
    times: dict[tuple[str, bool], float] = {}

    def choices() -> Iterator[Choice]:
        for compiled, dtype, last in product((False, True), ("float32", "bfloat16"), (False, True)):
            if compiled and times[dtype, last] > slow * min(times.values()):
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
