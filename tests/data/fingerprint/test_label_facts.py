"""Facts of cases, and the checks while reading."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.fingerprint import label_facts
from keras_mia.data.fingerprint.survey import content, read_facts, survey
from keras_mia.data.io.image_io import write_image


@pytest.fixture
def make(tmp_path):
    def case(name, image, label=None, *, affine=None, label_affine=None, region=None):
        def write(kind, array, where):
            if array is None:
                return None
            path = tmp_path / f"{name}-{kind}.nii.gz"
            write_image(path, array, np.eye(4) if where is None else where)
            return path

        label_affine = affine if label_affine is None else label_affine
        return Case(
            name,
            {"image": (write("image", image, affine),)},
            LabelMapFile(write("label", label, label_affine)),
            name,
            region=write("region", region, affine),
        )

    return case


def brain(seed=0, space=(8, 9, 10)):
    generator = np.random.default_rng(seed)
    image = generator.normal(100, 10, (*space, 1)).astype(np.float32)
    label = np.zeros((*space, 1), np.uint8)
    label[2:5, 2:5, 2:5] = 1
    label[5, 5, 5] = 2
    image[label == 1] = 500
    return image, label


def test_facts_in_ras_order_inside_the_box_that_is_not_zero(make):
    image, label = brain()
    image[:2] = 0
    affine = np.array([[0, 0, -3.0, 0], [1.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, 0, 1]])
    found = read_facts(make("a", image, label, affine=affine))
    assert (found.space, found.nonzero_space) == ((10, 8, 9), (10, 6, 9))
    assert found.stored_space == (8, 9, 10)
    assert found.spacing == (3.0, 1.0, 2.0)
    assert found.values == {0: 720 - 28, 1: 27, 2: 1}
    assert (found.channels, found.rank, found.integer) == (1, 3, False)
    assert found.high == (500.0,)
    label = found.label
    assert sorted(label.sample_values.tolist()) == [1] * 27 + [2]
    assert np.all(label.sample[label.sample_values == 1] == 500)


def test_a_region_limits_what_is_counted(make):
    image, label = brain()
    region = np.zeros_like(label)
    region[:4] = 1
    found = read_facts(make("r", image, label, region=region))
    assert found.values == {0: 360 - 18, 1: 18}
    assert len(found.label.sample) == 18


def test_a_case_is_read_once(make, monkeypatch):
    case = make("once", *brain())
    cases = survey(Cases((case,), "here"))
    monkeypatch.setattr(Case, "image", lambda case: pytest.fail("read again"))
    assert survey(cases) is cases
    split = replace(case, split="test", patient="other")
    assert survey(replace(cases, cases=(split,))).facts[split] is cases.facts[case]


def test_the_sample_is_limited_and_the_same_each_time(make, monkeypatch):
    monkeypatch.setattr(label_facts, "SAMPLE", 10)
    case = make("s", *brain())
    first = read_facts(case).label.sample
    assert len(first) == 10
    assert np.array_equal(first, read_facts(case).label.sample)


def test_what_is_wrong_names_the_file(make):
    image, label = brain()
    broken = image.copy()
    broken[0, 0, 0] = np.nan
    with pytest.raises(Problem, match=r"not numbers[\s\S]*nan-image"):
        read_facts(make("nan", broken, label))
    with pytest.raises(Problem, match=r"share one grid[\s\S]*size-label"):
        read_facts(make("size", image, label[:-1]))
    moved = np.eye(4)
    moved[0, 3] = 2
    with pytest.raises(Problem, match=r"share one grid[\s\S]*moved-label"):
        read_facts(make("moved", image, label, label_affine=moved))
    with pytest.raises(Problem, match="region is empty"):
        read_facts(make("empty", image, label, region=np.zeros_like(label)))


def test_a_survey_lists_all_that_is_wrong(make):
    image, label = brain()
    cases = [make(f"case{index:02}", image, label[: 8 - index % 2]) for index in range(24)]
    with pytest.raises(Problem) as caught:
        survey(Cases(tuple(cases), "here"))
    assert "12 of 24 cases cannot be used" in caught.value.what
    assert str(caught.value).count("share one grid") == 10
    assert "and 2 more" in str(caught.value)
    good = survey(Cases(tuple(cases[::2]), "here"))
    assert [one.name for one in good.facts.values()] == [case.name for case in cases[::2]]


def test_content_is_the_share_of_foreground_and_the_values(make):
    case = make("c", *brain())
    facts = read_facts(case)
    share, *values = content(facts)
    assert share == pytest.approx(28 / 720)
    assert values == ["0", "1", "2"]
    assert content(facts, keep=[2]) == (1 / 720, "2")
    assert content(facts.merged(((1, 9, 1),)))[1:] == ("0", "1")
