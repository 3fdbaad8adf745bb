"""The verbs of segmentation, each on small arrays."""

from dataclasses import replace

import keras
import nibabel as nib
import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case, Cases, Slab
from keras_mia.data.image import Image
from keras_mia.data.io.image_io import write_image
from keras_mia.data.preprocess.case_cache import cache_cases
from keras_mia.data.targets.label_map import IGNORE
from keras_mia.tasks import patches, segmentation
from keras_mia.training import Criterion

OVERRIDES = {"patch": (16, 16, 16), "depth": 1, "filters": 2, "batch_size": 2}


@pytest.fixture
def cases(tmp_path):
    """Two volumes with a bright cube each."""
    cases_made = []
    for number in range(2):
        array = np.random.default_rng(number).normal(10, 1, (20, 18, 16)).astype(np.float32)
        label = np.zeros(array.shape, np.uint8)
        label[4:12, 4:12, 3 + number : 11 + number] = 1
        for part, values in (("image", array + 20 * label), ("label", label)):
            write_image(tmp_path / part / f"{number}.nii.gz", values, np.eye(4))
        paths = [tmp_path / part / f"{number}.nii.gz" for part in ("image", "label")]
        cases_made.append(
            Case(str(number), {"image": (paths[0],)}, LabelMapFile(paths[1]), str(number), "train")
        )
    return Cases(tuple(cases_made), str(tmp_path), names={1: "cube"})


@pytest.fixture
def plan(cases):
    return segmentation.plan(cases, overrides=OVERRIDES)


def intensity_model(plan, weight=3.0):
    """Says cube where the normalized image is bright."""
    inputs = keras.Input((*plan.patch, 1))
    layer = keras.layers.Conv3D(2, 1, activation="softmax")
    model = keras.Model(inputs, layer(inputs))
    kernel = np.array([-weight, weight], np.float32).reshape(1, 1, 1, 1, 2)
    layer.set_weights([kernel, np.array([1.5 * weight, -1.5 * weight], np.float32)])
    return model


def silent_model(plan):
    """Says background everywhere."""
    model = intensity_model(plan, 0.0)
    model.layers[-1].set_weights([np.zeros((1, 1, 1, 1, 2)), np.array([5.0, -5.0])])
    return model


def test_the_plan_speaks_of_the_data(plan):
    assert plan.classes.names == ("background", "cube")
    assert plan.spacing_mm == (1, 1, 1)
    assert plan.patch == (16, 16, 16)


@pytest.mark.slow
def test_batches_are_a_function_of_seed_and_number(cases, plan, tmp_path):
    stored = cache_cases(cases, plan, tmp_path / "cache")

    def some(seed, start):
        stream = patches.batches(stored, plan, seed=seed)(start=start, worker=0, workers=1)
        return [(x.numpy(), y.numpy()) for x, y in stream.take(2)]

    (x, y), (x_next, _) = some(seed=1, start=0)
    assert x.shape == (2, 16, 16, 16, 1)
    assert y.shape == (2, 16, 16, 16)
    assert set(np.unique(y)) <= {0, 1, IGNORE}
    np.testing.assert_array_equal(some(1, 1)[0][0], x_next)
    assert not np.array_equal(some(2, 0)[0][0], x)


def test_the_built_network_learns_from_them(cases, plan, tmp_path):
    keras.utils.set_random_seed(0)
    stored = cache_cases(cases, plan, tmp_path / "cache")
    model = segmentation.build(plan)
    assert model.output_shape == (None, 16, 16, 16, 2)
    batch = next(iter(patches.batches(stored, plan)(start=0, worker=0, workers=1)))
    losses = [float(model.train_step(batch)["loss"]) for _ in range(8)]
    assert losses[-1] < losses[0]


def test_validation_is_the_dice_of_whole_cases(cases, plan, tmp_path):
    stored = cache_cases(cases, plan, tmp_path / "cache")
    score = segmentation.validate(stored, plan)
    right = score(intensity_model(plan))["dice"]
    assert right == pytest.approx(1, abs=0.01)
    wrong = score(intensity_model(plan, -3.0))["dice"]
    assert wrong < 0.2
    assert (score.criterion, score.note) == (Criterion("dice"), "")


