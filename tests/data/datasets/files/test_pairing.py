"""Predictions and truths, images and label maps: which file belongs to which."""

import unicodedata

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import write_image
from keras_mia.data.datasets.files.pairing import pair


def fill(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, np.eye(6, dtype=np.uint8))


def named(root, pairs):
    return {a.name: b and b.relative_to(root / "truth").as_posix() for a, b in pairs}


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        (["a.png", "b.png"], ["a.png", "b.png"]),
        (["a_mask.png", "b_mask.png"], ["a_mask.png", "b_mask.png"]),
        # images beside their label maps are no truth
        (["a.png", "a_mask.png", "b.png", "b_mask.png"], ["a_mask.png", "b_mask.png"]),
        (["x/a.png", "y/b.png"], ["x/a.png", "y/b.png"]),
        (["x/a.png", "x/a_seg.png", "y/b.png", "y/b_seg.png"], ["x/a_seg.png", "y/b_seg.png"]),
    ],
)
def test_predictions_in_one_folder_and_truths(tmp_path, truth, expected):
    fill(tmp_path / "predictions", "a.png", "b.png")
    fill(tmp_path / "truth", *truth)
    pairs, left = pair(tmp_path / "predictions", tmp_path / "truth")
    assert named(tmp_path, pairs) == dict(zip(("a.png", "b.png"), expected, strict=True))
    assert not left


def test_one_name_in_two_folders_is_not_clear(tmp_path):
    fill(tmp_path / "predictions", "1.png", "2.png")
    fill(tmp_path / "truth", "x/1.png", "y/1.png", "y/2.png")
    with pytest.raises(Problem, match="not clear"):
        pair(tmp_path / "predictions", tmp_path / "truth")


def test_letters_that_are_composed_otherwise(tmp_path):
    fill(tmp_path / "predictions", "Büro.png", "Ärzte.png")
    for name in ("Büro.png", "Ärzte.png"):
        fill(tmp_path / "truth", unicodedata.normalize("NFD", name))
    pairs, _ = pair(tmp_path / "predictions", tmp_path / "truth")
    assert all(truth is not None for _, truth in pairs)
