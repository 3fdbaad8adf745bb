"""Images made worse in known ways, so that a network can learn the way back.

Each degradation takes an image `(*space, channels)` and gives one of the same shape, in the same
unit; what is random follows from the generator that it is given.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage.transform import resize

from keras_mia.core.k_space import line_filter

PERCENTILES = (1, 99)
"""Of an image's values, between which its range lies."""


def value_range(array: np.ndarray) -> np.ndarray:
    """The range of an image's values from the 1st to the 99th percentile, channel by channel.

    Example:
        >>> value_range(np.linspace(0.0, 100.0, 101)[:, None]).tolist()
        [98.0]
    """
    low, high = np.percentile(array, PERCENTILES, axis=tuple(range(array.ndim - 1)))
    return np.asarray(high - low)


@dataclass(frozen=True)
class Noise:
    """Noise in each voxel by itself.

    Args:
        level: its standard deviation, as a share of the image's range from the 1st to the 99th
            percentile.
        kind: "gaussian" adds it; "rician" is that of the magnitude of a complex image whose real
            and imaginary part have Gaussian noise, as in MR. The image's values are then taken as
            they are, so that 0 has to be no signal.

    Raises:
        ValueError: a level below 0, or another kind.

    Source: Gudbjartsson and Patz (1995), The Rician distribution of noisy MRI data,
        doi:10.1002/mrm.1910340618.
    """

    name: ClassVar[str] = "noise"
    level: float = 0.1
    kind: str = "gaussian"

    def __post_init__(self) -> None:
        if self.level < 0 or self.kind not in ("gaussian", "rician"):
            raise ValueError(f"Noise of level {self.level} and kind {self.kind!r}.")

    def __call__(self, array: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """The image with noise, float32."""
        deviation = self.level * value_range(array)
        real = array + deviation * generator.standard_normal(array.shape)
        if self.kind == "gaussian":
            return real.astype(np.float32)
        imaginary = deviation * generator.standard_normal(array.shape)
        return np.hypot(real, imaginary).astype(np.float32)


@dataclass(frozen=True)
class Blur:
    """A Gaussian point spread.

    Args:
        sigma: its standard deviation in voxels, one for all axes or one an axis.

    Raises:
        ValueError: a deviation below 0.
    """

    name: ClassVar[str] = "blur"
    sigma: float | tuple[float, ...] = 1.5

    def __post_init__(self) -> None:
        if np.min(self.sigma) < 0:
            raise ValueError(f"A blur of sigma {self.sigma}.")

    def __call__(self, array: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """The blurred image, float32; nothing is random."""
        axes = tuple(range(array.ndim - 1))
        image = np.asarray(array, np.float32)
        return gaussian_filter(image, self.sigma, axes=axes, mode="nearest")


@dataclass(frozen=True)
class Resolution:
    """Fewer and larger voxels, brought back to the grid by cubic interpolation.

    Args:
        factor: how many times larger voxels are, one for all axes or one an axis. Before every
            `factor`-th voxel is taken a Gaussian of `(factor - 1) / 2` voxels removes what these
            cannot hold.

    Raises:
        ValueError: a factor below 1.
    """

    name: ClassVar[str] = "resolution"
    factor: float | tuple[float, ...] = 2.0

    def __post_init__(self) -> None:
        if np.min(self.factor) < 1:
            raise ValueError(f"Voxels of {self.factor} times the size.")

    def __call__(self, array: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """The image at the lower resolution on its own grid, float32; nothing is random."""
        image = np.asarray(array, np.float32)
        factors = np.broadcast_to(self.factor, array.ndim - 1)
        fewer = [max(1, round(size / by)) for size, by in zip(image.shape, factors, strict=False)]
        coarse = resize(image, fewer, order=1, mode="edge", anti_aliasing=True, preserve_range=True)
        fine = resize(coarse, image.shape[:-1], order=3, mode="edge", preserve_range=True)
        return fine.astype(np.float32)


@dataclass(frozen=True)
class Undersampling:
    """Lines of k-space left out, with zeros in their place.

    Args:
        acceleration: so many times fewer lines are measured.
        centre: share of the lines, around frequency 0, that are always measured.
        axis: of space, along which the lines are counted (phase encoding).

    Raises:
        ValueError: an acceleration below 1, or a centre outside 0..1.

    Source: Zbontar et al. (2018), fastMRI, arXiv:1811.08839 (random lines and a full centre).

    Departs from the source: images are real, so each line comes with that of minus its frequency.
    """

    name: ClassVar[str] = "undersampling"
    acceleration: float = 3.0
    centre: float = 0.08
    axis: int = 0

    def __post_init__(self) -> None:
        if self.acceleration < 1 or not 0 <= self.centre <= 1:
            raise ValueError(f"{self.acceleration} times fewer lines, a centre of {self.centre}.")

    def lines(self, size: int, generator: np.random.Generator) -> np.ndarray:
        """Which lines are measured.

        Args:
            size: of the image along `axis`.
            generator: that draws those outside the centre.

        Returns:
            `(size,)` bool in the order of `numpy.fft.fftfreq`: `size / acceleration` of them, to
            the nearest number that the pairs of lines allow, the mean always among them.
        """
        frequency = np.abs(np.round(np.fft.fftfreq(size) * size)).astype(int)
        wanted = size / self.acceleration
        central = math.ceil(max(0.0, self.centre * size - 1) / 2)
        outer = generator.permutation(np.arange(central + 1, size // 2 + 1))
        kept = frequency <= central
        for line in outer:
            pair = frequency == line
            if kept.sum() + pair.sum() / 2 > wanted:
                break
            kept |= pair
        return kept

    def __call__(self, array: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """The image of the measured lines alone, float32."""
        keep = line_filter(self.lines(array.shape[self.axis], generator))
        image = np.moveaxis(np.asarray(array, np.float32), self.axis, 0)
        product = np.tensordot(keep.astype(np.float32), image, axes=1)
        return np.ascontiguousarray(np.moveaxis(product, 0, self.axis))


Degradation = Callable[[np.ndarray, np.random.Generator], np.ndarray]
DEGRADATIONS: dict[str, type[Noise] | type[Blur] | type[Resolution] | type[Undersampling]] = {
    kind.name: kind for kind in (Noise, Blur, Resolution, Undersampling)
}


def degrade(
    array: np.ndarray, degradations: Sequence[Degradation], seed: Sequence[int]
) -> np.ndarray:
    """An image made worse in several ways, one after the other.

    Args:
        array: `(*space, channels)`.
        degradations: in the order in which they act.
        seed: integers; the same ones give the same image.

    Returns:
        `(*space, channels)` float32.

    Example:
        >>> image = np.arange(64.0).reshape(8, 8, 1)
        >>> first, second = (degrade(image, [Noise(0.1)], [7]) for _ in range(2))
        >>> bool((first == second).all()), first.shape
        (True, (8, 8, 1))
    """
    generator = np.random.default_rng(list(seed))
    for change in degradations:
        array = change(array, generator)
    return np.asarray(array, np.float32)
