"""The training stream is a pure function of seed and number."""

import time

import numpy as np
import pytest
import tensorflow as tf

from keras_mia.data.augment.examples import augmenter
from keras_mia.data.augment.settings import Augmentation, Chance
from keras_mia.data.pipeline.sampler import ArraySpec
from keras_mia.data.pipeline.stream import stream

SPECS = [ArraySpec((10, 10, 1), "float32"), ArraySpec((10, 10), "uint8")]


def add_noise(keys, images, labels):
    noise = tf.map_fn(
        lambda key: tf.random.stateless_normal((10, 10, 1), key),
        keys,
        fn_output_signature=tf.float32,
    )
    return images + noise, labels


def read(seed, number):
    generator = np.random.default_rng((seed, number))
    image = generator.standard_normal((10, 10, 1)).astype(np.float32)
    time.sleep(0.002 * generator.random())  # later examples may be ready earlier
    return image, generator.integers(0, 3, (10, 10)).astype(np.uint8)


class Reading:
    """A sampler of examples that a function reads."""

    whole_batches = False

    def __init__(self, read, specs):
        self.read, self.specs = read, specs

    def __call__(self, seed, numbers):
        return tuple(map(np.stack, zip(*(self.read(seed, n) for n in numbers), strict=True)))


SAMPLER = Reading(read, SPECS)


def take(count, batch_size=4, **options):
    batches = stream(SAMPLER, batch_size, **{"seed": 3, "transform": add_noise} | options)
    return [tuple(part.numpy() for part in batch) for batch in batches.take(count)]


def assert_equal(a, b):
    for one, other in zip(a, b, strict=True):
        for left, right in zip(one, other, strict=True):
            np.testing.assert_array_equal(left, right)


def test_batches_hold_their_examples_in_order():
    for i, (images, labels) in enumerate(take(3, transform=None)):
        for j in range(4):
            image, label = read(3, 4 * i + j)
            np.testing.assert_array_equal(images[j], image)
            np.testing.assert_array_equal(labels[j], label)


def test_with_augmentation_shapes_are_known_and_a_repeat_is_bit_equal():
    changes = augmenter(Augmentation(noise=Chance(0.1, 0.5, 1.0), flip_axes=(0, 1)), (8, 8))
    batches = stream(SAMPLER, 4, seed=0, transform=changes)
    image, label = batches.element_spec
    assert image == tf.TensorSpec((4, 8, 8, 1), tf.float32)
    assert label == tf.TensorSpec((4, 8, 8), tf.uint8)
    later = stream(SAMPLER, 4, seed=0, start=1, transform=changes)
    *_, second = batches.take(2).as_numpy_iterator()
    assert_equal([second], list(later.take(1).as_numpy_iterator()))


def test_a_repeat_is_bit_equal_and_another_seed_differs():
    assert_equal(take(3), take(3))
    assert not np.array_equal(take(1)[0][0], take(1, seed=4)[0][0])


def test_a_later_start_goes_on_where_the_stream_was():
    assert_equal(take(4)[2:], take(2, start=2))


@pytest.mark.parametrize("workers", [2, 4])
def test_the_workers_parts_make_the_global_batch(workers):
    parts = [take(2, worker=worker, workers=workers) for worker in range(workers)]
    joined = [
        tuple(np.concatenate(column) for column in zip(*step, strict=True))
        for step in zip(*parts, strict=True)
    ]
    assert_equal(joined, take(2))


def test_whole_batches_are_those_of_single_examples():
    sampler = Reading(read, SPECS)
    sampler.whole_batches = True
    batches = stream(sampler, 4, seed=3, transform=add_noise, start=1, worker=1, workers=2)
    found = [tuple(part.numpy() for part in batch) for batch in batches.take(2)]
    assert_equal(found, take(2, start=1, worker=1, workers=2))


def test_an_example_does_not_depend_on_the_batch_size():
    assert_equal(
        [tuple(np.concatenate(c) for c in zip(*take(4, batch_size=2), strict=True))],
        [tuple(np.concatenate(c) for c in zip(*take(2, batch_size=4), strict=True))],
    )


def test_large_numbers_do_not_overflow():
    def big(seed, number):
        return (np.array(seed * 10**9 + number, np.int64),)

    batches = stream(Reading(big, [ArraySpec((), "int64")]), 2, seed=2**31 - 1, start=10**9)
    expected = [(2**31 - 1) * 10**9 + 2 * 10**9 + j for j in (0, 1)]
    assert next(iter(batches))[0].numpy().tolist() == expected


def test_an_array_of_another_shape_than_said_is_refused():
    batches = stream(Reading(read, [ArraySpec((9, 9, 1), "float32"), SPECS[1]]), 2, seed=0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="9,9,1"):
        next(iter(batches))


@pytest.mark.parametrize(("worker", "workers"), [(0, 3), (2, 2), (-1, 2)])
def test_unequal_parts_are_refused(worker, workers):
    with pytest.raises(ValueError, match="equal part"):
        stream(SAMPLER, 4, seed=0, worker=worker, workers=workers)
