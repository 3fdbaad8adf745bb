"""The training stream: example number `n` of a seed is always the same example.

Which case, patch and changes an example holds follows from `(seed, n)` alone, by stateless random
numbers. Batch `i` holds examples `i * batch_size` to `(i + 1) * batch_size - 1`. So a run resumes
by starting the counter where it stopped, and workers share one stream, each making its own part
of every batch.
"""

import os
from collections.abc import Callable, Sequence

import tensorflow as tf


def stream(
    read: Callable,
    batch_size: int,
    *,
    specs: Sequence[tf.TensorSpec],
    seed: int,
    start: int = 0,
    worker: int = 0,
    workers: int = 1,
    transform: Callable | None = None,
    together: bool = False,
) -> tf.data.Dataset:
    """Endless batches, made in parallel and given in order.

    Args:
        read: a function `(seed, number)` of two integers to a tuple of NumPy arrays, one for each
            of `specs`; all its chance comes from its arguments. Several threads call it.
        batch_size: examples in a batch of all workers together; `workers` divides it.
        specs: shape and dtype of what `read` returns.
        seed: below 2**31.
        start: number of the first batch, for a run that goes on.
        worker: which part of each batch this process makes.
        workers: how many parts there are.
        transform: a TensorFlow function of keys int32 `(batch, 2)` and the batched tensors, such as
            `keras_mia.data.augment.examples.augmenter(...)`.
        together: whether `read` takes the numbers of all examples of a batch, an int64 array, and
            gives arrays with a leading axis of them; `specs` stay those of one example. It is
            faster where examples are small.

    Returns:
        A `tf.data.Dataset` of tuples, each tensor with a leading axis of `batch_size // workers`.

    Raises:
        ValueError: `workers` does not divide `batch_size`, or `worker` is not one of them.

    Example:
        >>> import numpy as np
        >>> def read(seed, number):
        ...     return (np.full(2, seed + number, np.float32),)
        >>> batches = stream(read, 2, specs=[tf.TensorSpec(2)], seed=10, start=3)
        >>> next(iter(batches))[0].numpy().tolist()
        [[16.0, 16.0], [17.0, 17.0]]
    """
    if batch_size % workers or not 0 <= worker < workers:
        raise ValueError(f"worker {worker} of {workers} has no equal part of {batch_size} examples")
    share = batch_size // workers
    dtypes = [spec.dtype for spec in specs]
    threads = min(os.cpu_count() or 1, 8)

    def numbered(index):
        return index // share * batch_size + worker * share + index % share

    def example(index):
        number = numbered(index)
        arrays = tf.numpy_function(_with_integers(read), [seed, number], dtypes, stateful=False)
        shaped = [
            tf.ensure_shape(array, spec.shape) for array, spec in zip(arrays, specs, strict=True)
        ]
        return tf.stack([tf.constant(seed, tf.int32), tf.cast(number, tf.int32)]), *shaped

    def whole(number):
        numbers = number * batch_size + worker * share + tf.range(share, dtype=tf.int64)
        arrays = tf.numpy_function(read, [seed, numbers], dtypes, stateful=False)
        shaped = [
            tf.ensure_shape(array, (share, *spec.shape))
            for array, spec in zip(arrays, specs, strict=True)
        ]
        keys = tf.stack([tf.fill([share], tf.constant(seed)), tf.cast(numbers, tf.int32)], 1)
        return keys, *shaped

    def changed(keys, *batch):
        return transform(keys, *batch) if transform else batch

    if together:
        read_batches = tf.data.Dataset.counter(start).map(
            whole, num_parallel_calls=threads, deterministic=True
        )
    else:
        examples = tf.data.Dataset.counter(start * share)
        read_batches = examples.map(example, num_parallel_calls=threads, deterministic=True).batch(
            share, drop_remainder=True
        )
    return read_batches.map(changed, num_parallel_calls=threads, deterministic=True).prefetch(2)


def _with_integers(read: Callable) -> Callable:
    """`read` gets Python's integers, whose sums and products do not overflow."""
    return lambda seed, number: tuple(read(int(seed), int(number)))
