"""Images that are made are held against real ones as sets."""

import numpy as np

from keras_mia.data.image import Image
from keras_mia.tasks.translation.evaluation.score_space import ScoreSpace
from keras_mia.tasks.translation.evaluation.texture_sets import MOST, REAL, TextureSets, cells_in


def added(sets, name, array, affine=None):
    image = Image(array, affine)
    sets.add(name, cells_in(ScoreSpace.plain(image), array, image))


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def test_copies_are_as_near_as_the_same_images_and_flat_ones_far():
    sets = TextureSets()
    for seed in range(4):
        real = noise(64, 64, 1, seed=seed)
        added(sets, REAL, real)
        added(sets, "copy", real)
        image = Image(real)
        sets.add("flat", cells_in(ScoreSpace.plain(image), 0 * real, image))
    distances = sets.distances()
    assert set(distances) == {"copy", "flat"}
    assert distances["copy"] < 0 < 1 < distances["flat"]


def test_slices_of_a_volume_lie_along_the_longest_side_of_a_voxel():
    thin = noise(32, 32, 2, 1)
    sets, turned = TextureSets(), TextureSets()
    for name in (REAL, "network"):
        added(sets, name, thin, np.diag([1, 1, 5, 1]))
        added(turned, name, np.moveaxis(thin, 2, 0), np.diag([5, 1, 1, 1]))
    assert sets.distances() == turned.distances()


def test_without_a_real_cell_there_is_no_distance():
    sets = TextureSets()
    assert sets.distances() == {}
    added(sets, "network", noise(16, 16, 1))
    assert np.isnan(sets.distances()["network"])


def test_of_many_cells_the_same_are_compared():
    many = noise(16, 16 * (MOST + 10), 1)
    sets = TextureSets()
    for name in (REAL, "network"):
        added(sets, name, many)
    assert sets.distances()["network"] < 0


def test_of_a_single_cell_or_of_no_numbers_there_is_no_distance():
    random = np.random.default_rng(0)
    sets = TextureSets()
    sets.add(REAL, random.normal(size=(5, 7)))
    sets.add("one", random.normal(size=(1, 7)))
    sets.add("broken", np.full((5, 7), np.nan))
    sets.add("right", random.normal(size=(5, 7)))
    distances = sets.distances()
    assert np.isnan(distances["one"])
    assert np.isnan(distances["broken"])
    assert np.isfinite(distances["right"])
