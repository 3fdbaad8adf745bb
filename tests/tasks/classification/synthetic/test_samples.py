"""Samples among the training images: how many, which, and what follows from them."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.image import ras_orientation
from keras_mia.data.pipeline.image_sampler import ImageSampler
from keras_mia.data.preprocess.array_cache import open_array
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.tasks.classification.synthetic import samples
from keras_mia.tasks.classification.synthetic.choice import SyntheticChoice
from keras_mia.tasks.classification.synthetic.generator_run import GeneratorRun
from keras_mia.tasks.classification.task import Classification
from keras_mia.tasks.values import Samples
from tests.tasks.classification.synthetic.conftest import split_of

TARGET = Multiclass(("ill", "well", "rare"), ("0", "1", "2"))


@pytest.fixture(scope="module")
def planned(generator, pictures):
    """A task, its cases and its plan, by what is chosen of samples."""

    def plan(overrides=None, **chosen):
        choice = SyntheticChoice(GeneratorRun.read(generator), **chosen)
        task = Classification(synthetic=choice, overrides=overrides or {})
        cases = split_of(task, pictures)
        return task, cases, task.plan(cases)

    return plan


@pytest.mark.parametrize("count", [None, 1, 7, 60])
def test_classes_are_as_often_as_in_training(count):
    texts = ["0"] * 10 + ["1"] * 19 + ["2"]
    counts = samples.class_counts(TARGET, texts, count)
    assert sum(counts) == (count or len(texts))
    np.testing.assert_allclose(np.array(counts) / sum(counts), [1 / 3, 19 / 30, 1 / 30], atol=0.7)
    assert count or counts == (10, 19, 1)


def test_real_images_come_first_and_samples_have_their_class(planned, tmp_path):
    task, cases, plan = planned(seed=3, count=8)
    assert plan.synthetic.counts == (2, 6)
    prepared = task.prepare(cases, plan, tmp_path)
    real = replace(plan, synthetic=None)
    alone = replace(task, synthetic=None).prepare(cases, real, tmp_path)
    images, count = prepared.train.images, len(cases.train)
    assert images.shape == (count + 8, 16, 16, 1)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images[:count], alone.train.images)
    np.testing.assert_array_equal(prepared.train.targets[:count], alone.train.targets)
    assert prepared.train.targets[count:].argmax(-1).tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    assert len({one.tobytes() for one in images[count:]}) == 8
    of_class = ImageSampler(prepared.train, "balanced").of_class
    assert [len(one) for one in of_class] == prepared.train.targets.sum(0).tolist()
    for part in ("validation", "test"):
        assert getattr(prepared, part).path == getattr(alone, part).path


def test_samples_follow_from_the_seed_and_are_made_once(planned, tmp_path, monkeypatch):
    task, cases, plan = planned(seed=3, count=8, alone=True)
    first = task.prepare(cases, plan, tmp_path / "a").train
    assert first.images.shape == (8, 16, 16, 1)
    again = task.prepare(cases, plan, tmp_path / "b").train
    np.testing.assert_array_equal(first.images, again.images)
    other = task.prepare(*planned(seed=4, count=8, alone=True)[1:], tmp_path / "a").train
    assert not np.array_equal(first.images, other.images)

    monkeypatch.delattr(samples, "_images")
    kept = task.prepare(cases, plan, tmp_path / "a").train
    np.testing.assert_array_equal(open_array(kept.path), again.images)


def test_samples_are_prepared_like_images(planned, tmp_path):
    """Of another size than the generator's, and of the scale of real images."""
    task, cases, plan = planned({"size": (12, 12)}, count=4, alone=True)
    train = task.prepare(cases, plan, tmp_path).train
    assert train.images.shape == (4, 12, 12, 1)
    real = replace(task, synthetic=None).plan(cases)
    assert plan.intensities == real.intensities
    np.testing.assert_array_equal(plan.scaled(train.images), real.scaled(train.images))


def test_volumes_lie_as_the_generator_made_them():
    made = Samples(np.zeros((2, 4, 5, 6, 1), np.float32), spacing_mm=(1.0, 2.0, 3.0))
    (image,) = samples._as_read(made, 1, False)
    assert image.spacing_mm == (1.0, 2.0, 3.0)
    assert ras_orientation(image).apply(image.array).shape == (4, 5, 6, 1)
    (picture,) = samples._as_read(Samples(made.images[:1, 0], spacing_mm=(2.0, 3.0)), 1, False)
    assert picture.spacing_mm == (2.0, 3.0)


def test_weights_count_what_is_trained_on(planned):
    weights = {"class_weights": "balanced"}
    real = planned(weights)[2].class_weights
    more = planned(weights, count=8)[2]
    texts = more.synthetic.texts(more.target)
    assert texts == ["ill"] * 2 + ["well"] * 6
    only = planned(weights, count=6, alone=True)[2]
    assert only.class_weights == only.target.balanced_weights(only.synthetic.texts(only.target))
    assert only.class_weights != real


def test_notes_and_the_table_of_the_plan(planned):
    _, cases, plan = planned(count=1)
    real = len(cases.train)
    assert cases.notes[-1] == (
        f"Joining the {real} training images: 1 sample of generator; validation and test are real."
    )
    assert plan.value_text("synthetic") == "1 of generator"
    assert plan.reasons["synthetic"] == "set by the user"


def test_a_plan_is_read_again(planned, tmp_path):
    plan = planned(seed=5)[2]
    plan.write(tmp_path / "plan.json")
    assert Classification.read_plan(tmp_path).synthetic == plan.synthetic


def test_another_generator_than_before(planned, generator, tmp_path):
    task, cases, plan = planned()
    moved = shutil.copytree(generator, tmp_path / "moved")
    there = replace(task.synthetic, run=GeneratorRun.read(moved))
    samples_there = replace(task, synthetic=there).prepare(cases, plan, tmp_path / "cache")
    assert len(samples_there.train) == 2 * len(cases.train)
    (moved / "best.keras").write_bytes(b"other")
    with pytest.raises(Problem, match="another one than when this run began"):
        replace(task, synthetic=there).prepare(cases, plan, tmp_path / "cache")
    with pytest.raises(Problem, match="no run is named that makes them"):
        replace(task, synthetic=None).prepare(cases, plan, tmp_path / "cache")
