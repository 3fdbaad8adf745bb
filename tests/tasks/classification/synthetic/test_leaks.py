"""A generator may know nothing of what a classifier is scored by."""

import shutil
from dataclasses import replace

import pytest

from keras_mia.core.problem import Problem
from keras_mia.tasks.classification.synthetic.choice import SyntheticChoice
from keras_mia.tasks.classification.synthetic.generator_run import GeneratorRun
from keras_mia.tasks.classification.task import Classification
from tests.tasks.classification.synthetic.conftest import split_of, write_generator

PATIENT = {"patient": r"p\d\d"}


def task_of(run, **fields):
    return Classification(synthetic=SyntheticChoice(GeneratorRun.read(run)), **fields)


@pytest.fixture(scope="module")
def by_patient(pictures, tmp_path_factory):
    return write_generator(pictures, tmp_path_factory.mktemp("runs") / "patients", **PATIENT)


@pytest.mark.parametrize("limit", [None, 8])
def test_the_same_split_passes(by_patient, pictures, limit):
    cases = split_of(task_of(by_patient, limit=limit), pictures, **PATIENT)
    assert "samples of patients;" in cases.notes[-1]


@pytest.mark.parametrize("fold", [2, 3, 4, 5])
def test_another_fold_is_refused(generator, pictures, fold):
    plain = Classification()
    first, other = (split_of(plain, pictures, (number, 5)) for number in (1, fold))
    names = {part: {case.name for case in first.of(part)} for part in ("train", "validation")}
    leaks = [case for case in other.validation if case.name in names["train"]]
    leaks += [case for case in other.test if case.name in names["train"] | names["validation"]]
    with pytest.raises(Problem) as caught:
        split_of(task_of(generator), pictures, (fold, 5))
    held_out = len(other.validation) + len(other.test)
    assert f"by {len(leaks)} of {held_out} validation or test images" in caught.value.what
    assert "the same --data, --fold" in caught.value.remedy


def test_test_cases_of_the_generator_may_be_trained_on(generator, pictures, monkeypatch):
    cases = split_of(Classification(), pictures)
    swapped = {case.name: "test" for case in cases if case.split == "train"}
    made = replace(
        cases,
        cases=tuple(replace(case, split=swapped.get(case.name, "train")) for case in cases),
    )
    choice = task_of(generator).synthetic
    with pytest.raises(Problem):
        choice.noted(made)
    few = [case for case in cases if case.split != "train"]
    assert choice.noted(replace(cases, cases=tuple(few))).notes != cases.notes
    tested = tuple(replace(case, split="train") for case in cases.test)
    assert choice.noted(replace(cases, cases=tested))


def test_a_patient_with_other_images(by_patient, pictures, tmp_path):
    """The second image of each patient alone, with other pixels: files and content differ."""
    from tests.tasks.classification.synthetic.conftest import write_pictures

    write_pictures(tmp_path / "other", channels=(3,))
    with pytest.raises(Problem, match=r"\d patients"):
        split_of(task_of(by_patient), tmp_path / "other", (2, 5), **PATIENT)


def test_copies_under_other_names(generator, pictures, tmp_path):
    held_out = split_of(Classification(), pictures)
    copies = tmp_path / "copies"
    for number, path in enumerate(sorted(pictures.rglob("*.png"))):
        (copies / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copies / path.parent.name / f"{99 - number}.png")
    plain = split_of(Classification(), copies)
    known = {case.images[0].read_bytes() for case in held_out.train}
    leaks = [one for one in (*plain.validation, *plain.test) if one.images[0].read_bytes() in known]
    assert leaks
    with pytest.raises(Problem, match="was trained or chosen by"):
        split_of(task_of(generator), copies)
    shutil.rmtree(copies)


def test_an_image_that_the_data_have_twice_is_not_laid_to_the_generator(pictures, tmp_path):
    data = shutil.copytree(pictures, tmp_path / "twice")
    cases = split_of(Classification(), data)
    shutil.copy(cases.train[0].images[0], cases.test[0].images[0])
    run = write_generator(data, tmp_path / "run")
    assert split_of(task_of(run), data).test
