"""What is refused in training is refused in prediction, by the same functions."""

from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.image import Image
from keras_mia.data.preprocess.image_checks import check_spacing, is_constant, is_much_smaller
from keras_mia.data.preprocess.normalize import SCHEMES
from keras_mia.data.preprocess.prepare import prepare
from keras_mia.data.preprocess.prepare_image import prepare_image
from tests.data.preprocess.test_prepare import PLAN
from tests.image_plans import PLAN as ANSWER_PLAN

SPACE = (6, 5, 4)


def volume(low=0.0, high=100.0, spacing=(1.0, 1.0, 1.0), channels=1, **more) -> Image:
    array = np.linspace(low, high, np.prod(SPACE)).reshape(*SPACE, 1).astype(np.float32)
    return Image(np.repeat(array, channels, -1), np.diag([*spacing, 1.0]), **more)


def with_odd(value: float) -> Image:
    image = volume()
    image.array[2, 3, 1] = value
    return image


WHOLE = replace(
    ANSWER_PLAN, size=SPACE, spacing_mm=(1.0, 1.0, 1.0), view="volume", normalization="zscore"
)
PLANS = {"label maps": (prepare, PLAN), "answers": (prepare_image, WHOLE)}


@pytest.mark.parametrize("task", PLANS)
@pytest.mark.parametrize(
    ("image", "changes", "what"),
    [
        (with_odd(np.nan), {}, "not numbers"),
        (with_odd(np.inf), {}, "not numbers"),
        (with_odd(-np.inf), {}, "not numbers"),
        (volume(channels=2), {}, "2 channels, the plan is for 1"),
        (Image(np.ones((6, 5, 1))), {}, "a picture, the plan is for volumes"),
        (volume(modality="MR"), {"modality": "CT"}, "of MR, the plan is for CT"),
        (volume(modality="CT"), {"modality": "MR"}, "of CT, the plan is for MR"),
        (volume(spacing=(1000.0,) * 3), {}, "1000 x 1000 x 1000 mm by the header"),
        (volume(spacing=(0.001,) * 3), {}, "0.001 x 0.001 x 0.001 mm by the header"),
        (volume(spacing=(1.0, 1.0, 300.0)), {}, "300 mm by the header"),
    ],
)
def test_an_image_that_a_plan_is_not_for_is_refused(task, image, changes, what):
    do, plan = PLANS[task]
    with pytest.raises(Problem, match=what) as found:
        do(image, replace(plan, **changes), "scan.nii.gz")
    assert found.value.where == "scan.nii.gz"


@pytest.mark.parametrize("task", PLANS)
@pytest.mark.parametrize(
    ("image", "changes"),
    [
        (volume(), {}),
        (volume(modality="CT"), {"modality": None}),
        (volume(modality="DX"), {"modality": "CR"}),
        (volume(modality="OT"), {"modality": "CT"}),
        (volume(modality="MR"), {"modality": "OTHER"}),
        (volume(spacing=(0.7, 0.7, 10.0)), {}),
        (volume(spacing=(4.0, 4.0, 4.0)), {}),
    ],
)
def test_images_of_the_kind_that_was_trained_on_pass(task, image, changes):
    do, plan = PLANS[task]
    plan = replace(plan, **changes)
    made = do(image, plan, "scan.nii.gz")
    array = np.asarray(getattr(made, "array", made))
    assert np.isfinite(array).all()
    assert np.ptp(array) > 0, "the image is in it"
    array = image.array.copy()
    array[0, 0, 0] = np.nan
    with pytest.raises(Problem, match="not numbers"):
        do(replace(image, array=array), plan, "scan.nii.gz")


HU = [(-1024.0, 1500.0), (-2000.0, 3000.0)]
SHIFTED = [(0.0, 2500.0), (0.0, 4095.0)]
BYTES, DEEP = [(0.0, 250.0), (3.0, 255.0)], [(100.0, 40_000.0), (0.0, 65_535.0)]


UNITS = [
    ("ct", HU, 0, 1200, "not both are Hounsfield units"),
    ("ct", HU, -1024, 200, None),
    ("ct", HU, -150, 200, None),
    ("ct", SHIFTED, -1024, 1500, "not both are Hounsfield units"),
    ("ct", SHIFTED, 0, 1500, None),
    ("ct", HU, -0.5, 0.9, "another unit"),
    ("set", DEEP, 0, 255, "another unit"),
    ("set", BYTES, 0, 65_535, "another unit"),
    ("set", BYTES, 0, 1, "another unit"),
    ("set", BYTES, 0, 120, None),
    ("pixels", DEEP, 0, 255, "another unit"),
    ("zscore", DEEP, 0, 255, None),
]
CASES = [(task, *one) for one in UNITS for task in PLANS if task == "answers" or one[0] in SCHEMES]


@pytest.mark.parametrize(("task", "scheme", "ends", "low", "high", "what"), CASES)
def test_intensities_in_another_unit_are_refused_where_their_unit_counts(
    task, scheme, ends, low, high, what
):
    do, plan = PLANS[task]
    known = Intensity.of(np.arange(10.0), ends)
    plan = replace(plan, normalization=scheme, intensities=(known,))
    if what is None:
        do(volume(low, high), plan, "scan.nii.gz")
        return
    with pytest.raises(Problem, match=what):
        do(volume(low, high), plan, "scan.nii.gz")


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_training_names_the_file_of_the_channel_that_is_not_a_number(tmp_path, odd):
    files = tuple(tmp_path / f"scan_000{number}.nii.gz" for number in range(2))
    for file, image in zip(files, (volume(), with_odd(odd)), strict=True):
        nib.save(nib.Nifti1Image(image.array[..., 0], image.affine), file)
    with pytest.raises(Problem, match="not numbers") as found:
        read_facts(Case("scan", {"image": files}, None, "scan"))
    assert found.value.where == files[1]


def test_the_axis_of_slices_may_have_any_spacing():
    check_spacing((1.0, 1.0, 200.0), (1.0, 1.0, None))
    with pytest.raises(Problem, match="10 x 10 mm by the header, the plan is for 1 x 1 mm"):
        check_spacing((10.0, 10.0, 200.0), (1.0, 1.0, None))


def test_an_image_is_constant_where_every_channel_is():
    two = np.stack([np.full((3, 4), 2), np.full((3, 4), 7)], -1)
    assert is_constant(Image(two))
    two[1, 1, 0] = 3
    assert not is_constant(Image(two))


@pytest.mark.parametrize(
    ("space", "voxel", "window", "planned", "small"),
    [
        ((1, 1), None, (16, 16), None, True),
        ((1, 2), None, (16, 16), None, True),
        ((2, 3), None, (16, 16), None, False),
        ((4, 4, 1), (1, 1, 1), (16, 16, 16), (1, 1, 1), True),
        ((4, 4, 1), (4, 4, 8), (16, 16, 16), (1, 1, 1), False),
        ((26, 21, 1), (1, 1, 1), (16, 16, 16), (1, 1, 1), False),
        ((8, 2, 40), (1, 1, 1), (256, 256), (1, 1, None), True),
        ((140, 1), None, (140, 1), None, False),
    ],
)
def test_images_much_smaller_than_what_a_network_looks_at(space, voxel, window, planned, small):
    image = Image(np.zeros((*space, 1), np.uint8), voxel_mm=voxel)
    assert is_much_smaller(image, window, planned) == small