@pytest.mark.parametrize("empty", [(0, 1), (1,)], ids=["all", "one"])
def test_of_cases_without_the_structure_the_network_that_invents_is_not_chosen(
    cases, plan, tmp_path, empty
):
    held = list(cases)
    for number in empty:
        nothing = np.zeros((20, 18, 16), np.uint8)
        write_image(tmp_path / "label" / f"{number}.nii.gz", nothing, np.eye(4))
    score = segmentation.validate(cache_cases(held, plan, tmp_path / "cache"), plan)
    by, networks = score.criterion, (intensity_model(plan), silent_model(plan))
    assert by == Criterion("dice_empty_as_1")
    assert f"{len(empty)} of 2 validation cases lack classes" in score.note
    invents, silent = (score(network) for network in networks)
    if len(empty) == 2:
        assert np.isnan(silent["dice"])
        assert (silent[by.score], invents[by.score]) == (1, 0)
        assert by.better(silent[by.score], invents[by.score])
    else:  # what is there counts as before
        assert invents["dice"] == pytest.approx(0.5, abs=0.01)
        assert invents[by.score] == pytest.approx(0.5, abs=0.01)
        assert (silent["dice"], silent[by.score]) == (0, 0.5)


def test_a_script_predicts_in_one_call(cases, plan):
    image, truth = cases[0].image(), cases[0].label().array[..., 0]
    prediction = segmentation.predict(intensity_model(plan), image, plan)
    np.testing.assert_array_equal(prediction.classes, truth)
    assert prediction.classes.dtype == np.uint8
    assert prediction.probabilities is None


def test_an_image_of_another_kind_is_named(plan):
    predict = segmentation.Predictor(intensity_model(plan), plan)
    for image, expected in (
        (Image(np.zeros((8, 8, 1))), "is a picture"),
        (Image(np.zeros((8, 8, 8, 2)), np.eye(4)), "2 channels"),
        (Image(np.zeros((8, 8, 8, 1))), "nothing of its spacing"),
    ):
        with pytest.raises(Problem, match=expected) as caught:
            predict(image, where="scan.nii.gz")
        assert caught.value.where == "scan.nii.gz"


def test_truth_outside_the_region_is_ignored(cases, plan):
    whole = segmentation.truth(cases[0], plan)
    np.testing.assert_array_equal(whole, cases[0].label().array[..., 0])
    half = segmentation.truth(replace(cases[0], region=Slab(0, 0.0, 0.5)), plan)
    assert (half[10:] == IGNORE).all()
    np.testing.assert_array_equal(half[:10], whole[:10])


def test_a_label_that_training_did_not_have_names_its_file(cases, plan):
    file = nib.load(cases[1].target.path)
    odd = np.asarray(file.dataobj).copy()
    odd[0, 0, 0] = 9
    write_image(cases[1].target.path, odd, file.affine)
    with pytest.raises(Problem, match="holds 9") as caught:
        segmentation.truth(cases[1], plan)
    assert str(cases[1].target) in str(caught.value)


def test_baselines_are_the_usual_class_and_a_threshold(cases, plan):
    usual, threshold = segmentation.baselines(cases, plan)(cases[0].image())
    assert not usual.any()
    assert (threshold == segmentation.truth(cases[0], plan)).mean() > 0.99


def test_baselines_do_not_come_from_the_first_slice_of_each_patient(tmp_path):
    slices = []
    for number in range(64):  # eight patients, of whose eight slices the first is empty
        image, label = np.full((8, 8, 1), 200, np.uint8), np.zeros((8, 8, 1), np.uint8)
        image[:4], label[:4] = (9, number % 8 > 0)
        for part, values in (("image", image), ("label", label)):
            write_image(tmp_path / part / f"{number:02}.png", values, None)
        paths = [tmp_path / part / f"{number:02}.png" for part in ("image", "label")]
        slices.append(
            Case(
                f"{number:02}",
                {"image": (paths[0],)},
                LabelMapFile(paths[1]),
                str(number // 8),
                "train",
            )
        )
    plan = segmentation.plan(Cases(tuple(slices), str(tmp_path)), overrides={"depth": 1})
    _, threshold = segmentation.baselines(slices, plan)(slices[1].image())
    assert np.array_equal(threshold, segmentation.truth(slices[1], plan)), "the dark side"


def test_save_and_draw(cases, plan, tmp_path):
    case = cases[0]
    image = case.image()
    predict = segmentation.Predictor(intensity_model(plan), plan)
    prediction = predict(image, probabilities=True)
    path = segmentation.save(prediction, tmp_path / "out", case, image, plan)
    assert [file.name for file in path.parent.iterdir()] == ["0.nii.gz"]
    segmentation.save(prediction, tmp_path / "out", case, image, plan, probabilities=True)
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "0-probabilities.nii.gz",
        "0.nii.gz",
    ]
    assert prediction.probabilities.max() <= 1
    picture = segmentation.draw(case, tmp_path / "out", plan, title="Best: 0")
    assert picture.title == "Best: 0"
    assert "cube" in picture.colors
    assert all(content[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0") for _, content in picture.images)
