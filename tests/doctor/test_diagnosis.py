"""What the doctor finds between cases, in pictures, tables and splits; and what it leaves alone."""

from dataclasses import replace

import nibabel as nib
import numpy as np
import PIL.Image
import pytest

from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case, Cases, Slab
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.fingerprint.similarity import near_duplicates, perceptual_hash, thumbnail
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.image import Image
from keras_mia.data.io.image_io import write_image
from keras_mia.doctor.diagnosis import check_labels, diagnose, warnings


def texture(seed, length=96):
    """A picture of blobs, bright in the middle as all of its kind."""
    generator = np.random.default_rng(seed)
    rows, columns = np.indices((length, length))
    picture = 80 * np.exp(-((rows - length / 2) ** 2 + (columns - length / 2) ** 2) / length**2)
    for _ in range(25):
        row, column, width = *generator.uniform(0, length, 2), generator.uniform(2, 6)
        blob = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * width**2))
        picture += generator.uniform(20, 60) * blob
    return np.clip(picture, 0, 255).astype(np.uint8)


def resized(picture, shape):
    return np.asarray(PIL.Image.fromarray(picture).resize(shape, PIL.Image.Resampling.BICUBIC))


def disc(seed, length=96):
    rows, columns = np.indices((length, length))
    return ((rows - 40 - seed) ** 2 + (columns - 40) ** 2 < 300).astype(np.uint8)


@pytest.fixture
def make(tmp_path):
    """Cases of pictures: `make({name: (image, label, split, patient)})`."""

    def cases(given, **fields):
        made = []
        for name, (image, label, part, patient) in given.items():
            files = tmp_path / f"{name}.png", tmp_path / f"{name}-label.png"
            for file, array in zip(files, (image, label), strict=True):
                write_image(file, array)
            made.append(
                Case(name, {"image": files[:1]}, LabelMapFile(files[1]), patient or name, part)
            )
        return Cases(tuple(made), str(tmp_path), **fields)

    return cases


def usual(number, split=None):
    return {f"c{i}": (texture(i), disc(i), split, None) for i in range(number)}


def kinds(diagnosis, severity=None):
    return [
        (one.kind, one.case)
        for one in diagnosis.findings
        if severity is None or one.severity == severity
    ]


def test_what_differs_is_left_alone(make):
    diagnosis = diagnose(make(usual(8)))
    assert diagnosis.findings == ()
    assert (diagnosis.cases, diagnosis.compared) == (8, 8)
    assert [row["value"] for row in diagnosis.balance] == [0, 1]
    assert sum(row["voxels"] for row in diagnosis.balance) == pytest.approx(1)


def test_copies_across_a_split_are_found_whatever_their_size_and_brightness(make):
    given = usual(8, "train")
    for name, picture in (
        ("small", resized(texture(2), (70, 70))),
        ("dark", (255 * (texture(3) / 255.0) ** 1.4).astype(np.uint8)),
        ("same", texture(4)),
        ("own", texture(50)),
    ):
        given[name] = (picture, disc(20 + len(given), picture.shape[0]), "test", None)
    diagnosis = diagnose(make(given))
    assert sorted(kinds(diagnosis, "wrong")) == [
        ("same image", "same"),
        ("similar images", "dark"),
        ("similar images", "small"),
    ]
    assert all("(train and test)" in one.what for one in diagnosis.wrong)


def test_copies_on_one_side_or_of_one_patient_may_be(make):
    given = usual(6)
    given["again"] = (resized(texture(2), (70, 70)), disc(30, 70), None, None)
    cases = make(given)
    assert kinds(diagnose(cases)) == [("similar images", "again")]
    assert not diagnose(cases).wrong
    one = replace(cases, cases=tuple(replace(case, patient="p") for case in cases))
    assert not diagnose(one).findings
    trained = replace(cases, cases=tuple(replace(case, split="train") for case in cases))
    assert not diagnose(trained).findings


