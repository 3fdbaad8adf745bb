"""The register holds whole families."""

import pytest

from keras_mia.core.problem import Problem
from keras_mia.tasks.register import OPTIONAL, REGISTER, WITHOUT, families, offers, task
from keras_mia.tasks.task import Task


@pytest.mark.parametrize("name", REGISTER)
def test_a_family_has_all_verbs_but_those_that_the_register_says(name):
    family = task(name)
    assert issubclass(family, Task)
    family()  # none that is abstract is left, and every choice has a default
    for verb in OPTIONAL:
        is_defined = getattr(family, verb) is not getattr(Task, verb)
        assert is_defined == offers(name, verb), verb
    assert {*WITHOUT.get(name, ())} <= {*OPTIONAL}


def test_a_variant_has_the_name_of_its_family():
    assert families() == ["segmentation", "classification", "translation"]
    assert task("finetuning").name == "classification"
    assert "finetuning" in families(variants=True)


def test_a_task_that_is_none_is_said():
    with pytest.raises(Problem, match="only segmentation and classification"):
        task("dreaming")


def test_a_verb_that_is_left_out_is_a_problem():
    from pathlib import Path

    from tests.cli.pixel_task import Pixel

    with pytest.raises(Problem, match="nothing to compare in pixel"):
        Pixel().compare(Path("a"), Path("b"))
