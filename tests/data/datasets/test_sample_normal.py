"""`sample:normal`: numbers as images of one value, from the file to prepared arrays."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases
from keras_mia.data.datasets.inputs import read_inputs
from keras_mia.data.datasets.sources import samples
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.preprocess.image_cache import cache_images
from keras_mia.data.targets.kinds import KINDS
from keras_mia.planning.images import LIMITS, image_choices
from tests.data.preprocess.test_image_plan import AlonePlan


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_it_is_drawn_from_the_normal_distribution_and_always_the_same(tmp_path, cache):
    cases = read_cases("sample:normal", targets=())
    assert len(cases) == 10_000
    assert {(case.target, case.split) for case in cases} == {(None, None)}
    assert any("mean 4 and standard deviation 1.25" in note for note in cases.notes)
    image = cases[0].image()
    assert (image.array.shape, image.array.dtype) == ((1, 1, 1), np.float32)
    file = tmp_path / "keras_mia" / "samples" / "normal" / "normal.npz"
    numbers = np.load(file)["train_images"].ravel()
    assert numbers[0] == image.array.item()
    assert numbers.mean() == pytest.approx(4, abs=0.03)
    assert numbers.std() == pytest.approx(1.25, abs=0.03)
    (tmp_path / "again").mkdir()
    samples.SAMPLES["normal"].write(tmp_path / "again")
    again = np.load(tmp_path / "again" / "normal.npz")["train_images"]
    np.testing.assert_array_equal(again.ravel(), numbers)


def test_it_has_no_targets(cache):
    assert len(read_cases("sample:normal", targets=KINDS, targets_required=False)) == 10_000
    assert len(read_inputs("sample:normal")) == 10_000
    with pytest.raises(Problem, match="images alone, and no label maps"):
        read_cases("sample:normal")


def test_its_images_are_prepared_as_they_are(tmp_path, cache):
    every = read_cases("sample:normal", targets=())
    cases = survey(replace(every, cases=every.cases[:200]))
    facts = list(cases.facts.values())
    choices = image_choices(facts, limits=LIMITS, scheme=lambda *_: ("range", "made so"))
    assert (choices["size"], choices["view"], choices["bytes"]) == ((1, 1), None, False)
    for name, value in {"task": "none", "target": None, "network": "none"}.items():
        choices.take(name, lambda value=value: (value, "not of matter"))
    plan = choices.plan(AlonePlan, batch_size=(8, "not of matter"))
    made = cache_images(cases, plan, tmp_path / "prepared")
    stored = np.array([case.image().array for case in cases])
    np.testing.assert_array_equal(made.images, stored)
    (intensity,) = plan.intensities
    restored = plan.restored(plan.scaled(made.images))
    np.testing.assert_allclose(restored, stored.clip(intensity.low, intensity.high), atol=1e-5)
