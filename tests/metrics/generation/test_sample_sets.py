"""What samples cover, what they copy, and how alike they are."""

import math

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from skimage.metrics import structural_similarity

from keras_mia.metrics.generation.coverage import class_coverage
from keras_mia.metrics.generation.distances import nearest
from keras_mia.metrics.generation.memorization import memorization
from keras_mia.metrics.generation.variety import (
    WEIGHTS,
    _pairs,
    multiscale_similarity,
    sample_similarity,
)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).random(shape)


def test_classes_that_mistakes_explain_are_not_covered():
    classes = np.repeat(np.arange(10), [991, 1, 2, 0, 0, 0, 0, 0, 0, 6])
    assert class_coverage(classes, 10)["classes_covered"] == 1
    assert class_coverage(classes, 10, least=0)["classes_covered"] == 4
    even = class_coverage(np.arange(1000) % 10, 10)
    assert even == {
        "classes_covered": 10,
        "smallest_class_share": 0.1,
        "evenness": pytest.approx(1),
    }


def test_evenness_is_entropy():
    shares = np.array([0.5, 0.3, 0.2])
    found = class_coverage(np.repeat([0, 2, 3], [50, 30, 20]), 4)
    assert found["evenness"] == pytest.approx(-sum(shares * np.log(shares)) / math.log(4))
    assert found["smallest_class_share"] == 0
    assert class_coverage([1, 1], 2)["evenness"] == 0
    assert math.isnan(class_coverage([0, 0], 1)["evenness"])


@pytest.mark.parametrize("classes", [[], [[0, 1]], [3], [-1], [0.5], [np.nan]])
def test_classes_that_are_none_are_refused(classes):
    with pytest.raises(ValueError):
        class_coverage(classes, 3)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.uint8])
def test_nearest_is_that_of_pairs(kind):
    samples = (255 * draw(600, 3, 2)).astype(kind)
    training = (255 * draw(40, 3, 2, seed=1)).astype(kind)
    training[7], training[9] = samples[3], samples[3]
    distances = [
        [np.linalg.norm(x.astype(float) - y.astype(float)) for y in training] for x in samples
    ]
    found = nearest(samples, training)
    assert found.indices.tolist() == np.argmin(distances, axis=1).tolist()
    assert found.distances == pytest.approx(np.min(distances, axis=1))
    assert found.indices[3] == 7
    assert found.distances[3] == 0


def test_nearest_over_several_blocks_and_far_from_0():
    training = draw(8300, 2)
    order = np.random.default_rng(1).permutation(8300)[:600]
    found = nearest(training[order] + 1e5, training + 1e5)
    assert (found.indices == order).all()
    assert not found.distances.any()


def test_copies_and_samples_of_the_same_source():
    training, heldout, samples = draw(3, 400, 5)
    independent = memorization(samples, training, heldout)
    assert 0.9 < independent["nearest_ratio"] < 1.1
    assert independent["memorized_share"] < 0.05
    assert independent["nearer_p"] > 0.01
    half = np.concatenate([samples[:200], training[:200] + 1e-3])
    copied = memorization(half, training, heldout)
    assert copied["memorized_share"] == pytest.approx(0.5, abs=0.03)
    assert copied["nearer_p"] < 1e-6
    far = memorization(samples + 3, training, heldout)
    assert far["nearest_ratio"] > 5
    assert far["nearer_p"] > 0.99


def test_memorization_is_its_three_definitions():
    training, heldout, samples = draw(20, 3), draw(15, 3, seed=1), draw(10, 3, seed=2)

    def least(values):
        return [min(np.linalg.norm(x - y) for y in training) for x in values]

    near, usual = least(samples), least(heldout)
    assert memorization(samples, training, heldout) == {
        "nearest_ratio": pytest.approx(np.median(near) / np.median(usual)),
        "memorized_share": np.mean(near < np.quantile(usual, 0.01)),
        "nearer_p": pytest.approx(mannwhitneyu(near, usual, alternative="less").pvalue),
    }


def test_memorization_where_all_distances_are_0():
    same = np.zeros((5, 2))
    found = memorization(same, same, same)
    assert math.isnan(found["nearest_ratio"])
    assert found["memorized_share"] == 0
    assert not found["nearer_p"] < 0.5
    assert memorization(same + 1, same, same)["nearest_ratio"] == math.inf


