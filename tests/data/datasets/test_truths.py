"""The truth of predictions: label maps, several masks of one, or the whole data set."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, write_image
from keras_mia.data.datasets.truths import truths


def fill(root, *names):
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        array = np.zeros((6, 8), np.uint8)
        array.flat[number] = 1
        write_image(path, array)


@pytest.mark.parametrize(
    "data",
    [
        [
            "images/a.png",
            "images/b.png",
            "masks/a_left.png",
            "masks/a_right.png",
            "masks/b_left.png",
        ],
        ["a.png", "b.png", "a_mask.png", "b_mask.png"],
        ["x/a.png", "x/a_mask_1.png", "y/b.png", "y/b_mask_1.png", "y/b_mask_2.png"],
        ["images/a.png", "images/b.png", "labels/a.png", "labels/b.png"],
    ],
)
def test_a_data_set_is_its_own_truth(tmp_path, data):
    fill(tmp_path / "data", *data)
    cases = read_cases(tmp_path / "data")
    fill(tmp_path / "found", *(f"{case.name}.png" for case in cases))
    sources = [tmp_path / "data"]
    sources += [tmp_path / "data" / name for name in ("masks", "labels") if name in str(data)]
    for source in (one for one in sources if one.is_dir()):
        pairs, left = truths(tmp_path / "found", source)
        assert [case.target for _, case in pairs] == [case.target for case in cases]
        assert not left
    lines = (f"{case.images[0]},{';'.join(map(str, case.label_files))},p" for case in cases)
    (tmp_path / "t.csv").write_text("\n".join(["image,label,patient", *lines]))
    pairs, _ = truths(tmp_path / "found", tmp_path / "t.csv")
    assert [case.patient for _, case in pairs] == ["p", "p"]


def test_what_has_no_partner(tmp_path):
    fill(tmp_path / "data", "images/a.png", "images/b.png", "labels/a.png", "labels/b.png")
    fill(tmp_path / "found", "a.png", "c.png")
    pairs, left = truths(tmp_path / "found", tmp_path / "data")
    assert [case and case.name for _, case in pairs] == ["a", None]
    assert left == [tmp_path / "data" / "labels" / "b.png"]
    fill(tmp_path / "odd", "x1y.png", "x2y.png")
    with pytest.raises(Problem, match="It is not clear"):
        truths(tmp_path / "found", tmp_path / "odd")
