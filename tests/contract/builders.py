"""A row for every builder; a new builder is one more row, and every suite runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from keras_mia.models import unet


@dataclass(frozen=True)
class Builder:
    """What the suites need to know.

    Args:
        build: the function.
        options: what makes its networks tiny.
        spaces: axes of space of the inputs to build with.
        toggles: another value for every option; where it takes more than one, all of them.
    """

    build: Callable
    options: Mapping
    spaces: tuple[tuple[int, ...], ...]
    toggles: Mapping[str, Mapping]

    @property
    def name(self) -> str:
        return self.build.__name__

    def make(self, space=None, channels=1, classes=3, **options):
        space = self.spaces[1] if space is None else space
        return self.build((*space, channels), classes, **{**self.options, **options})


def toggle(**options) -> dict[str, dict]:
    """Options that need no other, each by itself."""
    return {name: {name: value} for name, value in options.items()}


BUILDERS = (
    Builder(
        unet,
        options={"filters": 4, "depth": 2},
        spaces=((32,), (16, 20), (8, 8, 12)),
        toggles=toggle(
            filters=8,
            depth=1,
            max_filters=8,
            pool=[(1, 2), 2],
            norm="group",
            block="residual",
            upsampling="resize",
            dropout=0.5,
            doubling="before_pool",
            deep_supervision=True,
            activation=None,
            name="other",
        )
        | {"padding": {"padding": "mirror", "depth": 1}},
    ),
)
