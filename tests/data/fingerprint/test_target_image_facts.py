"""What is kept of an image that is to be made."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import RESAMPLED, ImageFile
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.fingerprint.reading_notes import reading_notes
from keras_mia.data.fingerprint.survey import read_facts, survey
from keras_mia.data.io.image_io import write_image
from keras_mia.doctor.case import examine

IMAGE = np.random.default_rng(0).normal(size=(30, 20, 12)).astype(np.float32)


def pair(folder, target, affine=None, name="a"):
    paths = folder / f"{name}.nii.gz", folder / f"{name}2.nii.gz"
    write_image(paths[0], IMAGE, np.eye(4))
    write_image(paths[1], target, np.eye(4) if affine is None else affine)
    return Case(name, {"image": paths[:1]}, ImageFile(paths[1]), name)


def test_its_sample_is_of_the_same_voxels(tmp_path):
    whole = np.round(100 * IMAGE).astype(np.int16)
    facts = read_facts(pair(tmp_path, whole))
    target = facts.target_image
    assert len(target.sample) == len(facts.sample) == 4096
    np.testing.assert_array_equal(target.sample, np.round(100 * facts.sample))
    assert (target.channels, target.dtype, target.integer) == (1, "int16", True)
    assert (target.low, target.high) == ((whole.min(),), (whole.max(),))
    assert not target.is_constant
    assert target.digest != facts.digest
    assert facts.label is None


def test_the_image_itself_has_an_equal_digest(tmp_path):
    facts = read_facts(pair(tmp_path, IMAGE))
    assert facts.target_image.digest == facts.digest


def test_without_a_target_image_there_is_none(tmp_path):
    case = pair(tmp_path, IMAGE)
    assert read_facts(Case("b", case.inputs, None, "b")).target_image is None


def test_how_many_are_resampled_is_said_once(tmp_path):
    affine = np.diag([1.5, 1.0, 1.0, 1.0])
    cases = Cases(tuple(pair(tmp_path, IMAGE, affine, name) for name in "abcde"), "")
    surveyed = survey(cases)
    (note,) = reading_notes([(case, surveyed.facts[case]) for case in cases])
    assert note == f"{RESAMPLED}: 5 (a, b, c and 2 more)."


def test_what_is_wrong_with_it_is_a_finding(tmp_path):
    case = pair(tmp_path, np.where(IMAGE > 2, np.nan, IMAGE))
    with pytest.raises(Problem, match=r"not numbers[\s\S]*a2\.nii"):
        read_facts(case)
    (found,), facts = examine(case, read_facts)
    assert (found.kind, found.file, facts) == ("not a number", str(case.target), None)
    case.target.path.write_bytes(b"no image")
    (found,), _ = examine(case, read_facts)
    assert (found.kind, found.file) == ("unreadable file", str(case.target))
    far = np.eye(4)
    far[0, 3] = 100
    (found,), _ = examine(pair(tmp_path, IMAGE, far), read_facts)
    assert found.kind == "unusable case"
    assert "no voxel in common" in found.what
    case = pair(tmp_path, IMAGE, np.diag([2.0, 1.0, 1.0, 1.0]))
    assert examine(case, read_facts)[0] == []
