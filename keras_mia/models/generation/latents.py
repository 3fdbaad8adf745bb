"""What a generator makes its samples of: random numbers that follow from a seed and a number."""

from collections.abc import Callable, Sequence

import numpy as np

BLOCK = 256
"""Samples whose latents are drawn together."""


def latents(count: int, size: int | Sequence[int], *, seed: int = 0, start: int = 0) -> np.ndarray:
    """Latents of samples number `start`, `start + 1`, ...

    Number `i` of a seed is always the same, however many are drawn.

    Args:
        count: of samples.
        size: of a latent, a number or a shape.
        seed: 0 or more.
        start: number of the first one.

    Returns:
        `(count, *size)` float32, of a standard normal distribution.

    Raises:
        ValueError: a number is below 0.

    Example:
        >>> bool((latents(3, 5)[2:] == latents(1, 5, start=2)).all())
        True
    """
    shape = (size,) if isinstance(size, int) else tuple(size)
    return numbered(
        lambda random: random.standard_normal((BLOCK, *shape), np.float32), count, seed, start
    )


def numbered(
    draw: Callable[[np.random.Generator], np.ndarray], count: int, seed: int, start: int = 0
) -> np.ndarray:
    """Random numbers of samples number `start`, `start + 1`, ..., drawn block by block.

    Args:
        draw: from a generator of random numbers to those of `BLOCK` samples, `(BLOCK, ...)`.
        count: of samples.
        seed: 0 or more.
        start: number of the first one.

    Returns:
        `(count, ...)`.

    Raises:
        ValueError: a number is below 0.
    """
    if count < 0 or start < 0 or seed < 0:
        raise ValueError(f"count, start and seed are 0 or more, not {count}, {start}, {seed}.")
    first, last = start // BLOCK, (start + max(count, 1) - 1) // BLOCK
    blocks = [
        draw(np.random.Generator(np.random.Philox(key=[seed, block])))
        for block in range(first, last + 1)
    ]
    offset = start - first * BLOCK
    return np.concatenate(blocks)[offset : offset + count]
