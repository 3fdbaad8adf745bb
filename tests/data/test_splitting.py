"""No patient on two sides, every case tested once, and the same whatever the order."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mia.core.problem import Problem
from keras_mia.data import Case, Cases, split, write_image
from keras_mia.data.cases import Slab


def cases_of(patients, **more):
    made = [
        Case(f"case_{i}", (Path(f"{i}.png"),), Path(f"{i}_l.png"), patient, **more)
        for i, patient in enumerate(patients)
    ]
    return Cases(tuple(made), "made up")


def sides(cases):
    return {case.name: case.split for case in cases}


@settings(max_examples=80, deadline=None)
@given(
    patients=st.lists(st.integers(0, 30), min_size=3, max_size=60).filter(
        lambda x: len(set(x)) > 3
    ),
    folds=st.integers(2, 6),
    order=st.randoms(use_true_random=False),
)
def test_laws(patients, folds, order):
    cases = cases_of([f"p{patient}" for patient in patients])
    parts = min(folds, len(set(patients)))
    content = {case.name: int(case.patient[1:]) % 7 for case in cases}
    tested = []
    for fold in range(1, parts + 1):
        made = split(cases, fold=fold, folds=folds, content=lambda case: content[case.name])
        where = {}
        for case in made:
            where.setdefault(case.patient, set()).add(case.split)
        assert all(len(found) == 1 for found in where.values())
        assert made.train
        assert made.validation
        tested += [case.name for case in made.test]
        shuffled = list(cases)
        order.shuffle(shuffled)
        again = split(
            replace(cases, cases=tuple(shuffled)),
            fold=fold,
            folds=folds,
            content=lambda case: content[case.name],
        )
        assert sides(again) == sides(made)
    assert sorted(tested) == sorted(case.name for case in cases)


@given(st.integers(25, 80))
@settings(max_examples=20, deadline=None)
def test_folds_are_balanced_by_content(number):
    cases = cases_of([f"p{i}" for i in range(number)])
    share = {case.name: (i * 37 % number) / number for i, case in enumerate(cases)}
    means = [
        np.mean([share[c.name] for c in split(cases, fold=k, content=lambda c: share[c.name]).test])
        for k in range(1, 6)
    ]
    # the folds take one of each five neighbours, so their means differ by five ranks at most
    assert np.ptp(means) <= 10 / number


def test_a_tenth_validates():
    made = split(cases_of([f"p{i}" for i in range(132)]))
    assert [len(made.train), len(made.validation), len(made.test)] == [95, 10, 27]
    assert "27 cases of 27 patients for the test" in made.notes[-1]
    assert made.fold == "1/5"


def test_authors_split_is_kept_and_validation_comes_out_of_training():
    training = cases_of([f"p{i}" for i in range(20)], split="train").cases
    test = tuple(
        replace(case, name=f"t{case.name}", patient=f"t{case.patient}", split="test")
        for case in training
    )
    made = split(Cases(training + test, "made up"))
    assert {case.name for case in made.test} == {case.name for case in test}
    assert len(made.validation) == 2
    assert made.fold is None
    with pytest.raises(Problem, match="no folds"):
        split(Cases(training + test, "made up"), fold=2)


def test_authors_validation_is_the_test_if_there_is_no_other():
    cases = cases_of([f"p{i}" for i in range(10)], split="train").cases
    cases = (*cases[:7], *(replace(case, split="validation") for case in cases[7:]))
    made = split(Cases(cases, "made up"))
    assert len(made.test) == 3
    assert len(made.validation) == 1


def test_authors_split_that_parts_a_patient_is_a_problem():
    cases = cases_of(["a", "b", "b"], split="train").cases
    cases = (*cases[:2], replace(cases[2], split="test"))
    with pytest.raises(Problem, match=r"two sides.* b\."):
        split(Cases(cases, "made up"))


def written(tmp_path, count):
    names = [tmp_path / f"{i}.npy" for i in range(count)]
    for name in names:
        write_image(name, np.zeros((4, 20, 10), np.uint8))
    made = [Case(f"c{i}", (name,), name, f"p{i}") for i, name in enumerate(names)]
    return Cases(tuple(made), "written")


def test_single_case_is_split_in_space(tmp_path):
    made = split(written(tmp_path, 1))
    masks = [made.train[0], made.validation[0], made.test[0]]
    masks = [case.region_mask() for case in masks]
    np.testing.assert_array_equal(sum(mask.astype(int) for mask in masks), 1)
    assert masks[2][:, :10].all()
    assert not masks[2][:, 10:].any()
    assert masks[0][:, 12:].all()
    assert len({case.name for case in made}) == 3
    assert "both sides" in made.notes[-1]


def sided(tmp_path):
    """A case whose class 2 lies in the test half of the longest axis, all along the others."""
    cases = written(tmp_path, 1)
    label = np.ones((4, 20, 10), np.uint8)
    label[:, 0, :] = 2
    write_image(cases[0].target, label)
    return cases


def test_single_case_is_split_along_the_longest_axis_that_trains_on_all_values(tmp_path):
    made = split(sided(tmp_path))
    assert [case.region.axis for case in made] == [2, 2, 2]
    for case in made:
        assert set(case.label().array[case.region_mask()].ravel()) == {1, 2}
    assert "axis 2 tests" in made.notes[-1]


def test_values_that_are_not_kept_do_not_choose_the_axis(tmp_path):
    assert [case.region.axis for case in split(sided(tmp_path), keep=[1])] == [1, 1, 1]


def test_slab_stays_within_the_region(tmp_path):
    cases = written(tmp_path, 1)
    region = np.zeros((4, 20, 10), np.uint8)
    region[:2] = 1
    write_image(tmp_path / "region.npy", region)
    made = split(replace(cases, cases=(replace(cases[0], region=tmp_path / "region.npy"),)))
    total = sum(case.region_mask().astype(int) for case in made)
    np.testing.assert_array_equal(total, region)


def test_two_patients_and_more_folds_than_patients(tmp_path):
    cases = written(tmp_path, 2)
    made = [split(cases, fold=fold) for fold in (1, 2)]
    assert {made[0].test[0].patient, made[1].test[0].patient} == {"p0", "p1"}
    assert [one.fold for one in made] == ["1/2", "2/2"]
    assert made[0].train[0].patient == made[0].validation[0].patient != made[0].test[0].patient
    assert isinstance(made[0].train[0].region, Slab)
    assert not (made[0].train[0].region_mask() & made[0].validation[0].region_mask()).any()
    with pytest.raises(Problem, match="2 patients make 2 folds"):
        split(cases, fold=3)


@pytest.mark.parametrize(("fold", "folds"), [(0, 5), (6, 5), (1, 1)])
def test_folds_that_do_not_exist(fold, folds):
    with pytest.raises(Problem, match="does not exist"):
        split(cases_of("abcdefgh"), fold=fold, folds=folds)
