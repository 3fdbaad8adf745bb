"""Images of patches that are drawn anew from their targets."""

import numpy as np

from keras_mia.data.pipeline.patch_sampler import PatchSampler
from keras_mia.data.preprocess.array_cache import save_array
from keras_mia.data.preprocess.case_cache import CaseArrays
from keras_mia.data.targets.array_kind import IMAGE


def test_an_image_is_drawn_anew_for_each_example_and_the_same_for_its_number(tmp_path):
    target = np.random.default_rng(0).normal(size=(12, 10, 1)).astype(np.float32)
    paths = [tmp_path / f"{name}.npy" for name in ("image", "target", "points")]
    for path, array in zip(paths, (0 * target, target, np.zeros((0, 3), np.int16)), strict=True):
        save_array(path, array)
    case = CaseArrays("a", *paths, IMAGE)

    def redraw(case, image, target, generator):
        return target + generator.standard_normal(target.shape, np.float32)

    sampler = PatchSampler([case], (12, 10), (12, 10), 0.0, redraw)
    (first, second), targets = sampler(0, [3, 4])
    np.testing.assert_array_equal(targets[0], target)
    assert 0.7 < (first - target).std() < 1.3
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(sampler(0, [3])[0][0], first)
