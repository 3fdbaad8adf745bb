"""What the doctor says of two kinds of images that have no pairs."""

import numpy as np

from keras_mia.data import read_cases, write_image
from keras_mia.doctor.unpaired_images import diagnose_unpaired, unpaired_warnings
from keras_mia.tasks.translation.cases.unpaired import examine_unpaired, split_unpaired


def fill(root, name, seed):
    array = np.random.default_rng(seed).integers(0, 255, (16, 16), np.uint8)
    write_image(root / name, array)


def read(root):
    return read_cases(root, targets=("multiclass", "image"), unpaired=("A", "B"), strict=False)


def test_nothing_is_said_of_classes(tmp_path):
    for number in range(4):
        fill(tmp_path, f"A/{number}.png", number)
    fill(tmp_path, "B/x.png", 9)
    found = diagnose_unpaired(read(tmp_path))
    assert not found.findings
    assert [(row["kind"], row["all"]) for row in found.balance] == [("A", 4), ("B", 1)]
    assert "Nothing is wrong" in found.describe()


def test_an_image_of_both_kinds_and_one_of_two_parts(tmp_path):
    for part in ("train", "test"):
        for kind in "AB":
            for number in range(2):
                fill(
                    tmp_path,
                    f"{part}/{kind}/{part}{number}.png",
                    len(part) * 100 + ord(kind) * 2 + number,
                )
    fill(tmp_path, "train/A/same.png", 500)
    fill(tmp_path, "test/B/equal.png", 500)
    kinds = {one.kind for one in diagnose_unpaired(read(tmp_path)).wrong}
    assert kinds == {"two targets"}
    (tmp_path / "test" / "B" / "equal.png").rename(tmp_path / "test" / "A" / "equal.png")
    cases = split_unpaired(examine_unpaired(read(tmp_path), ("A", "B")), (1, 5))
    assert any("Same image" in warning for warning in unpaired_warnings(cases))
    assert cases.warnings