def test_one_scale_is_the_mean_of_ssim_within_the_image():
    one, other = 100 * draw(2, 1, 20, 18, 1)
    _, whole = structural_similarity(
        *(image[0, ..., 0] for image in (one, other)),
        data_range=100.0,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    inside = whole[5:-5, 5:-5].mean()
    assert multiscale_similarity(one, other, 100.0)[0] == pytest.approx(max(inside, 0))


def slow_multiscale(one, other, scales, window=11):
    """MS-SSIM of two planes, a window at a time."""
    line = np.exp(-0.5 * (np.arange(window) - window // 2) ** 2 / 1.5**2)
    weights = np.outer(line, line) / line.sum() ** 2
    product, total = 1.0, sum(WEIGHTS[:scales])
    for scale in range(scales):
        luminance, structure = [], []
        for i in range(len(one) - window + 1):
            for j in range(one.shape[1] - window + 1):
                x, y = (a[i : i + window, j : j + window] for a in (one, other))
                mx, my = (weights * x).sum(), (weights * y).sum()
                vx, vy = (weights * (x - mx) ** 2).sum(), (weights * (y - my) ** 2).sum()
                cov = (weights * (x - mx) * (y - my)).sum()
                luminance.append((2 * mx * my + 1e-4) / (mx**2 + my**2 + 1e-4))
                structure.append((2 * cov + 9e-4) / (vx + vy + 9e-4))
        last = scale == scales - 1
        value = np.mean(np.multiply(luminance, structure)) if last else np.mean(structure)
        product *= max(value, 0) ** (WEIGHTS[scale] / total)
        one, other = (
            np.pad(a, [(0, n % 2) for n in a.shape], mode="symmetric") for a in (one, other)
        )
        one, other = (
            (a[::2, ::2] + a[1::2, ::2] + a[::2, 1::2] + a[1::2, 1::2]) / 4 for a in (one, other)
        )
    return product


@pytest.mark.parametrize(
    ("space", "scales", "window"),
    [((28, 28), 2, 11), ((45, 23), 2, 11), ((7, 8), 1, 7), ((3, 3), 1, 3)],
)
def test_similarity_is_that_of_windows_one_by_one(space, scales, window):
    one = draw(*space)
    other = 0.7 * one + 0.3 * draw(*space, seed=1)
    found = multiscale_similarity(one[None, ..., None], other[None, ..., None], 1.0)
    assert found[0] == pytest.approx(slow_multiscale(one, other, scales, window))


@pytest.mark.parametrize("space", [(40,), (24, 24), (3, 30), (12, 11, 13), (24, 24, 4), (5, 5, 2)])
def test_similarity_at_any_rank(space):
    images = draw(6, *space, 2)
    alike = images[:1] + 0.02 * images
    unlike, near = (sample_similarity(some, data_range=1.0) for some in (images, alike))
    assert 0 <= unlike < near <= 1
    assert sample_similarity(100 * images, data_range=100.0) == pytest.approx(unlike)


def test_pairs_are_different_images_and_none_comes_twice():
    for count, pairs in ((2, 5), (7, 21), (60, 1000), (1_000_000, 200)):
        one, other = _pairs(count, pairs, seed=0)
        assert len(set(zip(one, other, strict=True))) == min(pairs, count * (count - 1) // 2)
        assert (one > other).all()
        assert other.min() >= 0
        assert one.max() < count
    images = draw(9, 12, 12, 1)
    assert sample_similarity(images, data_range=1.0, pairs=4) == sample_similarity(
        images, data_range=1.0, pairs=4
    )


def test_images_without_structure_and_wrong_ones():
    assert math.isnan(sample_similarity(draw(3, 1, 1, 1), data_range=1.0))
    assert math.isnan(sample_similarity(draw(3, 2, 2, 1), data_range=1.0))
    assert sample_similarity(np.zeros((3, 12, 12, 1)), data_range=1.0) == 1
    for wrong in (
        draw(1, 12, 12, 1),
        draw(0, 12, 12, 1),
        draw(3, 12),
        np.full((3, 9, 9, 1), np.inf),
    ):
        with pytest.raises(ValueError):
            sample_similarity(wrong, data_range=1.0)
    with pytest.raises(ValueError, match="pairs"):
        sample_similarity(draw(3, 9, 9, 1), data_range=1.0, pairs=0)
