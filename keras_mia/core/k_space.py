"""Lines of k-space, the Fourier transform of an image, as MR measures them."""

from collections.abc import Sequence

import numpy as np


def line_filter(lines: Sequence[bool] | np.ndarray) -> np.ndarray:
    """The matrix that keeps some frequencies of a signal and sets the others to 0.

    Args:
        lines: `(n,)`, which frequencies are kept, in the order of `numpy.fft.fftfreq`. Frequency
            `k` is kept with `-k`, so that real signals stay real.

    Returns:
        `(n, n)` float64, real and symmetric.

    Raises:
        ValueError: a frequency is kept without its negative one.

    Example:
        >>> line_filter([True, False, False, False]).round(2).tolist()[0]  # the mean
        [0.25, 0.25, 0.25, 0.25]
    """
    kept = np.asarray(lines, bool)
    if not np.array_equal(kept[1:], kept[1:][::-1]):
        raise ValueError("Each line of k-space is kept together with that of minus its frequency.")
    transform = np.fft.fft(np.eye(len(kept)), axis=0)
    return np.fft.ifft(kept[:, None] * transform, axis=0).real
