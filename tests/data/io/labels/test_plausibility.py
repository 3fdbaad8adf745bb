"""Masks that were blurred, maps that number objects, and label maps that they are not taken for."""

import re

import nibabel as nib
import numpy as np
import PIL.Image
import pytest
from scipy import ndimage

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.io.image_io import read_label, write_image
from keras_mia.data.io.labels.plausibility import (
    blurred,
    label_fault,
    number_objects,
    several_codes,
)
from keras_mia.data.io.labels.ranges import INSTANCES
from keras_mia.doctor.diagnosis import check_labels, diagnose

BICUBIC = PIL.Image.Resampling.BICUBIC


def disc(seed, size=48):
    generator = np.random.default_rng(seed)
    rows, columns = np.indices((size, size))
    row, column = generator.uniform(0.3, 0.7, 2) * size
    return ((rows - row) ** 2 + (columns - column) ** 2 < (0.2 * size) ** 2).astype(np.uint8)


def soft(mask, how, file):
    """A binary mask of 0 and 255 saved as people do; the file that came of it."""
    picture = PIL.Image.fromarray(mask * 255)
    if how.startswith("jpeg"):
        file = file.with_suffix(".jpg")
        picture.save(file, quality=int(how.removeprefix("jpeg")))
    elif how == "resampled":
        picture.resize((24, 24), BICUBIC).resize((48, 48), BICUBIC).save(file)
    elif how == "16 bits":
        smooth = np.asarray(picture.resize((40, 40), BICUBIC).resize((48, 48), BICUBIC))
        write_image(file, smooth.astype(np.uint16) * 257)
    else:
        picture.save(file)
    return file


def pictures(tmp_path, labels):
    """Cases of pictures, each with the label map that `labels(number, file)` writes."""
    made = []
    for i, label in enumerate(labels):
        image = tmp_path / f"{i}.png"
        write_image(image, np.random.default_rng(i).integers(0, 200, (48, 48), np.uint8))
        made.append(
            Case(
                f"c{i}",
                {"image": (image,)},
                LabelMapFile(label(tmp_path / f"{i}_label.png")),
                f"c{i}",
            )
        )
    return Cases(tuple(made), str(tmp_path))


@pytest.mark.parametrize("how", ["jpeg75", "jpeg90", "jpeg95", "jpeg100", "resampled", "16 bits"])
@pytest.mark.parametrize("many", [1, 6])
def test_blurred_masks_are_found_and_a_threshold_is_offered(tmp_path, how, many):
    cases = pictures(
        tmp_path,
        [
            lambda file, i=i: soft(disc(i), how if i >= 6 - many else "as it is", file)
            for i in range(6)
        ],
    )
    (one,) = diagnose(cases).wrong
    assert one.kind == "blurred labels"
    assert f"{many} of 6" in one.what
    cut = 32768 if how == "16 bits" else 128
    assert f"--labels 0-{cut - 1}=background,{cut}-{2 * cut - 1}=foreground" in one.remedy
    with pytest.raises(Problem) as raised:
        check_labels(survey(cases))
    assert raised.value.remedy == one.remedy
    assert "_label" in str(raised.value.where)


def test_blurred_maps_of_three_classes_in_jpeg_are_found(tmp_path):
    def label(file, i):
        mask = disc(i) * 126 + disc(i + 50) * (1 - disc(i)) * 252
        PIL.Image.fromarray(mask).save(file.with_suffix(".jpg"), quality=95)
        return file.with_suffix(".jpg")

    cases = pictures(tmp_path, [lambda file, i=i: label(file, i) for i in range(6)])
    (one,) = diagnose(cases).wrong
    assert "0-62=background,63-188=class1,189-255=class2" in one.remedy


@pytest.mark.parametrize(
    "counts",
    [
        {0: 90, 1: 10},
        {0: 90, 255: 10},
        {0: 80, 128: 10, 255: 10},
        {0: 70, 85: 10, 170: 10, 255: 10},
        {0: 95, 1: 4, 255: 1},
        {0: 90, **dict.fromkeys(range(1, 21), 1), 255: 4},
        dict.fromkeys(range(20), 5),
        dict.fromkeys((0, 50, 100, 150, 200, 250), 10),
        {-1: 5, 0: 90, 1: 5},
        {},
    ],
)
def test_classes_are_not_taken_for_blur(counts):
    assert blurred(counts) is None


def test_values_with_names_are_meant():
    counts = {0: 90, 254: 2, 255: 8}
    assert blurred(counts) == [0, 128, 256]
    assert blurred(counts, named=(0, 254, 255)) is None


