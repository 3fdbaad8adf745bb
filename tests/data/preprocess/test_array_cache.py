import os

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.preprocess.array_cache import is_whole, new_array, save_array


def test_an_array_that_was_cut_off_is_not_whole(tmp_path):
    path = tmp_path / "a.npy"
    assert not is_whole(path)
    for array in (np.arange(60.0).reshape(3, 4, 5), np.zeros((0, 4), np.int16), np.float32(1)):
        save_array(path, array)
        assert is_whole(path)
        np.testing.assert_array_equal(np.load(path), array)
    save_array(path, np.arange(60.0))
    content = path.read_bytes()
    for broken in (content[:-1], content[:40], content + b"x", b"", b"no array at all"):
        path.write_bytes(broken)
        assert not is_whole(path)


def test_an_array_has_its_space_before_it_is_filled(tmp_path, monkeypatch):
    with new_array(tmp_path / "a.npy", np.uint8, (3, 1000)) as array:
        array[1] = 7
    assert np.load(tmp_path / "a.npy").sum() == 7000

    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with (
        pytest.raises(Problem, match="No space left"),
        new_array(tmp_path / "b.npy", np.uint8, (3, 1000)),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]
