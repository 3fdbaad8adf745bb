"""What would fail after training is told before it."""

from types import SimpleNamespace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.survey import survey
from keras_mia.tasks.translation.cases.target_facts import TargetFacts
from keras_mia.tasks.translation.checks import (
    check_degradation,
    check_difference,
    check_targets,
)
from keras_mia.tasks.translation.planning import plan, target_scheme
from tests.tasks.translation.images import case_of, cases_of, smooth

SMALL = {"patch": 8, "depth": 1}


def parts(folder, images, targets=(None, None, None)):
    """One case that trains, one that validates, and one that tests."""
    names = ("train", "validation", "test")
    return cases_of(
        *(
            case_of(folder, name, image, target, split=name)
            for name, image, target in zip(names, images, targets, strict=True)
        )
    )


def test_test_targets_of_other_channels_name_their_files(tmp_path):
    images = [smooth((20, 20), seed) for seed in range(3)]
    targets = [1000 - images[0], 1000 - images[1], smooth((20, 20), 5, channels=3)]
    with pytest.raises(Problem, match="1 or 3 channels; most have 1") as caught:
        plan(parts(tmp_path, images, targets), overrides=SMALL)
    assert str(caught.value.where) == str(tmp_path / "target" / "test.npy")


def test_a_negative_test_image_has_no_rician_noise(tmp_path):
    images = [smooth((20, 20), 0), smooth((20, 20), 1), smooth((20, 20), 2) - 500]
    options = {"degradation": "noise", "degradation_options": {"kind": "rician"}}
    with pytest.raises(Problem, match="never below 0") as caught:
        plan(parts(tmp_path, images), overrides=SMALL, **options)
    assert str(caught.value.where) == "test"


@pytest.mark.parametrize("kind", ["gaussian", "rician"])
def test_images_that_get_no_noise_are_named(tmp_path, kind):
    dark = np.zeros((40, 40, 1), np.float32)
    dark[:2, :4] = 100
    images = [smooth((40, 40)), dark, smooth((40, 40), 2)]
    options = {"degradation": "noise", "degradation_options": {"kind": kind}}
    with pytest.raises(Problem, match="nothing to undo in 1 image:") as caught:
        plan(parts(tmp_path, images), overrides=SMALL, **options)
    assert str(caught.value.where) == "validation"
    dark[:2, :40] = 100
    assert plan(parts(tmp_path, images), overrides=SMALL, **options)


def test_axes_that_images_have_not_are_told(tmp_path):
    cases = survey(parts(tmp_path, [smooth((20, 20))] * 3))
    facts = [cases.facts[case] for case in cases]
    with pytest.raises(Problem, match="Axis 2 was given for images of 2 axes"):
        check_degradation(facts, "undersampling", {"axis": 2})


def facts(low, modality=None):
    values = np.full((4, 1), low, np.float32)
    ends = (low, low + 1000.0)
    return TargetFacts("MR", modality, (0, 1), ends, 1, values, False, 0.3, 1, (ends,))


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (facts(-900.0, "MR"), "files say MR"),
        (facts(0.0), "no value is below 0"),
        (facts(5.0, "CT"), "5"),
    ],
)
def test_hounsfield_units_of_what_is_no_ct(target, why):
    with pytest.raises(Problem, match=why) as caught:
        check_targets([target], "hu", shared=False, unpaired=False)
    assert caught.value.where == "--target-values hu"


def test_hounsfield_units_where_they_may_be():
    for modality in (None, "CT"):
        check_targets([facts(-1000.0, modality)], "hu", shared=False, unpaired=False)
    assert target_scheme([facts(-1000.0)], False, False, hu=True)[0] == "ct"


def test_a_difference_of_values_that_do_not_mean_the_same():
    check_difference(SimpleNamespace(target_normalization="image"))
    with pytest.raises(Problem, match="no difference"):
        check_difference(SimpleNamespace(target_normalization="zscore"))
