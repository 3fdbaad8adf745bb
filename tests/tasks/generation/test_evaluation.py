"""Samples judged beside test images: the same figures as by hand, and copies are found."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import sqrtm

from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.metrics.generation.memorization import memorization
from keras_mia.tasks.generation.evaluation import run_evaluation
from keras_mia.tasks.generation.evaluation.baseline import normal_samples
from keras_mia.tasks.generation.evaluation.evaluator import ValueEvaluator, load_evaluator
from keras_mia.tasks.generation.evaluation.evaluator_training import train_evaluator
from keras_mia.tasks.generation.prepared import PreparedImages, prepare
from keras_mia.tasks.generation.sampling import scaled_samples
from keras_mia.tasks.generation.sections import _caveats as caveats
from keras_mia.tasks.generation.validation import SEED as VALIDATION_SEED
from keras_mia.tasks.generation.validation import validate
from tests.tasks.generation.plans import PLAN, player_of, stored, stripes


@pytest.fixture
def parts(tmp_path):
    """Training, validation and test images."""
    return [
        stored(tmp_path / f"{seed}.npy", stripes(count, seed=seed)[0])
        for seed, count in enumerate((120, 30, 40))
    ]


def evaluated(parts, generator, tmp_path, plan=PLAN):
    prepared = PreparedImages(*parts, evaluator=ValueEvaluator())
    cases = Cases(tuple(Case(str(i), {}, None, str(i), "test") for i in range(40)), "here")
    (tmp_path / "run").mkdir(exist_ok=True)
    return run_evaluation.evaluate_run(
        generator, cases, prepared, plan, ValueEvaluator(), tmp_path / "run"
    )


def frechet(one, other):
    """As Heusel et al. write it."""
    one, other = (x.reshape(len(x), -1).astype(np.float64) for x in (one, other))
    first, second = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    root = sqrtm(first @ second).real
    means = ((one.mean(0) - other.mean(0)) ** 2).sum()
    return means + np.trace(first + second - 2 * root)


def test_distances_are_those_of_as_many_samples_as_test_images(parts, tmp_path):
    train, _, test = parts
    generator = player_of(train.plan.scaled(stripes(500, seed=9)[0]))
    metrics = evaluated(parts, generator, tmp_path).metrics
    made = scaled_samples(generator, PLAN, 40, seed=run_evaluation.SEED)
    real = PLAN.scaled(np.array(test.images))
    assert metrics["mean"]["frechet_distance"] == pytest.approx(frechet(real, made), rel=1e-3)
    assert (metrics["samples"], metrics["compared"], metrics["cases"]) == (1000, 40, 40)
    assert metrics["main"] == "kernel_distance", "40 images are too few for 64 features"
    for score in ("frechet", "kernel"):
        assert {f"{score}_distance", f"{score}_floor"} <= set(metrics["mean"])
        assert f"{score}_distance" in metrics["baseline"]
    assert metrics["mean"]["frechet_floor"] < metrics["baseline"]["frechet_distance"]
    assert "classes_covered" not in metrics["mean"]
    assert caveats(metrics["mean"]) == []
    assert run_evaluation.SEED != VALIDATION_SEED


def test_the_test_images_choose_nothing(parts):
    validation = validate(parts[1], PLAN, ValueEvaluator())
    generator = player_of(PLAN.scaled(stripes(500, seed=9)[0]))
    assert validation.criterion.lower_is_better
    scores = validation(generator)
    made = scaled_samples(generator, PLAN, 200, seed=VALIDATION_SEED)
    real = PLAN.scaled(np.array(parts[1].images))
    assert scores["frechet_distance"] == pytest.approx(frechet(real, made), rel=1e-3)


def test_copies_of_training_images_are_told_from_images_of_their_own(parts, tmp_path):
    train = parts[0]
    copies = player_of(PLAN.scaled(np.array(train.images)))
    mean = evaluated(parts, copies, tmp_path).metrics["mean"]
    assert mean["memorized_share"] > 0.95
    (sentence,) = [one for one in caveats(mean) if "training image" in one]
    assert "copies training images" in sentence
    pictures = sorted(path.name for path in (tmp_path / "run" / "samples").iterdir())
    assert {"best.png", "real.png", "pair_1_nearest.png", "pair_8_sample.png"} <= set(pictures)


def test_images_without_noise_may_be_no_copies(parts):
    train, _, test = (PLAN.scaled(np.array(part.images)) for part in parts)
    mean = memorization(np.repeat(train.mean(0, keepdims=True), 50, 0), train, test)
    sentences = caveats(mean | {"ms_ssim": 0.5, "ms_ssim_real": 0.5})
    assert all("may copy" in sentence for sentence in sentences)


@pytest.mark.parametrize(("count", "size"), [(2, (8, 8)), (60, (1, 1)), (12, (16, 16, 16))])
def test_the_baseline_holds_for_few_images_numbers_and_volumes(tmp_path, count, size):
    images = np.random.default_rng(0).normal(5, 2, (count, *size, 1)).astype(np.float32)
    plan = replace(PLAN, size=size, bytes=False, normalization="none")
    made = normal_samples(stored(tmp_path / "a.npy", images, plan), plan, 500)
    assert made.shape == (500, *size, 1)
    assert made.mean() == pytest.approx(images.mean(), abs=0.3)
    assert np.isfinite(made).all()


def test_an_evaluator_does_not_depend_on_the_seed_and_lies_in_the_cache(tmp_path, monkeypatch):
    import keras

    from keras_mia.tasks.generation.evaluation import evaluator_training as training
    from tests.tasks.generation.plans import LABELLED

    monkeypatch.setattr(training, "FEWEST_STEPS", 3)
    monkeypatch.setattr(training, "EPOCHS", 1)
    plan = replace(LABELLED, size=(16, 16))
    images, classes = stripes(40, 16)
    made = []
    for seed in (1, 2):
        keras.utils.set_random_seed(seed)
        part = stored(tmp_path / f"{seed}.npy", images, plan, classes)
        made.append(train_evaluator(part, part))
    batch = plan.scaled(images[:5])
    np.testing.assert_array_equal(*(one.features(batch) for one in made))
    assert made[0].classes(batch).shape == (5,)
    made[0].save(tmp_path)
    np.testing.assert_array_equal(load_evaluator(tmp_path).features(batch), made[0].features(batch))


def test_prepared_images_have_an_evaluator_that_is_trained_once(tmp_path, monkeypatch):
    from keras_mia.data import read_cases
    from keras_mia.data.targets.kinds import KINDS
    from keras_mia.tasks.generation import prepared as module
    from keras_mia.tasks.generation.planning import plan as planned
    from keras_mia.tasks.generation.planning import split_cases

    images, _ = stripes(30, 16)
    np.savez(tmp_path / "a.npz", images=images)
    cases = read_cases(tmp_path / "a.npz", targets=KINDS, targets_required=False)
    cases = split_cases(cases, (1, 5))
    plan = planned(cases, overrides={"size": (16, 16)})
    first = prepare(cases, plan, tmp_path / "cache").evaluator
    monkeypatch.setattr(module, "train_evaluator", None)
    again = prepare(cases, plan, tmp_path / "cache").evaluator
    batch = plan.scaled(images[:5])
    np.testing.assert_array_equal(first.features(batch), again.features(batch))
    assert again.classes(batch) is None


def test_numbers_are_chosen_by_their_distribution(tmp_path):
    plan = replace(PLAN, size=(1, 1), bytes=False, normalization="none")
    values = np.random.default_rng(0).normal(size=(3, 300, 1, 1, 1)).astype(np.float32)
    parts = [stored(tmp_path / f"{i}.npy", one, plan) for i, one in enumerate(values)]
    validation = validate(parts[1], plan, ValueEvaluator())
    assert validation.criterion.score == "ks_distance"
    good, bad = (validation(player_of(values[0] + shift)) for shift in (0, 2))
    assert good["ks_distance"] < 0.15 < 0.5 < bad["ks_distance"]
    metrics = evaluated(parts, player_of(values[0]), tmp_path, plan).metrics
    assert metrics["main"] == "ks_distance"
    assert metrics["mean"]["ks_floor"] < 0.15
