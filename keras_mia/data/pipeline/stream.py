"""The training stream: example number `n` of a seed is always the same example.

Which case, patch and changes an example holds follows from `(seed, n)` alone, by stateless random
numbers. Batch `i` holds examples `i * batch_size` to `(i + 1) * batch_size - 1`. So a run resumes
by starting the counter where it stopped, and workers share one stream, each making its own part
of every batch.
"""

import os
from collections.abc import Callable

import tensorflow as tf

from keras_mia.data.pipeline.sampler import Sampler


def stream(
    sampler: Sampler,
    batch_size: int,
    *,
    seed: int,
    start: int = 0,
    worker: int = 0,
    workers: int = 1,
    transform: Callable | None = None,
) -> tf.data.Dataset:
    """Endless batches, made in parallel and given in order.

    Args:
        sampler: gives examples by their numbers.
        batch_size: examples in a batch of all workers together; `workers` divides it.
        seed: below 2**31.
        start: number of the first batch, for a run that goes on.
        worker: which part of each batch this process makes.
        workers: how many parts there are.
        transform: a TensorFlow function of keys int32 `(batch, 2)` and the batched tensors, such as
            `keras_mia.data.augment.examples.augmenter(...)`.

    Returns:
        A `tf.data.Dataset` of tuples, each tensor with a leading axis of `batch_size // workers`.

    Raises:
        ValueError: `workers` does not divide `batch_size`, or `worker` is not one of them.

    Example:
        >>> import numpy as np
        >>> from keras_mia.data.pipeline.sampler import ArraySpec
        >>> class Sums:
        ...     specs, whole_batches = [ArraySpec((2,), "float32")], False
        ...     def __call__(self, seed, numbers):
        ...         return (np.stack([np.full(2, seed + n, np.float32) for n in numbers]),)
        >>> batches = stream(Sums(), 2, seed=10, start=3)
        >>> next(iter(batches))[0].numpy().tolist()
        [[16.0, 16.0], [17.0, 17.0]]
    """
    if batch_size % workers or not 0 <= worker < workers:
        raise ValueError(f"worker {worker} of {workers} has no equal part of {batch_size} examples")
    share = batch_size // workers
    together = share if sampler.whole_batches else 1
    dtypes = [tf.as_dtype(dtype) for _, dtype in sampler.specs]
    threads = min(os.cpu_count() or 1, 8)

    def read(seed, numbers):
        # Python's integers, whose sums and products do not overflow
        return tuple(sampler(int(seed), numbers.tolist()))

    def some(index):
        first = index * together
        first = first // share * batch_size + worker * share + first % share
        numbers = first + tf.range(together, dtype=tf.int64)
        arrays = tf.numpy_function(read, [seed, numbers], dtypes, stateful=False)
        shaped = [
            tf.ensure_shape(array, (together, *shape))
            for array, (shape, _) in zip(arrays, sampler.specs, strict=True)
        ]
        keys = tf.stack([tf.fill([together], tf.constant(seed)), tf.cast(numbers, tf.int32)], 1)
        return keys, *shaped

    def changed(keys, *batch):
        return transform(keys, *batch) if transform else batch

    batches = tf.data.Dataset.counter(start * (share // together)).map(
        some, num_parallel_calls=threads, deterministic=True
    )
    if together < share:
        batches = batches.unbatch().batch(share, drop_remainder=True)
    return batches.map(changed, num_parallel_calls=threads, deterministic=True).prefetch(2)
