"""Frechet and kernel distance, precision and recall, against written-out sums."""

import itertools
import tracemalloc

import numpy as np
import pytest
from scipy.linalg import sqrtm

from keras_mia.metrics.generation.frechet import frechet_distance
from keras_mia.metrics.generation.kernel import kernel_distance
from keras_mia.metrics.generation.manifold import precision_recall


def draw(count, features=4, seed=0, mean=0.0, deviation=1.0):
    return np.random.default_rng(seed).normal(mean, deviation, (count, features))


def by_roots(real, samples):
    """The Frechet distance as its authors write it."""
    one, other = (np.cov(values, rowvar=False) for values in (real, samples))
    root = sqrtm(one @ other).real
    shift = real.mean(axis=0) - samples.mean(axis=0)
    return shift @ shift + np.trace(one + other - 2 * root)


def by_pairs(real, samples, degree):
    """The kernel distance, a pair at a time."""

    def kernel(x, y):
        return (x @ y / len(x) + 1) ** degree

    within = [
        np.mean([kernel(x, y) for x, y in itertools.permutations(values, 2)])
        for values in (real, samples)
    ]
    return sum(within) - 2 * np.mean([kernel(x, y) for x in real for y in samples])


def inside_balls(examples, reference, neighbours):
    """The share of examples within a ball of the reference, a pair at a time."""
    radii = [
        sorted(np.linalg.norm(x - y) for j, y in enumerate(reference) if j != i)[neighbours - 1]
        for i, x in enumerate(reference)
    ]
    return np.mean(
        [
            any(np.linalg.norm(x - y) <= r for y, r in zip(reference, radii, strict=True))
            for x in examples
        ]
    )


def test_frechet_is_that_of_matrix_roots():
    real, samples = draw(60), draw(50, seed=1, mean=0.3, deviation=1.4)
    samples[:, 1] += samples[:, 0]
    assert frechet_distance(real, samples) == pytest.approx(by_roots(real, samples), rel=1e-9)


def test_frechet_of_two_normal_distributions_in_one_dimension():
    real, samples = draw(40, 1), draw(30, 1, seed=1)
    real = 2 + 3 * (real - real.mean()) / real.std(ddof=1)
    samples = 5 + 1.5 * (samples - samples.mean()) / samples.std(ddof=1)
    assert frechet_distance(real, samples) == pytest.approx((5 - 2) ** 2 + (3 - 1.5) ** 2)


@pytest.mark.parametrize("count", [2, 3, 20])
def test_frechet_of_fewer_examples_than_features(count):
    real, samples = draw(count, 64), draw(count + 1, 64, seed=1)
    one, other = (np.cov(values, rowvar=False) for values in (real, samples))
    values, vectors = np.linalg.eigh(one)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    common = np.sqrt(np.linalg.eigvalsh(root @ other @ root).clip(0)).sum()
    shift = ((real.mean(axis=0) - samples.mean(axis=0)) ** 2).sum()
    expected = shift + np.trace(one) + np.trace(other) - 2 * common
    assert frechet_distance(real, samples) == pytest.approx(expected, rel=1e-6)
    assert 0 <= frechet_distance(real, real) < 1e-9


def test_frechet_of_constant_features_and_of_features_far_from_0():
    real, samples = draw(30), draw(30, seed=1)
    far = frechet_distance(real + 1e6, samples + 1e6)
    assert far == pytest.approx(frechet_distance(real, samples), rel=1e-6)
    constant = np.ones((9, 3))
    assert frechet_distance(constant, constant) == 0
    assert frechet_distance(constant, constant + 2) == pytest.approx(12)
    real[:, 2] = samples[:, 2] = 7
    assert frechet_distance(real, samples) == pytest.approx(
        frechet_distance(np.delete(real, 2, 1), np.delete(samples, 2, 1))
    )


