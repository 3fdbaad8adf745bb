"""What may happen to an example: the settings of augmentation."""

from dataclasses import dataclass, fields, replace
from itertools import combinations
from typing import Any

import numpy as np

SAMPLES = 2000  # from which the size of the patch to read follows


@dataclass(frozen=True)
class Chance:
    """A change happens with `probability`, its strength uniform between `low` and `high`."""

    low: float | tuple[float, ...]
    high: float | tuple[float, ...]
    probability: float


NEVER = Chance(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Augmentation:
    """What may happen to an example, how strongly and how often.

    Args:
        rotation_deg: angle in degrees; in 3D an angle about each axis, with tuples an axis its own.
        scale: factor of size; above 1 things become larger.
        shear: tangent of the angle by which each axis leans to each earlier one.
        shift: share of the window's side, drawn for each axis.
        flip_axes: the axes that may be mirrored.
        flip_probability: the chance of it, an axis.
        elastic: how far control points move at most, as a share of the distance between them; at
            most 0.4, so that nothing folds over.
        elastic_points: control points an axis, at least 4.
        bias: the logarithm of the bias field's largest factor.
        bias_points: its control points an axis, at least 4.
        brightness: factor of all values.
        contrast: factor of the distance to the mean.
        gamma: the power to which the values, brought to [0, 1], are raised.
        blur: standard deviation of a Gaussian in voxels.
        resolution: share of the voxels kept an axis, interpolated back.
        noise: standard deviation of normal noise; z-scored images have 1.
        erase: side of erased boxes as a share of the window's.
        erase_boxes: how many are erased at once.
        spacing: the voxel's sides, for images whose sides differ: rotations then keep shapes in mm.

    Raises:
        ValueError: a range or a probability that makes no sense, named.

    Example:
        >>> calm = Augmentation(rotation_deg=Chance(-15, 15, 0.5), flip_axes=(0,))
        >>> calm.rotation_deg.probability
        0.5
    """

    rotation_deg: Chance = Chance(-30.0, 30.0, 0.3)
    scale: Chance = Chance(0.75, 1.35, 0.3)
    shear: Chance = NEVER
    shift: Chance = NEVER
    flip_axes: tuple[int, ...] = ()
    flip_probability: float = 0.5
    elastic: Chance = Chance(0.1, 0.3, 0.2)
    elastic_points: int = 7
    bias: Chance = Chance(0.1, 0.4, 0.15)
    bias_points: int = 4
    brightness: Chance = Chance(0.75, 1.25, 0.15)
    contrast: Chance = Chance(0.75, 1.25, 0.15)
    gamma: Chance = Chance(0.7, 1.5, 0.3)
    blur: Chance = Chance(0.5, 1.0, 0.15)
    resolution: Chance = Chance(0.5, 1.0, 0.15)
    noise: Chance = Chance(0.0, 0.3, 0.15)
    erase: Chance = NEVER
    erase_boxes: int = 3
    spacing: tuple[float, ...] | None = None

    def __post_init__(self):
        for field in fields(self):
            if isinstance(chance := getattr(self, field.name), Chance):
                if not 0 <= chance.probability <= 1:
                    raise ValueError(f"{field.name}: a probability of {chance.probability}")
                if np.any(np.asarray(chance.low) > np.asarray(chance.high)):
                    raise ValueError(f"{field.name}: {chance.low} is above {chance.high}")
        for name in ("scale", "gamma", "resolution"):
            chance = getattr(self, name)
            if chance.probability > 0 and chance.low <= 0:
                raise ValueError(f"{name} must be above 0, got {chance.low}")
        if self.elastic.high > 0.4 or self.elastic.low < 0:
            raise ValueError(f"elastic must be in [0, 0.4], got {self.elastic}")
        if min(self.elastic_points, self.bias_points) < 4:
            raise ValueError("elastic_points and bias_points must be at least 4")

    @property
    def recolors(self) -> bool:
        """Whether grey values may change other than by noise."""
        names = ("bias", "brightness", "contrast", "gamma", "blur", "resolution", "erase")
        return any(getattr(self, name).probability > 0 for name in names)

    def still(self) -> "Augmentation":
        """The same without what moves or mirrors, for targets that say where something is."""
        moves = ("rotation_deg", "scale", "shear", "shift", "elastic")
        changes: dict[str, Any] = dict.fromkeys(moves, NEVER)
        return replace(self, flip_axes=(), **changes)

    @classmethod
    def none(cls) -> "Augmentation":
        """Nothing happens: the crop in the middle."""
        named = [field.name for field in fields(cls) if isinstance(field.default, Chance)]
        changes: dict[str, Any] = dict.fromkeys(named, NEVER)
        return replace(cls(), **changes)


def source_space(
    window: tuple[int, ...], settings: Augmentation, share: float = 0.9
) -> tuple[int, ...]:
    """The patch to read so that a turned, smaller or bent window finds real data at its corners.

    Args:
        window: the shape that the network gets.
        settings: what may happen.
        share: share of the examples that look nowhere outside of the patch along an axis; in the
            others what lies outside is 0 in the image and IGNORE in the label map.

    Returns:
        A shape at least as large as `window`. Cut its patch around the window, so that the window
        itself reaches every position in the image.

    Example:
        >>> turned = replace(Augmentation.none(), rotation_deg=Chance(-180, 180, 1.0))
        >>> source_space((100, 100), turned, share=1.0)
        (142, 142)
    """
    rank, planes, generator = len(window), plane_pairs(len(window)), np.random.default_rng(0)

    def drawn(chance: Chance, count: int, identity: float) -> np.ndarray:
        low, high = (np.broadcast_to(end, count) for end in (chance.low, chance.high))
        happens = generator.random((SAMPLES, 1)) < chance.probability
        return np.where(happens, generator.uniform(low, high, (SAMPLES, count)), identity)

    angles = np.deg2rad(drawn(settings.rotation_deg, len(planes), 0.0))
    shears = drawn(settings.shear, len(planes), 0.0)
    matrix = np.tile(np.eye(rank), (SAMPLES, 1, 1)) / drawn(settings.scale, 1, 1.0)[..., None]
    for number, (i, j) in enumerate(planes):
        rotation, shearing = (np.tile(np.eye(rank), (SAMPLES, 1, 1)) for _ in range(2))
        cos, sin = np.cos(angles[:, number]), np.sin(angles[:, number])
        rotation[:, i, i], rotation[:, i, j] = cos, -sin
        rotation[:, j, i], rotation[:, j, j] = sin, cos
        shearing[:, i, j] = shears[:, number]
        matrix = matrix @ rotation @ shearing
    if settings.spacing is not None:
        matrix = matrix * np.divide.outer(settings.spacing, settings.spacing).T
    bent = drawn(settings.elastic, 1, 0.0) * 2 / (settings.elastic_points - 3)
    reach = (1 + 2 * np.abs(drawn(settings.shift, rank, 0.0)) + bent) * np.array(window)
    widest = np.quantile((np.abs(matrix) @ reach[..., None])[..., 0], share, axis=0)
    return tuple(max(w, int(np.ceil(r - 1e-6))) for w, r in zip(window, widest, strict=True))


def plane_pairs(rank: int) -> list[tuple[int, int]]:
    """The planes to turn in: in 3D those about the first, the second and the third axis.

    Args:
        rank: axes of space.

    Returns:
        Two axes a plane; none of one axis.
    """
    return list(combinations(range(rank), 2))[::-1]
