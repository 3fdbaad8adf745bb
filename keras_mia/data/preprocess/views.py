"""How a network is shown prepared volumes: as a whole, or as pictures of them.

A view is shown volumes `(*size, channels)`. It says what one example for training is, of which a
volume may hold several, and which pictures of a volume its prediction is averaged over.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

COUNT = 10
"""Random planes whose predictions are averaged."""


class View(Protocol):
    """What all views have.

    Attributes:
        shape: of what the network takes, `(*space, channels)`.
        axes: of the volume, those that the axes of space of `shape` are; empty: planes of any.
        examples: how many a volume holds in training.
        count: how many pictures of a volume are predicted, and their predictions averaged.
    """

    shape: tuple[int, ...]
    axes: tuple[int, ...]
    examples: int
    count: int

    def one(self, image: np.ndarray, index: int, key: Sequence[int]) -> np.ndarray:
        """Example number `index` of a volume, `shape`; its chance comes from the key alone."""

    def all(self, image: np.ndarray) -> np.ndarray:
        """What is shown of a volume to predict it, `(count, *shape)`."""


def view_of(name: str | None, size: tuple[int, ...], channels: int, slice_axis: int | None) -> View:
    """The view of a plan.

    Args:
        name: one of `kinds.VIEWS`; None: pictures, as they are.
        size: voxels an axis of a prepared image.
        channels: of a prepared image.
        slice_axis: along which slices are taken, where they are.

    Example:
        >>> view_of("neighbours", (40, 32, 8), 1, 2).shape
        (40, 32, 3)
    """
    if name in ("slices", "neighbours"):
        assert slice_axis is not None
        return Slices(size, channels, slice_axis, around=int(name == "neighbours"))
    if name == "planes":
        return Planes(size)
    return RandomPlanes(size, channels) if name == "random" else Whole(size, channels)


class Whole(View):
    """The image as it is."""

    examples = count = 1

    def __init__(self, size: tuple[int, ...], channels: int):
        self.shape = (*size, channels)
        self.axes = tuple(range(len(size)))

    def one(self, image: np.ndarray, index: int, key: Sequence[int]) -> np.ndarray:
        return image

    def all(self, image: np.ndarray) -> np.ndarray:
        return image[None]


class Slices(View):
    """Each slice along an axis by itself, or with its neighbours as channels.

    Args:
        size: of the volumes.
        channels: of the volumes.
        axis: along which slices lie.
        around: how many slices before and after are channels too; beyond the ends the last one is
            repeated.
    """

    def __init__(self, size: tuple[int, ...], channels: int, axis: int, around: int = 0):
        self.axis, self.around = axis, around
        self.examples = self.count = size[axis]
        self.axes = tuple(one for one in range(len(size)) if one != axis)
        self.shape = (*(size[one] for one in self.axes), channels * (2 * around + 1))

    def one(self, image: np.ndarray, index: int, key: Sequence[int] = ()) -> np.ndarray:
        near = np.arange(index - self.around, index + self.around + 1)
        slices = image.take(near.clip(0, self.examples - 1), self.axis)
        return np.moveaxis(slices, self.axis, -2).reshape(self.shape)

    def all(self, image: np.ndarray) -> np.ndarray:
        return np.stack([self.one(image, index) for index in range(self.count)])


class Planes(View):
    """The three planes through the centre of a cube, each across one axis, as channels.

    Args:
        size: of the volumes, all sides equal; they have one channel.

    Source: 2.5D views: Roth et al. (2014), doi:10.1007/978-3-319-10404-1_65.
    """

    axes: tuple[int, ...] = ()
    examples = count = 1

    def __init__(self, size: tuple[int, ...]):
        self.shape = (*size[:-1], len(size))

    def one(self, image: np.ndarray, index: int, key: Sequence[int]) -> np.ndarray:
        return self.all(image)[0]

    def all(self, image: np.ndarray) -> np.ndarray:
        planes = [image.take(image.shape[axis] // 2, axis) for axis in range(image.ndim - 1)]
        return np.concatenate(planes, -1)[None]


class RandomPlanes(View):
    """A plane through the centre of a cube, turned at random; the predictions of some that are
    always the same are averaged.

    Args:
        size: of the volumes, all sides equal.
        channels: of the volumes.

    Source: random view aggregation: Roth et al. (2014), doi:10.1007/978-3-319-10404-1_65.
    """

    axes: tuple[int, ...] = ()
    examples, count = 1, COUNT

    def __init__(self, size: tuple[int, ...], channels: int):
        self.shape = (*size[:-1], channels)

    def one(self, image: np.ndarray, index: int, key: Sequence[int]) -> np.ndarray:
        # Jumped: the first numbers of this key may have chosen the volume (data/pipeline).
        return _plane(image, np.random.Generator(np.random.Philox(key=key).jumped()))

    def all(self, image: np.ndarray) -> np.ndarray:
        generator = np.random.default_rng(0)
        return np.stack([_plane(image, generator) for _ in range(self.count)])


def _plane(image: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A plane through the centre of a cube, every orientation alike."""
    from scipy.ndimage import map_coordinates
    from scipy.spatial.transform import Rotation

    rotation = Rotation.from_quat(generator.normal(size=4)).as_matrix()
    length = image.shape[0]
    steps = np.arange(length) - (length - 1) / 2
    positions = rotation[:, 0, None, None] * steps[:, None] + rotation[:, 1, None, None] * steps
    channels = [
        map_coordinates(channel, positions + (length - 1) / 2, np.float32, order=1, mode="nearest")
        for channel in np.moveaxis(image, -1, 0)
    ]
    return np.stack(channels, -1)