def objects(seed, shape):
    """Numbered discs or balls that do not touch, as many as the seed says."""
    label = np.zeros(shape, np.uint16)
    for number in range(4 + seed):
        corner = np.unravel_index(number, (4,) * len(shape))
        label[tuple(slice(10 * at + 2, 10 * at + 7) for at in corner)] = number + 1
    return label


@pytest.mark.parametrize("shape", [(48, 48), (40, 40, 40)])
@pytest.mark.parametrize("gaps", [False, True])
def test_numbered_objects_are_found_and_merged(tmp_path, shape, gaps):
    made = []
    for i in range(6):
        label = objects(i, shape)
        label[label > 0] += 1000 * (i + 1) * gaps
        files = [tmp_path / f"{i}{kind}.{'png' if len(shape) == 2 else 'nii.gz'}" for kind in "il"]
        image = np.random.default_rng(i).integers(0, 200, shape, np.uint8)
        for file, array in zip(files, (image, label), strict=True):
            if len(shape) == 2:
                write_image(file, array)
            else:
                nib.save(nib.Nifti1Image(array, np.eye(4)), file)
        made.append(Case(f"c{i}", {"image": (files[0],)}, LabelMapFile(files[1]), f"c{i}"))
    cases = Cases(tuple(made), str(tmp_path))
    (one,) = diagnose(cases).wrong
    assert one.kind == "numbered objects"
    assert "--instances merge" in one.remedy
    with pytest.raises(Problem, match="number objects"):
        check_labels(survey(cases))
    check_labels(survey(cases), are_classes=True)
    merged = Cases(cases.cases, cases.source, ranges=INSTANCES)
    assert not diagnose(merged).wrong
    assert [row["value"] for row in diagnose(merged).balance] == [0, 1]


@pytest.mark.parametrize(
    ("held", "share", "named"),
    [
        ([range(8)] * 6, 1.0, ()),  # each holds all classes
        ([range(8), range(5), range(12)], 0.5, ()),  # in several pieces
        ([range(4), range(3), range(2)], 1.0, ()),  # few
        ([[0, 20, 21, 22], [0, 5, 6, 7, 8], [0, 17, 18, 19], [0, *range(9, 20)]], 1.0, ()),
        ([range(8), range(5), range(12)], 1.0, range(12)),
        ([range(12)], 1.0, ()),
        ([range(0, 118, 3)], 1.0, ()),  # one CT of many organs
    ],
)
def test_classes_are_not_taken_for_numbers(held, share, named):
    assert not number_objects(held, [share] * len(held), named)


def test_label_maps_without_a_class_stop_training(tmp_path):
    empty = np.zeros((48, 48), np.uint8)
    cases = pictures(tmp_path, [lambda file: write_image(file, empty) or file] * 3)
    assert [one.kind for one in diagnose(cases).wrong] == ["no class"]
    with pytest.raises(Problem, match="nothing to learn"):
        check_labels(survey(cases))


@pytest.mark.parametrize("value", [1, 255])
@pytest.mark.parametrize("inverted", [False, True])
def test_an_image_that_is_its_label_map_is_found(tmp_path, value, inverted):
    cases = pictures(tmp_path, [lambda file, i=i: soft(disc(i), "png", file) for i in range(4)])
    write_image(cases[2].images[0], (1 - disc(2) if inverted else disc(2)) * np.uint8(value))
    assert [(one.kind, one.case) for one in diagnose(cases).wrong] == [("image as label map", "c2")]


@pytest.mark.parametrize("value", [2**31 - 1, -(2**31), -1024, -1])
def test_values_that_no_class_has_are_found(tmp_path, value):
    def label(file, i):
        array = disc(i).astype(np.int32)
        if i == 3:
            array[:2, :2] = value
        write_image(file.with_suffix(".npy"), array)
        return file.with_suffix(".npy")

    cases = pictures(tmp_path, [lambda file, i=i: label(file, i) for i in range(5)])
    found = [one for one in diagnose(cases).wrong if one.kind == "odd label value"]
    assert [one.case for one in found] == ["c3"]


