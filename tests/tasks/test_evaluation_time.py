"""The evaluation that a budget keeps back, against what prediction does."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.io.image_io import write_image
from keras_mia.data.preprocess.prepare import prepare
from keras_mia.tasks.classification.runs.duration import evaluation_time as of_images
from keras_mia.tasks.evaluation_time import OVERHEAD
from keras_mia.tasks.patches.duration import evaluation_time as of_maps
from keras_mia.tasks.patches.duration import prepared_space
from tests.data.preprocess.test_prepare import PLAN, volume
from tests.image_plans import PLAN as ANSWER_PLAN


@pytest.mark.parametrize("code", ["RAS", "PIL"])
@pytest.mark.parametrize("orientation", ["RAS", None])
@pytest.mark.parametrize("slice_axis", [None, 0, 2])
def test_the_prepared_size_is_known_from_facts(tmp_path, code, orientation, slice_axis):
    image, _ = volume((13, 9, 7), (1.0, 1.5, 3.0), code)
    path = tmp_path / "scan.nii.gz"
    write_image(path, image.array, image.affine)
    case = Case("scan", {"image": (path,)}, None, "scan")
    rank = 3 if slice_axis is None else 2
    plan = replace(PLAN, orientation=orientation, slice_axis=slice_axis, rank=rank)
    assert prepared_space(read_facts(case), plan) == prepare(case.image(), plan).array.shape[:-1]


def test_it_grows_with_cases_windows_and_views(tmp_path):
    path = tmp_path / "scan.npy"
    write_image(path, np.random.default_rng(0).random((64, 64)))
    facts = read_facts(Case("scan", {"image": (path,)}, None, "scan"))
    two = {"rank": 2, "spacing_mm": None, "orientation": None, "patch": (32, 32), "pool": ((2, 2),)}
    plain = replace(PLAN, **two, flip=(), rotation_deg=(0.0,))
    rotated = replace(plain, flip=(0, 1), rotation_deg=(180.0,))
    # Half over each other, windows of 32 lie 3 x 3 in 64; a quarter over each other as well.
    assert of_maps([facts], [(64, 64)], plain) == pytest.approx(OVERHEAD)
    assert of_maps([facts] * 6, [(64, 64)], rotated) == pytest.approx(48 * OVERHEAD)
    assert of_maps([facts], [(64, 64)] * 3, plain) == pytest.approx(OVERHEAD / 3)


def test_answers_are_asked_of_validation_too_in_every_view():
    assert of_images(30, 10, replace(ANSWER_PLAN, flip=())) == pytest.approx(4 * OVERHEAD)
    both = of_images(30, 10, replace(ANSWER_PLAN, flip=(0, 1)))
    assert both == pytest.approx(16 * OVERHEAD)
