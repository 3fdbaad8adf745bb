"""What chooses and reads the examples of a training stream."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np


class ArraySpec(NamedTuple):
    """One array of an example.

    Attributes:
        shape: without the batch.
        dtype: by name, such as "float32".
    """

    shape: tuple[int, ...]
    dtype: str


class Sampler(Protocol):
    """Gives examples by their numbers: a pure function, all of whose chance comes from them.

    A run goes on, and several workers share a stream, because example `n` of a seed is always the
    same. Several threads call it.

    Attributes:
        specs: of the arrays of one example, such as the image and its target.
        whole_batches: whether it is faster to read a batch at once, where examples are small;
            otherwise each example is read by a thread of its own.
    """

    specs: Sequence[ArraySpec]
    whole_batches: bool

    def __call__(self, seed: int, numbers: Sequence[int]) -> tuple[np.ndarray, ...]:
        """The arrays of `specs`, each with a leading axis of `len(numbers)`."""
