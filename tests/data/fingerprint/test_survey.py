"""Facts are kept with what they were read from."""

from dataclasses import replace
from pathlib import Path

from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.survey import Fingerprint


def cases_of_one_class(count):
    return [
        Case(str(number), {"image": (Path(f"{number}.png"),)}, Texts("ill"), str(number))
        for number in range(count)
    ]


def test_facts_are_found_by_files_whatever_the_name_and_the_split_are():
    cases = cases_of_one_class(3)
    facts = Fingerprint((case, case.name) for case in cases)
    renamed = replace(cases[1], name="other", patient="other", split="test")
    assert facts[renamed] == "1"
    assert replace(cases[1], target=Texts("well")) not in facts


def test_images_of_one_class_do_not_share_a_hash():
    """Else looking one up takes as long as there are images: an hour for 60,000 of them."""
    nameless = [replace(case, name="", patient="") for case in cases_of_one_class(1000)]
    assert len(set(map(hash, nameless))) == 1000
