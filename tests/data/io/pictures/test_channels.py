"""Grey images and colours in one data set, and for networks of the other kind."""

from dataclasses import replace

import numpy as np
import PIL.Image
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_image
from keras_mia.data.datasets.case_target import LabelMapFile, Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.channels import common_channels
from keras_mia.data.fingerprint.reading_notes import reading_notes
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.image import Image
from keras_mia.data.io.pictures.channels import (
    LUMINANCE,
    ONE_OF_THREE,
    REPEATED,
    planned_channels,
)
from keras_mia.data.preprocess.prepare import prepare
from keras_mia.data.preprocess.prepare_image import prepare_image
from keras_mia.data.targets.inference import infer_target
from keras_mia.data.targets.label_map import classes_of
from keras_mia.tasks.classification.planning import make_plan as make_image_plan
from keras_mia.tasks.segmentation.planning import make_plan
from tests.dicom_files import write_series

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 255, (24, 20)).astype(np.uint8)
COLOURS = RANDOM.integers(0, 255, (24, 20, 3)).astype(np.uint8)
KINDS = {
    "grey": GREY,
    "equal": np.stack([GREY] * 3, -1),
    "colours": COLOURS,
    "opaque": np.concatenate([COLOURS, np.full((24, 20, 1), 255, np.uint8)], -1),
    "deep": GREY.astype(np.uint16) * 200,
}


def cases_of(folder, kinds, *, labels=False):
    PIL.Image.fromarray((GREY > 90).astype(np.uint8)).save(folder / "label.png")
    made = []
    for number, kind in enumerate(kinds):
        path = folder / f"{number}.png"
        PIL.Image.fromarray(KINDS[kind]).save(path)
        target = LabelMapFile(folder / "label.png") if labels else Texts("ab"[number % 2])
        made.append(Case(f"{number}", {"image": (path,)}, target, f"{number}", "train"))
    return made


def plans_of(folder, kinds):
    """A plan for label maps and one for answers, each with what it was made from."""
    labelled = cases_of(folder, kinds, labels=True)
    facts = [read_facts(case) for case in labelled]
    yield make_plan(facts, classes_of([0, 1])), labelled, facts
    classified = cases_of(folder, kinds)
    facts = [read_facts(case) for case in classified]
    yield make_image_plan(facts, infer_target(["a", "b"])), classified, facts


def prepared(image, plan):
    return prepare(image, plan).array if hasattr(plan, "patch") else prepare_image(image, plan)


@pytest.mark.parametrize(
    ("kinds", "channels", "remark"),
    [
        (["grey"] * 4, 1, None),
        (["equal"] * 4, 3, None),
        (["colours", "opaque"] * 2, 3, None),
        (["grey", "equal"] * 2, 1, ONE_OF_THREE),
        (["grey", "colours"] * 2, 3, REPEATED),
        (["grey", "grey", "grey", "colours"], 3, REPEATED),
        (["grey", "equal", "colours", "opaque"], 3, REPEATED),
    ],
)
def test_one_rule_for_the_channels_of_a_data_set(tmp_path, kinds, channels, remark):
    for plan, cases, facts in plans_of(tmp_path, kinds):
        assert plan.channels == channels
        remarks = reading_notes(list(zip(cases, facts, strict=True)))
        assert len(remarks) == (remark is not None)
        assert all(one.startswith(remark) for one in remarks)
        for case in cases:
            assert prepared(case.image(), plan).shape[-1] == channels


def test_colours_and_grey_for_a_network_of_the_other_kind(tmp_path):
    for plan, cases, _ in plans_of(tmp_path, ["colours"] * 4):
        grey = Image(GREY[..., None])
        np.testing.assert_array_equal(prepared(grey, plan), prepared(Image(KINDS["equal"]), plan))
        assert planned_channels(grey, plan).remarks == (REPEATED,)
        assert planned_channels(cases[0].image(), plan).remarks == ()
    for plan, *_ in plans_of(tmp_path, ["grey"] * 4):
        expected = np.asarray(PIL.Image.fromarray(COLOURS).convert("L"))
        image = Image(COLOURS, colours=True)
        np.testing.assert_allclose(planned_channels(image, plan).array[..., 0], expected, atol=1)
        assert planned_channels(image, plan).remarks == (LUMINANCE,)
        assert planned_channels(Image(KINDS["equal"], colours=True), plan).remarks == (
            ONE_OF_THREE,
        )
        np.testing.assert_array_equal(
            prepared(Image(KINDS["equal"], colours=True), plan),
            prepared(Image(GREY[..., None]), plan),
        )
        with pytest.raises(Problem, match="3 channels"):
            prepared(Image(COLOURS.astype(np.float32)), plan)


def test_channels_that_are_no_colours_are_not_made_from_one(tmp_path):
    array = RANDOM.random((24, 20, 3)).astype(np.float32)
    np.save(tmp_path / "a.npy", array)
    facts = [
        read_facts(Case(str(i), {"image": (tmp_path / "a.npy",)}, Texts("ab"[i % 2]), str(i)))
        for i in range(4)
    ]
    plan = make_image_plan(facts, infer_target(["a", "b"]))
    assert (plan.channels, plan.colours) == (3, False)
    with pytest.raises(Problem, match="1 channels"):
        prepare_image(Image(GREY[..., None].astype(np.float32)), plan)
    with pytest.raises(Problem, match=r"Most images have 3 channels, 1 have others"):
        common_channels([*facts, replace(facts[0], channels=1)])


def test_dicom_of_one_channel_and_of_colours(tmp_path):
    for plan, *_ in plans_of(tmp_path, ["colours"] * 4):
        one = planned_channels(Image(np.zeros((5, 4, 1, 1), np.int16), np.eye(4), "MR"), plan)
        assert one.array.shape == (5, 4, 1, 3)
    write_series(tmp_path / "grey", np.ones((5, 4, 2), np.int16), np.eye(4))
    assert not read_image(tmp_path / "grey").colours


def test_a_channel_that_is_stored_as_colours_is_one_channel_of_a_case(tmp_path):
    for number, kind in enumerate(("grey", "equal")):
        PIL.Image.fromarray(KINDS[kind]).save(tmp_path / f"a_000{number}.png")
    case = Case("a", {"image": (tmp_path / "a_0000.png", tmp_path / "a_0001.png")}, None, "a")
    image = case.image()
    np.testing.assert_array_equal(image.array, np.stack([GREY] * 2, -1))
    assert image.remarks == (ONE_OF_THREE,)


def test_8_and_16_bits_in_one_set_are_each_normalized_by_themselves(tmp_path):
    for plan, cases, facts in plans_of(tmp_path, ["grey", "deep"] * 2):
        assert plan.normalization == "zscore"
        assert "2 of uint16, 2 of uint8" in reading_notes(list(zip(cases, facts, strict=True)))[0]
        np.testing.assert_allclose(*(prepared(case.image(), plan) for case in cases[:2]), atol=1e-5)
        make = make_plan if hasattr(plan, "patch") else make_image_plan
        target = classes_of([0, 1]) if hasattr(plan, "patch") else infer_target(["a", "b"])
        with pytest.raises(Problem, match=r"several depths[\s\S]*zscore"):
            make(facts, target, overrides={"normalization": "none"})
