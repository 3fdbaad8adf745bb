"""A volume of one slice and a picture are a pair, and lie on each other as viewers show them."""

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import PIL.Image
import pytest
import SimpleITK

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, read_image, read_label, write_image
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.targets.label_map import classes_of
from keras_mia.doctor.case import examine
from keras_mia.tasks.segmentation.evaluation.file_evaluation import find_pairs
from keras_mia.tasks.values import TruthFiles
from tests.dicom_files import oblique, write_radiograph, write_series

SQUARE, TALL = (12, 12), (16, 12)
SIZES = [SQUARE, TALL]


def picture(size) -> np.ndarray:
    """Rows and columns; no turn and no mirroring leaves it as it is."""
    array = np.zeros(size, np.uint8)
    array[1:4, 2:9] = 1
    array[4, 2] = 1
    return array


def volume_of(path: Path, array: np.ndarray) -> Path:
    """The picture as a volume of one slice whose file says which axis is which."""
    if path.suffix == ".dcm":
        return write_radiograph(path, array.T.astype(np.uint16) * 100)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(array[None]), str(path))
    return path


def masks(path: Path, array: np.ndarray) -> Path:
    PIL.Image.fromarray(array * 255).save(path)
    return path


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("suffix", [".dcm", ".mha", ".nrrd"])
@pytest.mark.parametrize("mask", [".png", ".tif", ".bmp", ".gif", "folder"])
def test_a_picture_is_the_label_map_of_a_volume_of_one_slice(tmp_path, size, suffix, mask):
    image = volume_of(tmp_path / f"a{suffix}", picture(size))
    label = tmp_path / f"label{mask}"
    if mask == "folder":
        label.mkdir()
        for row in range(1, 5):
            masks(label / f"{row}.png", picture(size) * (np.arange(size[0]) == row)[:, None])
    else:
        masks(label, picture(size))
    case = Case(
        "a",
        {"image": (image,)},
        LabelMapFile(label),
        "a",
        region=masks(tmp_path / "region.png", picture(size)),
    )
    drawn = case.image().array[..., 0] != 0
    np.testing.assert_array_equal(case.label().array[..., 0] != 0, drawn)
    np.testing.assert_array_equal(case.region_mask(), drawn)
    found, known = examine(case, read_facts)
    assert known is not None
    assert not [one for one in found if one.severity == "wrong"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("suffix", [".dcm", ".mha", ".nrrd"])
def test_a_volume_of_one_slice_is_the_label_map_of_a_picture(tmp_path, size, suffix):
    label = volume_of(tmp_path / f"label{suffix}", picture(size))
    case = Case(
        "a", {"image": (masks(tmp_path / "a.png", picture(size)),)}, LabelMapFile(label), "a"
    )
    assert case.label().rank == 2
    drawn = case.image().array[..., 0] != 0
    np.testing.assert_array_equal(case.label().array[..., 0] != 0, drawn)


@pytest.mark.parametrize("turned", [True, False])
def test_nifti_leaves_open_which_axis_are_the_rows(tmp_path, turned):
    for size in SIZES:
        array = picture(size).T if turned else picture(size)
        nib.save(nib.Nifti1Image(array[..., None], np.eye(4)), tmp_path / f"{size[0]}.nii.gz")
        masks(tmp_path / f"{size[0]}.png", picture(size))
    pairs = {
        size: Case("a", {"image": (tmp_path / f"{size[0]}.nii.gz",)}, None, "a") for size in SIZES
    }
    tall = Case("a", {"image": pairs[TALL].images}, LabelMapFile(tmp_path / "16.png"), "a")
    np.testing.assert_array_equal(tall.label().array != 0, tall.image().array != 0)
    assert "columns" in tall.label().remarks[0] if turned else "rows" in tall.label().remarks[0]
    square = Case("a", {"image": pairs[SQUARE].images}, LabelMapFile(tmp_path / "12.png"), "a")
    with pytest.raises(Problem, match=r"both square(.|\n)*12\.png"):
        square.label()
    assert [one.kind for one in examine(square, read_facts)[0] if one.severity == "wrong"]


def test_sizes_that_do_not_fit_and_several_slices_are_still_refused(tmp_path):
    image = volume_of(tmp_path / "a.dcm", picture(TALL))
    other = Case(
        "a",
        {"image": (image,)},
        LabelMapFile(masks(tmp_path / "other.png", picture((12, 16)))),
        "a",
    )
    assert {one.kind for one in examine(other, read_facts)[0]} == {"other shape"}
    write_series(tmp_path / "series", np.zeros((12, 16, 3), np.int16), oblique())
    label = masks(tmp_path / "label.png", picture(TALL))
    deep = Case("a", {"image": (tmp_path / "series",)}, LabelMapFile(label), "a")
    assert {one.kind for one in examine(deep, read_facts)[0]} >= {"other shape"}


@pytest.mark.parametrize("size", SIZES)
def test_a_prediction_of_a_radiograph_is_judged_by_a_picture(tmp_path, size):
    """Also where nothing but two folders is named: what we write says which axis is which."""
    for name in ("images", "truth", "predictions"):
        (tmp_path / name).mkdir()
    image = read_image(volume_of(tmp_path / "images" / "a.dcm", picture(size)))
    image = replace(image, voxel_mm=(0.2, 0.3, 1.0))
    masks(tmp_path / "truth" / "a.png", picture(size))
    write_image(tmp_path / "predictions" / "a.nii.gz", (image.array > 0) * 255, like=image)
    (pair,) = find_pairs(TruthFiles(tmp_path / "predictions", tmp_path / "truth"))
    truth, found, spacing_mm, _ = pair.read(classes_of({0, 255}))
    assert spacing_mm == pytest.approx((0.3, 0.2))
    np.testing.assert_array_equal(truth, found)
    (case,) = read_cases(_folders(tmp_path))
    written = read_label(tmp_path / "predictions" / "a.nii.gz", case.image())
    np.testing.assert_array_equal(case.label().array, written.array)


def _folders(folder: Path) -> Path:
    data = folder / "data"
    data.mkdir()
    (folder / "images").rename(data / "images")
    (folder / "truth").rename(data / "masks")
    return data
