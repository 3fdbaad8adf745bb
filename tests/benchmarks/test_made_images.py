"""Images that are made for experiments are what they claim to be."""

import numpy as np
import pytest

from benchmarks.made_digits import HIGH, digits_of_two_looks, write_digits
from benchmarks.made_lesions import (
    SLICES,
    lesion_counts,
    patients_apart,
    slices,
    write_slices,
)
from benchmarks.made_phantom import TISSUES, patient, write_patients
from keras_mia.data.io.image_io import read_image


@pytest.fixture(scope="module")
def mnist(data):
    return data / "mnist" / "mnist.npz"


def test_digits_are_apart_and_always_the_same(mnist):
    first, again = (digits_of_two_looks(mnist, 40, 20, seed=1) for _ in range(2))
    for part in ("train", "test"):
        plain, blended = (first[part, look] for look in ("plain", "blended"))
        assert not set(plain.numbers) & set(blended.numbers)
        np.testing.assert_array_equal(plain.images, again[part, "plain"].images)
    other = digits_of_two_looks(mnist, 40, 20, seed=2)["train", "plain"]
    assert not np.array_equal(other.images, first["train", "plain"].images)


def test_digits_to_choose_settings_by_are_of_the_training_part(mnist):
    digits = digits_of_two_looks(mnist, 40, 20, held_out=False)
    numbers = np.concatenate([one.numbers for one in digits.values()])
    assert len(set(numbers)) == 120
    with np.load(mnist) as arrays:
        chosen = digits["test", "blended"]
        np.testing.assert_array_equal(chosen.labels, arrays["y_train"][chosen.numbers])


def test_digits_show_what_their_labels_say(mnist):
    digits = digits_of_two_looks(mnist, 40, 20)["test", "plain"]
    with np.load(mnist) as arrays:
        strokes = arrays["x_test"][digits.numbers] > 250
        np.testing.assert_array_equal(digits.labels, arrays["y_test"][digits.numbers])
    inner = digits.images[:, 2:-2, 2:-2, 0]
    np.testing.assert_allclose(inner[strokes].mean(), HIGH, atol=0.02)
    assert inner[~strokes].mean() < 0.5
    assert 0 <= digits.images.min() < digits.images.max() <= 1


def test_what_was_written_of_digits(mnist, tmp_path):
    write_digits(mnist, tmp_path, 6, 3)
    paths = sorted(tmp_path.glob("*/*/*.png"))
    assert {str(one.parent.relative_to(tmp_path)) for one in paths} == {
        f"{part}/{look}" for part in ("train", "test") for look in ("plain", "blended")
    }
    assert len(paths) == 2 * (6 + 3)
    assert read_image(paths[0]).space == (32, 32)


def test_patients_are_apart(data):
    groups = patients_apart(data, [50, 50, 20])
    assert [len(group) for group in groups] == [50, 50, 20]
    assert len({name for group in groups for name in group}) == 120
    assert groups == patients_apart(data, [50, 50, 20])
    assert groups != patients_apart(data, [50, 50, 20], seed=1)


def test_lesions_are_where_the_masks_are(data):
    (names,) = patients_apart(data, [3])
    made, again = slices(data, names), slices(data, names[1:])
    np.testing.assert_array_equal(made.images[SLICES:], again.images)
    changed = abs(made.images - made.healthy)[..., 0]
    assert changed[made.masks].mean() > 0.7
    assert changed[~made.masks].mean() < 0.05
    sizes = made.masks.sum((1, 2))
    assert sizes.min() > 5
    assert sizes.max() < np.pi * 8**2
    assert len(made.images) == 3 * SLICES


def test_what_was_written_of_slices(data, tmp_path):
    write_slices(data, tmp_path, [1, 2, 1, 1])
    names = {
        part: {one.name for one in (tmp_path / part).glob("*.png")}
        for part in ("train/healthy", "train/diseased", "test/healthy", "test/diseased", "masks")
    }
    assert len(set().union(*names.values())) == 5 * SLICES
    assert names["masks"] == names["train/diseased"] | names["test/diseased"]


def test_lesions_are_counted():
    masks, made = np.zeros((3, 20, 20), bool), np.zeros((3, 20, 20))
    masks[:2, 2:6, 2:6] = True
    made[0, 4:8, 4:8] = 0.9  # overlaps
    made[0, 12:16, 12:16] = 0.9  # does not
    made[2, :4, :4] = made[2, 10:14, 10:14] = 0.6
    made[2, 18, 18] = 1.0  # too small
    assert lesion_counts(made, masks) == {
        "diseased slices": 2,
        "healthy slices": 1,
        "lost": 1,
        "hallucinated in healthy": 2,
        "healthy slices with one": 1,
        "hallucinated in diseased": 1,
    }


def test_mr_and_ct_are_of_one_body(tmp_path):
    made, again = patient(0), patient(0)
    np.testing.assert_array_equal(made.mr, again.mr)
    assert not np.array_equal(made.tissues, patient(1).tissues)
    bone, air = list(TISSUES).index("bone"), list(TISSUES).index("air")
    for kind, low, high in (("bone", 300, 800), ("air", -1010, -980), ("muscle", 0, 100)):
        mean = made.ct[made.tissues == list(TISSUES).index(kind)].mean()
        assert low < mean < high, (kind, mean)
    bright = made.mr[made.tissues == list(TISSUES).index("fat")].mean()
    assert made.mr[made.tissues == bone].mean() < 0.5 * bright
    assert made.mr[made.tissues == air].mean() < 0.1 * bright
    assert set(np.unique(made.tissues)) == set(range(len(TISSUES)))

    write_patients(tmp_path, 2)
    mr, ct = (read_image(tmp_path / "patient_00" / f"{kind}.nii.gz") for kind in ("MR", "CT"))
    np.testing.assert_array_equal(mr.affine, ct.affine)
    np.testing.assert_allclose(ct.array[..., 0], made.ct)
