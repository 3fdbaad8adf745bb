"""The register holds whole families."""

import inspect

import pytest

from keras_mia.core.problem import Problem
from keras_mia.tasks import register
from keras_mia.tasks.register import REGISTER, check_offers, families, offers, task
from keras_mia.tasks.run_verbs import OPTIONAL, RunVerbs
from keras_mia.tasks.task import Task
from tests.cli.pixel_task import Pixel


@pytest.mark.parametrize("name", REGISTER)
def test_a_family_has_all_verbs_that_none_may_leave_out(name):
    family = task(name)
    assert issubclass(family, Task)
    family()  # none that is abstract is left, and every choice has a default
    assert offers(name, "predictor") == offers(name, "write")


def test_which_family_offers_what():
    trained_on_targets = ["segmentation", "classification", "translation"]
    for verb in OPTIONAL:
        assert families(verb) == (["generation"] if verb == "sample" else trained_on_targets), verb


def test_a_variant_has_the_name_of_its_family():
    assert families() == ["segmentation", "classification", "translation", "generation"]
    assert task("finetuning").name == "classification"
    assert "finetuning" in families(variants=True)


def test_a_task_that_is_none_is_said():
    with pytest.raises(Problem, match="only segmentation and classification"):
        task("dreaming")


def test_a_verb_that_is_left_out_is_a_problem(monkeypatch):
    monkeypatch.setitem(register.REGISTER, "pixel", "tests.cli.pixel_task:Pixel")
    for verb, text in OPTIONAL.items():
        names = list(inspect.signature(getattr(RunVerbs, verb)).parameters.values())[1:]
        positional = [None for one in names if one.kind is one.POSITIONAL_OR_KEYWORD]
        named = {one.name: None for one in names if one.kind is one.KEYWORD_ONLY}
        if not offers("pixel", verb):
            with pytest.raises(Problem, match=f"A run of pixel {text}."):
                getattr(Pixel(), verb)(*positional, **named)
            with pytest.raises(Problem, match=f"A run of pixel {text}."):
                check_offers("pixel", verb, "here")
    assert not offers("pixel", "compare")
    check_offers("pixel", "predictor", "here")
