"""What the doctor finds in images and those that are to be made of them; and what it leaves."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import RESAMPLED, ImageFile
from keras_mia.data.datasets.cases import Case, Cases, Slab
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.image import Image
from keras_mia.data.io.image_io import write_image
from keras_mia.doctor.alignment import shift_of
from keras_mia.doctor.image_pairs import check_pairs, diagnose_pairs, pair_warnings


def texture(seed, shape=(64, 64)):
    """A picture of blobs."""
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=shape), 3)
    return np.clip(110 + 500 * noise, 1, 240).astype(np.uint8)


@pytest.fixture
def make(tmp_path):
    """Cases of pairs: `make({name: (image, target, split, patient)})`, arrays or names of files."""

    def written(name, array):
        if not isinstance(array, str):
            write_image(tmp_path / name, array)
            return tmp_path / name
        return tmp_path / array

    def cases(given):
        made = []
        for name, (image, target, split, patient) in given.items():
            files = written(f"{name}.png", image), written(f"{name}-target.png", target)
            made.append(
                Case(name, {"image": files[:1]}, ImageFile(files[1]), patient or name, split)
            )
        return Cases(tuple(made), str(tmp_path))

    return cases


def usual(number=6, split=None):
    return {f"c{i}": (texture(i), 255 - texture(i), split, None) for i in range(number)}


def kinds(diagnosis, severity=None):
    return [(one.kind, one.case) for one in diagnosis.findings if severity in (None, one.severity)]


def test_what_is_well_is_left_alone_and_the_ranges_are_shown(make):
    given = usual() | {"t": (texture(30), 255 - texture(30), None, None)}
    found = diagnose_pairs(make(given))
    assert found.findings == ()
    assert found.compared == found.cases == 7
    (row,) = found.balance
    assert (row["part"], row["cases"]) == ("all", 7)
    assert "images" in found.describe()
    assert pair_warnings(survey(make(given))) == ()
    check_pairs(survey(make(given)))


def test_the_same_on_both_sides_and_constant_targets(make, tmp_path):
    flat = np.full((64, 64), 7, np.uint8)
    given = usual() | {
        "same": (texture(20), texture(20), None, None),
        "flat": (texture(21), flat, None, None),
        "air": (flat, flat + 1, None, None),
    }
    found = diagnose_pairs(make(given))
    assert kinds(found, "wrong") == [
        ("constant image", "air"),
        ("image as target", "same"),
        ("constant target", "flat"),
    ]
    assert kinds(found, "note") == [("constant target", "air")]
    cases = survey(make(given))
    with pytest.raises(Problem, match=r"Image and target are the same(.|\n)*same-target\.png"):
        check_pairs(cases)
    del given["same"]
    with pytest.raises(Problem, match=r"values of the target are 7\.(.|\n)*flat-target\.png"):
        check_pairs(survey(make(given)))
    del given["flat"]
    check_pairs(survey(make(given)))
    assert pair_warnings(cases) == (
        "Constant image (1): air.",
        "Image as target (1): same.",
        "Constant target (1): flat.",
    )


def test_images_and_targets_in_several_pairs(make):
    given = usual() | {
        "again": ("c0.png", "c0-target.png", None, None),
        "other": ("c1.png", texture(40), None, None),
        "shared": (texture(41), "c2-target.png", None, None),
        "scan": (texture(42), "c3-target.png", None, "c3"),
    }
    found = diagnose_pairs(make(given))
    assert ("two targets", "other") in kinds(found, "wrong")
    assert ("same target", "shared") in kinds(found, "wrong")
    assert ("same target", "scan") in kinds(found, "note")


def test_copies_and_patients_in_two_parts_of_a_split(make):
    given = usual(split="train")
    given["copy"] = (given["c0"][0], given["c0"][1], "test", None)
    given["visit"] = (texture(50), 255 - texture(50), "test", "c1")
    found = diagnose_pairs(make(given))
    assert kinds(found, "wrong") == [("same image", "copy"), ("patient in several parts", "visit")]
    assert [row["part"] for row in found.balance] == ["train", "test"]


def test_targets_unlike_the_others(make):
    given = usual() | {
        "rgb": (texture(60), np.stack([texture(61), texture(62), texture(63)], -1), None, None),
        "deep": (texture(64), (255 - texture(64)).astype(np.uint16) * 100, None, None),
    }
    found = diagnose_pairs(make(given))
    assert [(one.case, one.what) for one in found.findings if one.kind == "other target"] == [
        ("rgb", "The target has 3 channels, most have 1 channel."),
        ("deep", "The target has values of uint16, most have values of uint8."),
    ]


def test_what_cannot_be_read_or_matched_is_listed(tmp_path):
    for name in ("1", "2", "3"):
        for folder in "AB":
            (tmp_path / folder).mkdir(exist_ok=True)
            array = texture(int(name))
            write_image(tmp_path / folder / f"{name}.png", array if folder == "A" else 255 - array)
    (tmp_path / "B" / "1.png").write_bytes(b"\x89PNG broken")
    (tmp_path / "B" / "3.png").unlink()
    write_image(tmp_path / "B" / "2.png", np.zeros((5, 6), np.uint8))
    cases = read_cases(tmp_path, targets=["image"], strict=False)
    found = diagnose_pairs(cases)
    assert [(one.kind, one.file[len(str(tmp_path)) + 1 :]) for one in found.wrong] == [
        ("incomplete case", "A/3.png"),
        ("unreadable file", "B/1.png"),
        ("unusable case", "B/2.png"),
    ]
    assert "share one grid; these have 64 x 64 and 5 x 6 voxels" in found.describe()


def test_resampled_targets_are_said_once(tmp_path):
    cases = []
    for name in "ab":
        array = np.stack([texture(ord(name) + i) for i in range(30)], -1).astype(np.float32)
        paths = tmp_path / f"{name}.nii.gz", tmp_path / f"{name}2.nii.gz"
        write_image(paths[0], array, np.eye(4))
        write_image(paths[1], 255 - array[::2], np.diag([2.0, 1.0, 1.0, 1.0]))
        cases.append(Case(name, {"image": paths[:1]}, ImageFile(paths[1]), name))
    found = diagnose_pairs(Cases(tuple(cases), str(tmp_path)))
    assert [(one.kind, one.what) for one in found.findings] == [
        ("changed by reading", f"{RESAMPLED}: 2 (a, b).")
    ]
    parts = Cases(
        tuple(
            Case("a", cases[0].inputs, cases[0].target, "a", split, Slab(0, low, low + 0.5))
            for split, low in (("train", 0.0), ("test", 0.5))
        ),
        "",
    )
    facts = survey(Cases((cases[0],), "")).facts
    assert pair_warnings(Cases(parts.cases, "", facts=facts)) == ()


def test_outlines_that_fit_better_elsewhere():
    one = np.kron(np.random.default_rng(1).random((12, 12)), np.ones((8, 8)))[..., None]
    other = 3 - 2 * np.sqrt(one) + 0.02 * np.random.default_rng(2).normal(size=one.shape)
    assert shift_of(Image(one), Image(other)) is None
    moved = shift_of(Image(one), Image(np.roll(other, (5, -3), axis=(0, 1))))
    assert moved.voxels == (-5, 3)
    assert moved.at_best > moved.at_zero + 0.3
    unrelated = np.random.default_rng(3).random(one.shape)
    assert shift_of(Image(one), Image(unrelated)) is None
    assert shift_of(Image(one[:16]), Image(np.roll(other, 5, axis=1)[:16])) is None
    volumes = [np.repeat(each[:, None], 6, axis=1) for each in (one, np.roll(other, 6, axis=1))]
    in_volume = shift_of(*map(Image, volumes))
    assert (in_volume.axes, in_volume.voxels) == ((0, 2), (0, -6))


def test_a_shifted_target_is_a_note(make):
    shifted = np.roll(255 - texture(70, (96, 96)), 6, axis=0)
    found = diagnose_pairs(make(usual() | {"moved": (texture(70, (96, 96)), shifted, None, None)}))
    assert kinds(found) == [("shifted target", "moved")]
    assert "moved by -6 and +0 voxels along axes 0, 1" in found.describe()


def test_t2_and_flair_of_one_scan_fit(data):
    cases = read_cases(data / "dicom_brain_mr", targets=["image"], series=["T2", "FLAIR"])
    assert kinds(diagnose_pairs(cases)) == [("odd size", "PGBM-006")]
