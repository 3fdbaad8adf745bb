"""Pairs that nothing can be learnt from are refused before anything is planned."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import SPLITS
from keras_mia.tasks.translation.cases.pairs import split_cases
from keras_mia.tasks.translation.task import Translation
from tests.tasks.translation.images import case_of, cases_of, smooth


def pairs(folder, count=6, change=lambda image: 1000 - image):
    images = [smooth((24, 22), seed) for seed in range(count)]
    return cases_of(
        *(
            case_of(folder, str(i), image, change(image), split=None)
            for i, image in enumerate(images)
        )
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda image: image, "are the same"),
        (lambda image: 0 * image + 3, "All values of the target"),
    ],
    ids=["same", "constant"],
)
def test_targets_that_teach_nothing_name_their_files(tmp_path, change, message):
    with pytest.raises(Problem, match=message) as caught:
        Translation().examine(pairs(tmp_path, change=change))
    assert str(caught.value.where).count(".npy") == 6


def test_images_that_are_made_worse_are_their_own_targets(tmp_path):
    cases = cases_of(*(case_of(tmp_path, str(i), smooth((20, 20), i)) for i in range(3)))
    assert len(Translation(degradation="noise").examine(cases).facts) == 3


def test_a_patient_is_in_one_part_alone(tmp_path):
    task = Translation()
    cases = split_cases(task.examine(pairs(tmp_path)), (1, 5))
    parts = [{case.patient for case in cases.of(part)} for part in SPLITS]
    assert all(parts)
    assert sum(map(len, parts)) == len(set.union(*parts)) == 6


def test_one_patient_alone_cannot_be_learnt_from(tmp_path):
    with pytest.raises(Problem, match="one patient only"):
        split_cases(Translation().examine(pairs(tmp_path, 1)), (1, 5))


def test_of_a_pair_that_trains_alone_a_part_validates(tmp_path):
    made = [
        case_of(tmp_path, name, 100 + smooth((12, 12, 30), i), 900 - smooth((12, 12, 30), i))
        for i, name in enumerate("ab")
    ]
    made[1] = replace(made[1], split="test")
    cases = split_cases(Translation().examine(cases_of(*made)), (1, 5))
    assert [len(cases.of(part)) for part in ("train", "validation", "test")] == [1, 1, 1]
    task = Translation(overrides={"patch": 8, "depth": 1})
    plan = task.plan(cases)
    train, validation = (plan.truth(cases.of(part)[0]) for part in ("train", "validation"))
    assert train.space == (12, 12, 27)
    assert validation.space == (12, 12, 3)
    whole = made[0].target_image().array
    np.testing.assert_array_equal(np.concatenate([train.array, validation.array], 2), whole)
    assert plan.source(cases.train[0]).space == train.space
