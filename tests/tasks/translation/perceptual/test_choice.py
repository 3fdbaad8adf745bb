"""What a classifier is shown of what a translator makes, and which classifiers are refused."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.image import Image
from keras_mia.data.io.image_io import write_image
from keras_mia.data.preprocess.prepare_image import prepare_image
from keras_mia.losses import Perceptual
from keras_mia.tasks.translation import build
from keras_mia.tasks.translation.perceptual.choice import PerceptualChoice, typical_scale
from keras_mia.tasks.translation.perceptual.classifier_run import ClassifierRun
from tests.tasks.classification.synthetic.conftest import write_generator, write_pictures
from tests.tasks.translation.images import PICTURES, SLICES, VOLUMES
from tests.tasks.translation.perceptual.runs import write_classifier

SMALL = {"network": "lenet", "size": (16, 16)}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return write_pictures(tmp_path_factory.mktemp("pictures") / "data")


@pytest.fixture(scope="module")
def classifier(pictures, tmp_path_factory):
    return write_classifier(pictures, tmp_path_factory.mktemp("runs") / "seen", **SMALL)


def facts(*arrays):
    """Of training images."""
    samples = [np.reshape(one, (-1, 1)) for one in arrays]
    return [
        SimpleNamespace(sample=one, in_channels=lambda _, one=one: SimpleNamespace(sample=one))
        for one in samples
    ]


def bytes_of(seed, size=(16, 16)):
    return np.random.default_rng(seed).integers(20, 200, (*size, 1)).astype(np.uint8)


@pytest.mark.parametrize("scheme", ["set", "zscore", "pixels", "none"])
def test_the_classifier_is_shown_what_it_would_read_of_the_file(pictures, tmp_path, scheme):
    run = ClassifierRun.read(
        write_classifier(pictures, tmp_path / "run", **SMALL, normalization=scheme)
    )
    array = bytes_of(1)
    plan = PerceptualChoice(run, 0.5).planned(PICTURES, facts(array))
    normalized = (array - array.mean()) / array.std()
    record = plan.perceptual
    mapped = normalized * np.array(record.scale) + np.array(record.offset)
    expected = run.plan.scaled(prepare_image(Image(array), run.plan))
    np.testing.assert_allclose(mapped, expected, atol=1e-4)
    assert (record.run, record.weight) == ("run", 0.5)
    assert "times" in plan.reasons["perceptual"]
    assert record.network in plan.describe()


def test_targets_of_their_own_scale_are_shown_in_that_of_the_training_targets(classifier):
    run = ClassifierRun.read(classifier)
    typical = Intensity(0.0, 255.0, 100.0, 40.0)
    plan = replace(PICTURES, target_normalization="zscore", target_intensities=(typical,))
    record = PerceptualChoice(run, 1.0).planned(plan, []).perceptual
    (known,) = run.plan.intensities
    np.testing.assert_allclose(record.scale, 40 / known.std)
    np.testing.assert_allclose(record.offset, (100 - known.mean) / known.std)


@pytest.mark.parametrize("scheme", ["ct", "none"])
def test_intensities_with_a_unit_keep_it(classifier, scheme):
    run, unit = ClassifierRun.read(classifier), Intensity(0.0, 255.0, 100.0, 40.0)
    plan = replace(PICTURES, normalization=scheme, intensities=(unit,) * (scheme == "ct"))
    record = PerceptualChoice(run, 1.0).planned(plan, facts(bytes_of(2))).perceptual
    value, normalized = 90.0, {"ct": -0.25, "none": 90.0}[scheme]
    expected = run.plan.scaled(np.full((1, 1, 1), value))
    np.testing.assert_allclose(
        normalized * np.array(record.scale) + np.array(record.offset), expected.ravel(), atol=1e-5
    )


def test_the_plan_is_written_and_read(classifier, tmp_path):
    plan = PerceptualChoice(ClassifierRun.read(classifier), 0.5).planned(
        PICTURES, facts(bytes_of(1))
    )
    plan.write(tmp_path / "plan.json")
    assert type(plan).read(tmp_path / "plan.json") == plan
    assert type(plan).read(tmp_path / "plan.json").perceptual == plan.perceptual


@pytest.mark.parametrize("plan", [PICTURES, SLICES, VOLUMES], ids=["pictures", "slices", "volumes"])
@pytest.mark.parametrize("game", [False, True])
def test_a_network_is_built_with_it(classifier, plan, game):
    choice = PerceptualChoice(ClassifierRun.read(classifier), 0.5)
    plan = choice.planned(replace(plan, adversarial=game), facts(bytes_of(1)))
    model = build(plan, perceptual=choice.loss(plan))
    loss = model.distance if game else model.loss
    (_, voxels), (weight, features) = loss.losses
    assert type(features) is Perceptual
    assert weight == 0.5
    one, other = np.random.default_rng(0).normal(size=(2, 1, *plan.shapes()[1])).astype("float32")
    total = float(voxels(one, other)) + 0.5 * float(features(one, other))
    assert float(loss(one, other)) == pytest.approx(total, rel=1e-5)
    assert len(model.trainable_variables) == len(
        build(replace(plan, perceptual=None)).trainable_variables
    )
    with pytest.raises(ValueError, match="needs the loss"):
        build(plan)


def test_another_network_is_refused(pictures, tmp_path):
    folder = write_classifier(pictures, tmp_path / "run", **SMALL)
    plan = PerceptualChoice(ClassifierRun.read(folder), 0.5).planned(PICTURES, facts(bytes_of(1)))
    write_classifier(pictures, tmp_path / "other", seed=1, **SMALL)
    (tmp_path / "other" / "best.keras").rename(folder / "best.keras")
    with pytest.raises(Problem, match="another one than when this run began"):
        PerceptualChoice(ClassifierRun.read(folder), 0.5).loss(plan)


def test_what_does_not_fit_is_refused(pictures, classifier, tmp_path):
    choice = PerceptualChoice(ClassifierRun.read(classifier), 0.5)
    with pytest.raises(Problem, match=r"knows values from 0 to 255; .* are 1.011e"):
        choice.planned(PICTURES, facts(10_000.0 + bytes_of(1)))
    with pytest.raises(Problem, match="voxels of their bodies"):
        choice.planned(replace(PICTURES, normalization="body"), facts(bytes_of(1)))
    plan = choice.planned(replace(PICTURES, patch=(4, 4)), facts(bytes_of(1)))
    with pytest.raises(Problem, match="does not take these images"):
        choice.loss(plan)
    plan = replace(PICTURES, channels=2, target_channels=2, normalization="none")
    two = [
        SimpleNamespace(in_channels=lambda _: SimpleNamespace(sample=bytes_of(1, (16, 2))[..., 0]))
    ]
    with pytest.raises(Problem, match="2 channels, the network takes 1"):
        choice.loss(choice.planned(plan, two))
    with pytest.raises(Problem, match="no such run of a classifier"):
        ClassifierRun.read(tmp_path / "none")
    begun = write_classifier(pictures, tmp_path / "begun", finished=False, **SMALL)
    with pytest.raises(Problem, match="not finished"):
        ClassifierRun.read(begun)
    with pytest.raises(Problem, match="It is a run of generation"):
        ClassifierRun.read(write_generator(pictures, tmp_path / "generator"))


@pytest.fixture(scope="module")
def volumes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("volumes")
    for number in range(20):
        array = np.random.default_rng(number).normal(100, 20, (16, 16, 16)).astype(np.float32)
        write_image(folder / "ab"[number % 2] / f"{number}.nii.gz", array, np.eye(4))
    return folder


def test_classifiers_of_volumes_take_volumes(volumes, tmp_path):
    options = {"network": "lenet", "size": (16, 16, 16), "view": "volume"}
    choice = PerceptualChoice(
        ClassifierRun.read(write_classifier(volumes, tmp_path / "run", **options)), 1.0
    )
    plan = choice.planned(VOLUMES, facts(bytes_of(1)))
    assert choice.loss(plan) is not None
    for flat in (PICTURES, SLICES):
        with pytest.raises(Problem, match="takes 3D images, what is made is 2D"):
            choice.planned(flat, facts(bytes_of(1)))


def test_slices_are_those_of_the_classifier(volumes, tmp_path):
    options = {"network": "lenet", "size": (16, 16, 16), "view": "slices"}
    run = ClassifierRun.read(write_classifier(volumes, tmp_path / "run", **options))
    choice = PerceptualChoice(run, 1.0)
    plan = choice.planned(VOLUMES, facts(bytes_of(1)))
    assert plan.perceptual.slice_axis == run.plan.slice_axis
    assert choice.loss(plan).slice_axis == run.plan.slice_axis


def test_crossing_planes_are_refused(volumes, tmp_path):
    options = {"network": "lenet", "size": (16, 16, 16), "view": "planes"}
    with pytest.raises(Problem, match="three planes"):
        ClassifierRun.read(write_classifier(volumes, tmp_path / "run", **options))


def test_shared_values_are_those_of_the_training_images_on_average():
    scale = typical_scale(PICTURES, facts([0.0, 2.0], [10.0, 16.0]))
    assert scale.mean == (7.0,)
    assert scale.std == (2.0,)