@pytest.mark.parametrize("role", ["objects", "region"])
def test_masks_that_are_0_or_not_are_refused_where_they_are_blurred(tmp_path, role):
    (tmp_path / "masks").mkdir()
    file = soft(disc(0), "jpeg90", tmp_path / "masks" / "a.png")
    image, label = tmp_path / "i.png", tmp_path / "l.png"
    for path, array in ((image, disc(3) * 40 + np.arange(48, dtype=np.uint8)), (label, disc(0))):
        write_image(path, array)
    case = {
        "objects": Case("c", {"image": (image,)}, LabelMapFile(file.parent), "p"),
        "region": Case("c", {"image": (image,)}, LabelMapFile(label), "p", region=file),
    }[role]
    with pytest.raises(Problem, match="has blurred it") as raised:
        case.region_mask() if role == "region" else case.label()
    assert raised.value.where == file
    line = re.search(r'python -c "(.*)"', raised.value.remedy)
    exec(line[1])
    converted = read_label(tmp_path / "masks-labels" / "a.png").array[..., 0]
    np.testing.assert_array_equal(converted, disc(0))


@pytest.mark.parametrize("other", [255, 65535])
def test_masks_written_in_several_ways_are_one_class(tmp_path, other):
    def label(file, i):
        write_image(file, disc(i).astype(np.uint16) * (1 if i % 2 else other))
        return file

    cases = pictures(tmp_path, [lambda file, i=i: label(file, i) for i in range(6)])
    (one,) = diagnose(cases).wrong
    assert one.kind == "one class in several values"
    assert f"1=foreground,{other}=foreground" in one.remedy
    names = {0: "background", 1: "foreground", other: "foreground"}
    check_labels(survey(cases), names=names)
    assert not diagnose(cases, names=names).wrong


def test_three_classes_are_not_one_written_in_several_ways():
    assert several_codes([{0: 9, 1: 1}, {0: 9, 2: 1}]) is None
    assert several_codes([{0: 9, 1: 1, 255: 1}, {0: 9, 1: 1}]) is None
    assert several_codes([{0: 9, 1: 1}, {0: 9}]) is None
    assert several_codes([{0: 9, 1: 1}, {0: 9, 255: 1}], named=(0, 1, 255)) is None


def test_a_mask_of_fractions_up_to_255_names_its_threshold(tmp_path):
    picture = PIL.Image.fromarray(disc(0) * 255.0)
    smooth = np.asarray(picture.resize((30, 30), BICUBIC).resize((48, 48), BICUBIC)).clip(0, 255)
    write_image(tmp_path / "a.nii.gz", smooth[..., None].astype(np.float32), np.eye(4))
    with pytest.raises(Problem, match="blurred mask") as raised:
        read_label(tmp_path / "a.nii.gz")
    assert "above=127)" in raised.value.remedy


def test_masks_that_are_smoothed_all_over_are_found(tmp_path):
    def label(file, i):
        soft = ndimage.gaussian_filter(disc(i, 64)[20:, 20:][:48, :48] * 255.0, 6)
        soft = ndimage.zoom(soft, 64 / len(soft), order=1)[:48, :48]
        write_image(file, np.round(soft * 255 / soft.max()).astype(np.uint8))
        return file

    cases = pictures(tmp_path, [lambda file, i=i: label(file, i) for i in range(6)])
    (one,) = diagnose(cases).wrong
    assert one.kind in ("blurred labels", "too many labels")


def test_smoothed_volumes_are_found(tmp_path):
    made = []
    for i in range(4):
        where = np.indices((32, 32, 16)) - np.array([14 + i, 15, 8])[:, None, None, None]
        ball = (where**2).sum(0) < 30
        soft = np.round(ndimage.gaussian_filter(ball * 255.0, 1)).astype(np.uint8)
        files = [tmp_path / f"{i}{kind}.nii.gz" for kind in "il"]
        for file, array in zip(
            files, (np.random.default_rng(i).normal(size=ball.shape), soft), strict=True
        ):
            write_image(file, array.astype("f4" if file == files[0] else "u1"), np.eye(4))
        made.append(Case(f"c{i}", {"image": (files[0],)}, LabelMapFile(files[1]), f"c{i}"))
    cases = Cases(tuple(made), str(tmp_path))
    (one,) = diagnose(cases).wrong
    assert "0-127=background,128-255=foreground" in one.remedy
    assert not diagnose(Cases(cases.cases, "", ranges=((0, 127, 0), (128, 255, 255)))).wrong


def test_a_mask_a_file_with_values_that_differ_a_little_is_not_called_blurred():
    found = label_fault([{0: 90, 254 + number % 2: 10} for number in range(8)], [1.0] * 8)
    assert found is not None
    assert found.what.endswith("from 0 to 255: masks that compression (JPEG), resampling or"
                               " smoothing has blurred, or written in several ways.")  # fmt: skip
    assert "128-255=foreground" in found.remedy
