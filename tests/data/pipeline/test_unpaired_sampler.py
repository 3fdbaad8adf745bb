"""Images as pairs have them, beside targets of other places."""

from types import SimpleNamespace

import numpy as np

from keras_mia.data.pipeline.patch_sampler import PatchSampler
from keras_mia.data.pipeline.unpaired_sampler import UnpairedSampler
from keras_mia.data.targets.array_kind import IMAGE


def pairs():
    """Two cases, whose targets are their images."""
    cases = []
    for number in range(2):
        image = np.arange(400, dtype=np.float32).reshape(20, 20, 1) + 1000 * number
        cases.append(SimpleNamespace(image=image, target=image, points=[], kind=IMAGE))
    return PatchSampler(cases, (8, 8), (8, 8), 0.0)


def test_what_belongs_together_is_not_told():
    sampler = UnpairedSampler(pairs(), pairs())
    images, targets = sampler(3, range(200))
    np.testing.assert_array_equal(images, pairs()(3, range(200))[0])
    same = [np.array_equal(one, other) for one, other in zip(images, targets, strict=True)]
    assert sum(same) < 10  # 2 cases of 169 places
    cases = np.array([images.max((1, 2, 3)) >= 1000, targets.max((1, 2, 3)) >= 1000])
    assert 60 < (cases[0] == cases[1]).sum() < 140
    known = {one.tobytes() for one in pairs()(3 + 1_000_003, range(200))[1]}
    assert {one.tobytes() for one in targets} == known


def test_an_example_is_a_function_of_seed_and_number():
    first, again = (UnpairedSampler(pairs(), pairs())(5, [7]) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(first[1], UnpairedSampler(pairs(), pairs())(5, [8])[1])