def test_what_does_not_change_distances():
    real, samples = draw(40), draw(30, seed=1, mean=0.4)
    rotation, _ = np.linalg.qr(draw(4, 4, seed=2))
    turned = real @ rotation, samples @ rotation
    value = frechet_distance(real, samples)
    assert frechet_distance(samples, real) == pytest.approx(value)
    assert frechet_distance(*turned) == pytest.approx(value)
    assert frechet_distance(3 * real, 3 * samples) == pytest.approx(9 * value)
    assert kernel_distance(*turned) == pytest.approx(kernel_distance(real, samples))
    assert precision_recall(*turned) == pytest.approx(precision_recall(real, samples))
    assert precision_recall(5 + 2 * real, 5 + 2 * samples) == precision_recall(real, samples)


def test_only_the_frechet_floor_falls_with_the_number_of_examples():
    floors = [frechet_distance(draw(n, 8), draw(n, 8, seed=1)) for n in (20, 100, 500, 2500)]
    assert floors == sorted(floors, reverse=True)
    assert floors[0] > 20 * floors[-1]
    drawn = [
        kernel_distance(draw(20, 8, seed=seed), draw(20, 8, seed=900 + seed)) for seed in range(300)
    ]
    assert min(drawn) < 0 < max(drawn)
    assert abs(np.mean(drawn)) < 4 * np.std(drawn) / np.sqrt(len(drawn))


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_kernel_is_the_mean_over_pairs(degree):
    real, samples = draw(7), draw(9, seed=1, mean=0.5)
    expected = by_pairs(real, samples, degree)
    assert kernel_distance(real, samples, degree=degree) == pytest.approx(expected)


def test_kernel_of_many_examples_needs_little_memory():
    real, samples = draw(5_000, 4), draw(5_000, 4, seed=1)
    tracemalloc.start()
    kernel_distance(real, samples)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6  # it grows with the number of examples, not with that of pairs


@pytest.mark.parametrize("neighbours", [1, 3])
def test_precision_and_recall_are_those_of_pairs(neighbours):
    real, samples = draw(25, 2), draw(30, 2, seed=1, mean=0.8, deviation=1.5)
    found = precision_recall(real, samples, neighbours=neighbours)
    assert found.precision == inside_balls(samples, real, neighbours)
    assert found.recall == inside_balls(real, samples, neighbours)
    assert 0 < found.precision < 1
    assert 0 < found.recall < 1


def test_precision_and_recall_over_several_blocks():
    real, samples = draw(1100, 2), draw(700, 2, seed=1, mean=0.5)
    found = precision_recall(real, samples)
    few = precision_recall(real[::-1], samples[::-1])
    assert found == few
    assert found.precision == inside_balls(samples, real[:, :2], 3)


def test_what_precision_and_recall_mean():
    real = np.concatenate([draw(200, 2), draw(200, 2, seed=1, mean=50)])
    one_mode = precision_recall(real, draw(400, 2, seed=2))
    assert one_mode.precision > 0.8
    assert 0.3 < one_mode.recall < 0.5
    poor = precision_recall(real, draw(400, 2, seed=2, mean=25, deviation=60))
    assert poor.precision < 0.2
    assert poor.recall > 0.8
    repeated = np.repeat(real[:5], 80, axis=0)
    assert precision_recall(repeated, repeated) == (1, 1)
    assert precision_recall(real, repeated) == pytest.approx((1, 5 / 400))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"samples": np.zeros((1, 3))}, "at least"),
        ({"samples": np.zeros((9, 2))}, "shape"),
        ({"real": np.full((9, 3), np.inf)}, "finite"),
        ({"real": np.zeros((9, 3, 2)), "samples": np.zeros((9, 3, 2))}, "features"),
    ],
)
@pytest.mark.parametrize("function", [frechet_distance, kernel_distance, precision_recall])
def test_what_cannot_be_compared_is_refused(function, change, message):
    with pytest.raises(ValueError, match=message):
        function(**{"real": np.zeros((9, 3)), "samples": np.zeros((9, 3))} | change)


def test_options_that_mean_nothing_are_refused():
    with pytest.raises(ValueError, match="degree"):
        kernel_distance(draw(5), draw(5), degree=0)
    with pytest.raises(ValueError, match="neighbours"):
        precision_recall(draw(5), draw(5), neighbours=0)
    with pytest.raises(ValueError, match="at least 6"):
        precision_recall(draw(5), draw(5), neighbours=5)
