"""No patient on two sides, every case tested once, and the same whatever the order."""

import cProfile
import os
import pstats
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mia.core.problem import Problem
from keras_mia.data import Case, Cases, split, write_image
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import SPLITS, Slab


def cases_of(patients, **more):
    made = [
        Case(
            f"case_{i}",
            {"image": (Path(f"{i}.png"),)},
            LabelMapFile(Path(f"{i}_l.png")),
            patient,
            **more,
        )
        for i, patient in enumerate(patients)
    ]
    return Cases(tuple(made), "made up")


def parts_of(cases):
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
        assert all(len(parts) == 1 for parts in where.values())
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
        assert parts_of(again) == parts_of(made)
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
    made = [
        Case(f"c{i}", {"image": (name,)}, LabelMapFile(name), f"p{i}")
        for i, name in enumerate(names)
    ]
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
    write_image(cases[0].target.path, label)
    return cases


def test_single_case_is_split_along_the_longest_axis_that_trains_on_all_values(tmp_path):
    made = split(sided(tmp_path))
    assert [case.region.axis for case in made] == [2, 2, 2]
    for case in made:
        assert set(case.label().array[case.region_mask()].ravel()) == {1, 2}
    assert "axis 2 tests" in made.notes[-1]


def organs(tmp_path, *boxes, shape=(20, 24, 16)):
    """A case with a class in each of some boxes."""
    label = np.zeros(shape, np.uint8)
    for value, box in enumerate(boxes, start=1):
        label[box] = value
    for name, array in (("image", label.astype(np.float32)), ("label", label)):
        write_image(tmp_path / f"{name}.npy", array)
    case = Case(
        "ct", {"image": (tmp_path / "image.npy",)}, LabelMapFile(tmp_path / "label.npy"), "p"
    )
    return Cases((case,), str(tmp_path))


ALL = slice(None)


@pytest.mark.parametrize(
    "boxes",
    [
        # across the first axis only, the shorter one
        [(ALL, slice(0, 4), ALL), (ALL, slice(18, 24), slice(0, 5))],
        # none across a half of any axis, but along the second at 40 %
        [(slice(0, 5), slice(7, 14), slice(0, 5)), (slice(15, 20), slice(6, 13), slice(12, 16))],
    ],
)
@pytest.mark.parametrize("mirrored", [False, True])
def test_both_sides_of_a_single_case_hold_all_classes(tmp_path, boxes, mirrored):
    if mirrored:
        boxes = [
            tuple(
                one if one == ALL else slice(length - one.stop, length - one.start)
                for one, length in zip(box, (20, 24, 16), strict=True)
            )
            for box in boxes
        ]
    made = split(organs(tmp_path, *boxes))
    for case in (*made.train, *made.test):
        values, counts = np.unique(case.label().array[case.region_mask()], return_counts=True)
        assert values.tolist() == [0, 1, 2]
        assert counts.min() > 10


def test_a_single_case_whose_classes_no_axis_shares_is_refused_before_training(tmp_path):
    corner = (slice(0, 2), slice(0, 2), slice(0, 2))
    cases = organs(tmp_path, (ALL, slice(8, 16), ALL), corner)
    with pytest.raises(Problem, match=r"both hold label 2,(.|\n)*--classes 1\."):
        split(cases)
    assert split(cases, keep=[1]).test
    with pytest.raises(Problem, match=r"second patient\.$"):
        split(organs(tmp_path, corner))


def test_of_several_cases_of_one_patient_each_side_holds_all_classes_together(tmp_path):
    corner = (slice(0, 2), slice(0, 2), slice(0, 2))
    made = []
    for name, boxes in (("a", [(ALL, ALL, slice(4, 9))]), ("b", [corner])):
        (tmp_path / name).mkdir()
        made += [replace(case, name=name) for case in organs(tmp_path / name, *boxes)]
    assert len(split(Cases(tuple(made), "made up")).test) == 2


def findings(seed, images=100, patients=15):
    """Findings of images, as patients have them again and again."""
    generator = np.random.default_rng(seed)
    prone = generator.random((patients, 10)) < 0.35
    return [
        (
            f"p{patient}",
            [f"f{k}" for k in range(10) if prone[patient, k] and generator.random() < 0.6],
        )
        for patient in generator.integers(patients, size=images)
    ]


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6, 7, 8])  # with 4 no three patients hold all
@pytest.mark.parametrize("more", [(), ("age",)])
def test_each_part_holds_each_finding_where_numbers_allow_it(seed, more):
    rows = findings(seed)
    cases = cases_of([patient for patient, _ in rows])
    held = {case.name: names for case, (_, names) in zip(cases, rows, strict=True)}

    def content(case):
        return [*held[case.name], *(float(len(case.name)) for _ in more)]

    made = split(cases, content=content)
    patients = {}
    for case in cases:
        for name in held[case.name]:
            patients.setdefault(name, set()).add(case.patient)
    there = {part: {x for case in made.of(part) for x in held[case.name]} for part in SPLITS}
    several = {name for name, cases_of in patients.items() if len(cases_of) > 1}
    assert there["test"] >= several
    assert there["train"] == set(patients)
    assert len(there["validation"] & several) >= len(several) - 3
    backwards = split(replace(cases, cases=cases.cases[::-1]), content=content)
    assert parts_of(backwards) == parts_of(made)


def test_the_split_is_the_same_in_each_process():
    script = (
        "from test_splitting import *\n"
        "rows = findings(1)\n"
        "held = dict(zip((f'case_{i}' for i in range(len(rows))), (x for _, x in rows)))\n"
        "made = split(cases_of([p for p, _ in rows]), content=lambda case: held[case.name])\n"
        "print(sorted(parts_of(made).items()))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parent,
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_classes_are_shared_out_as_often_as_they_occur():
    cases = cases_of([f"p{i}" for i in range(200)])
    kind = {case.name: "rare" if i % 20 == 0 else "usual" for i, case in enumerate(cases)}
    folds = [split(cases, fold=k, content=lambda case: kind[case.name]) for k in range(1, 6)]
    assert [sum(kind[c.name] == "rare" for c in made.test) for made in folds] == [2] * 5
    assert all(any(kind[c.name] == "rare" for c in made.validation) for made in folds)


def test_four_times_as_many_cases_take_about_four_times_as_many_steps_to_split():
    def steps(count):
        cases = cases_of([f"p{i // 2}" for i in range(count)])
        generator = np.random.default_rng(0)
        rows = (generator.random((count, 20)) < 0.05).tolist()
        names = [[f"f{k}" for k, there in enumerate(row) if there] for row in rows]
        held = {case.name: one for case, one in zip(cases, names, strict=True)}
        with cProfile.Profile() as profile:
            split(cases, content=lambda case: held[case.name])
        return pstats.Stats(profile).total_calls

    assert steps(8_000) < 6 * steps(2_000)


def test_a_table_of_tests_alone_says_that_nothing_is_for_training():
    with pytest.raises(Problem, match="No row is for training: the split of all 3 cases is test"):
        split(cases_of("abc", split="test"))


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