def test_a_hash_is_of_the_look_and_not_of_size_or_brightness():
    def hash_of(picture):
        return thumbnail(Image(picture[..., None]))

    hashes = np.stack([hash_of(texture(i)) for i in range(12)])
    copies = np.stack([hash_of(resized(texture(i), (61, 77)) // 2) for i in range(12)])
    distance = np.bitwise_count(perceptual_hash(hashes) ^ perceptual_hash(copies))
    assert distance.max() <= 10
    pairs = set(near_duplicates(np.concatenate([hashes, copies]), lambda one, other: True))
    assert pairs == {(12 + i, i) for i in range(12)}
    assert set(near_duplicates(np.stack([hashes[0], copies[0]]), lambda one, other: True)) == {
        (1, 0)
    }
    assert thumbnail(Image(np.ones((9, 9, 1)))) is None
    assert thumbnail(Image(np.ones((9, 9, 9, 1)))) is None


def test_empty_label_maps_are_wrong_where_they_are_few(make):
    nothing = np.zeros((96, 96), np.uint8)
    few = usual(8) | {"e": (texture(90), nothing, None, None)}
    assert kinds(diagnose(make(few))) == [("empty label map", "e")]
    assert diagnose(make(few)).wrong
    many = few | {"f": (texture(91), nothing, None, None)}
    assert kinds(diagnose(make(many)), "note") == [
        ("empty label map", "e"),
        ("empty label map", "f"),
    ]


def test_labels_that_are_odd(make):
    given = usual(10, "train")
    given["c0"] = (texture(0), disc(0) * 2, "test", None)
    given["c1"] = (texture(1), np.ones((96, 96), np.uint8), "train", None)
    given["c2"] = (texture(2), disc(3), "train", None)
    diagnosis = diagnose(make(given))
    assert kinds(diagnosis) == [
        ("untrained class", "c0"),
        ("untested class", ""),
        ("same label map", "c3"),
        ("missing label", "c0"),
        ("full label map", "c1"),
    ]
    named = diagnose(make(given, names={1: "disc", 3: "ring"}))
    assert ("unexpected label", "c0") in kinds(named, "wrong")
    assert ("class without cases", "") in kinds(named, "note")
    assert ("untrained class", "c0") not in kinds(named)
    assert "1 (disc)" in next(one.what for one in named.findings if one.case == "c0")
    kept = diagnose(make(given, names={1: "disc"}), keep=[1])
    assert not {"unexpected label", "untrained class"} & {kind for kind, _ in kinds(kept)}


def test_a_part_of_the_split_that_lacks_a_class(make):
    given = usual(10, "train")
    for name, label in (("c8", disc(8)), ("c9", np.where(disc(9), 2, 0).astype(np.uint8))):
        given[name] = (texture(int(name[1])), label, "test" if name == "c8" else "validation", None)
    given["c7"] = (texture(7), np.where(disc(7), 2, 0).astype(np.uint8), "train", None)
    diagnosis = diagnose(make(given, names={1: "disc", 2: "ring"}))
    sentences = [one.what for one in diagnosis.wrong if one.kind == "untested class"]
    assert sentences == [
        "The validation part has no case with 1 (disc).",
        "The test part has no case with 2 (ring).",
    ]


def test_a_class_of_one_patient(make):
    given = usual(4)
    for name in ("c0", "c1"):
        given[name] = (given[name][0], given[name][1] * 2, None, "p")
    findings = [one for one in diagnose(make(given)).findings if one.kind == "class of one patient"]
    assert [one.what.partition(",")[0] for one in findings] == ["Of 3 patients one has 2"]
    assert f"in {2 * int(disc(0).sum())} voxels" in findings[0].what


def test_pictures_in_place_of_label_maps(make):
    given = {f"c{i}": (texture(i), texture(i), None, None) for i in range(4)}
    cases = make(given)
    assert kinds(diagnose(cases)) == [
        ("too many labels", ""),
        *(("image as label map", f"c{i}") for i in range(4)),
    ]
    cases = survey(cases)
    assert warnings(cases)[0].startswith("Too many labels (1): The label maps hold 1")
    with pytest.raises(Problem, match="as images do"):
        check_labels(cases)


def test_a_value_below_background_is_no_background(make, tmp_path):
    names = {0: "background", 1: "disc"}
    cases = make(usual(4), names=names)
    write_image(tmp_path / "c0-label.npy", disc(0).astype(np.int16) - (texture(0) > 140))
    odd = replace(cases[0], target=LabelMapFile(tmp_path / "c0-label.npy"))
    diagnosis = diagnose(replace(cases, cases=(odd, *cases[1:])))
    assert kinds(diagnosis) == [("unexpected label", "c0")]


def test_channels_that_hold_nothing(make):
    colour = np.stack([texture(7), texture(7), np.zeros_like(texture(7))], axis=-1)
    given = usual(4) | {"c4": (colour, disc(4), None, None)}
    expected = [("constant image", "c4"), ("changed by reading", "")]
    assert kinds(diagnose(make(given))) == expected


def test_a_table_with_gaps_and_a_patient_on_two_sides(make, tmp_path):
    cases = make(usual(6))
    rows = [
        {
            "image": f"c{i}.png",
            "label": "" if i == 1 else f"c{i}-label.png",
            "split": "test" if i > 3 else "train",
            "patient": "p" if i in (0, 5) else f"p{i}",
        }
        for i in range(6)
    ]
    rows[2]["image"] = "nowhere.png"
    write_csv(tmp_path / "table.csv", rows)
    cases = read_cases(tmp_path / "table.csv", strict=False)
    diagnosis = diagnose(cases)
    assert [(one.kind, one.file.rpartition("/")[2]) for one in diagnosis.findings] == [
        ("incomplete case", "nowhere.png"),
        ("incomplete case", "c1.png"),
        ("patient in several parts", "c5.png"),
    ]
    assert diagnosis.cases == 4


def test_what_is_of_no_file_names_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i in range(8):
        write_image(tmp_path / f"{i}.png", texture(i))
    rows = [{"image": f"{i}.png", "label": "ill" if i else "well"} for i in range(8)]
    write_csv(tmp_path / "table.csv", rows)
    text = diagnose(read_cases("table.csv", targets=["multiclass"])).describe()
    assert "\n  Only one patient has well" in text


def test_files_of_one_finding_are_named_together(tmp_path):
    rows = [{"image": f"{i}.png", "label": f"{i}_l.png"} for i in range(20)]
    for row in rows[:4]:
        for file in row.values():
            write_image(tmp_path / file, disc(0))
    write_csv(tmp_path / "table.csv", rows)
    text = diagnose(read_cases(tmp_path / "table.csv", strict=False)).describe()
    assert text.count("files that the table lists cannot be found") == 1
    assert "4.png, 4_l.png, 5.png" in text
    assert "and 22 more" in text


def test_warnings_read_no_file_and_say_what_is_wrong(make, monkeypatch):
    given = usual(9) | {"flat": (np.full((96, 96), 9, np.uint8), disc(5), None, None)}
    given["copy"] = (texture(0), disc(40), None, None)
    given["e"] = (texture(77), np.zeros((96, 96), np.uint8), None, None)
    cases = make(given)
    cases = survey(cases)
    monkeypatch.setattr(Case, "image", lambda case: pytest.fail("read again"))
    made = split(cases, content=lambda case: 0)
    assert warnings(made) == (
        "Constant image (1): flat.",
        "Empty label map (1): e.",
        "Same image (1): copy.",
        "Same label map (1): flat.",
    )


def test_the_parts_of_one_image_are_no_copies(make):
    cases = make(usual(1))
    cases = survey(cases)
    parts = tuple(
        replace(cases[0], name=part, split=part, region=Slab(0, low, low + 0.5))
        for part, low in (("train", 0.5), ("test", 0.0))
    )
    assert warnings(replace(cases, cases=parts)) == ()


@pytest.fixture
def volume(tmp_path):
    """A case of a NIfTI file with an sform and a qform, whose header can be changed."""

    def case(sform=2.0, codes=(1, 1), **fields):
        array = np.random.default_rng(0).normal(size=(6, 7, 8)).astype(np.float32)
        for name, voxels in (("a", array), ("b", (array > 1).astype(np.uint8))):
            image = nib.Nifti1Image(voxels, np.eye(4))
            image.set_qform(np.eye(4), code=codes[1])
            image.set_sform(np.diag([1, 1, sform, 1]), code=codes[0])
            for field, value in fields.items():
                image.header[field] = value
            nib.save(image, tmp_path / f"{name}.nii.gz")
        return Cases(
            (
                Case(
                    "a",
                    {"image": (tmp_path / "a.nii.gz",)},
                    LabelMapFile(tmp_path / "b.nii.gz"),
                    "a",
                ),
            ),
            "here",
        )

    return case


def test_two_affines_of_one_file(volume):
    assert kinds(diagnose(volume()), "wrong") == [("sform and qform", "a")] * 2
    assert "up to 7 mm apart" in diagnose(volume()).findings[0].what
    assert kinds(diagnose(volume(codes=(4, 1))), "note") == [("sform and qform", "a")] * 2
    assert not diagnose(volume(codes=(1, 0))).findings
    assert not diagnose(volume(sform=1.01)).findings
    broken = diagnose(volume(quatern_b=2.0))
    assert broken.findings[0].what == "The qform is no rotation."
    assert broken.wrong


def test_a_broken_series_is_found_and_no_patient_is_named(tmp_path):
    pytest.importorskip("pydicom")
    from tests.dicom_files import SECRETS, write_series

    generator = np.random.default_rng(0)
    for name in ("good", "bad"):
        voxels = generator.integers(0, 99, (6, 5, 4)).astype(np.int16)
        paths = write_series(tmp_path / "images" / name, voxels, np.eye(4))
        (tmp_path / "labels").mkdir(exist_ok=True)
        write_image(tmp_path / "labels" / f"{name}.nii.gz", (voxels > 50).astype(np.uint8))
    paths[1].write_bytes(paths[1].read_bytes()[:300])
    diagnosis = diagnose(read_cases(tmp_path, strict=False))
    assert ("unreadable file", "bad") in kinds(diagnosis, "wrong")
    assert diagnosis.compared == 1
    text = diagnosis.describe() + "".join(one.what + one.file for one in diagnosis.findings)
    assert not [secret for secret in SECRETS.values() if secret in text]
