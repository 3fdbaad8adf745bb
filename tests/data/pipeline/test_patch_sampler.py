from types import SimpleNamespace

import numpy as np
import pytest

from keras_mia.data.pipeline.patch_sampler import PatchSampler
from keras_mia.data.targets.array_kind import LABEL_MAP
from keras_mia.data.targets.label_map import IGNORE


def case(space, points=(), channels=1):
    image = np.arange(np.prod(space) * channels, dtype=np.float32).reshape(*space, channels)
    return SimpleNamespace(
        image=image,
        target=np.zeros(space, np.uint8),
        points=[np.array(p) for p in points],
        kind=LABEL_MAP,
    )


def test_an_example_is_a_function_of_seed_and_number():
    patches = PatchSampler([case((20, 20)), case((30, 25))], (12, 12), (8, 8), 0.5)
    first = patches(3, [17])
    for one, other in zip(first, patches(3, [17]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert any(not np.array_equal(first[0], patches(3, [n])[0]) for n in range(18, 22))
    assert any(not np.array_equal(first[0], patches(s, [17])[0]) for s in range(4, 8))


def test_the_middle_of_what_is_read_holds_the_foreground_and_reaches_the_borders():
    corner = np.array([[0, 0]])
    one = case((40, 40), [corner])
    one.target[0, 0] = 1
    patches = PatchSampler([one], (16, 16), (8, 8), 1.0)
    (image,), (label,) = patches(0, [0])
    assert image.shape == (16, 16, 1)
    assert (label[4:12, 4:12] == 1).sum() == 1
    assert (label[:4] == IGNORE).all()
    assert (image[:4] == 0).all()


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_foreground_is_kept(share):
    one = case((200, 200), [[[100, 100]]])
    one.target[100, 100] = 1
    patches = PatchSampler([one], (8, 8), (8, 8), share)
    hits = np.mean([(patches(0, [n])[1] == 1).any() for n in range(400)])
    assert abs(hits - share) < 0.08


def test_a_2d_network_gets_single_slices_of_a_volume():
    volume = case((5, 20, 20))
    volume.target[3] = 1
    patches = PatchSampler([volume], (8, 8), (8, 8), 0.0)
    for number in range(20):
        (image,), (label,) = patches(0, [number])
        assert image.shape == (8, 8, 1)
        assert len(np.unique(label)) == 1
