"""What the task of whole images does, verb by verb."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from keras_mia.core.files.text_files import read_json, write_json
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.survey import Fingerprint
from keras_mia.data.image import Image
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.hierarchy import ClassTree
from keras_mia.data.targets.inference import infer_target
from keras_mia.data.targets.kinds import BALANCED
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multilabel import Multilabel
from keras_mia.data.targets.multitask import of_column
from keras_mia.data.targets.regression import Regression
from keras_mia.inference import predict_function
from keras_mia.metrics import box_overlap
from keras_mia.tasks import classification
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.classification.evaluation import evaluate_outputs
from keras_mia.tasks.classification.planning import make_plan as make_image_plan
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.table import kind_of
from tests.image_plans import PLAN


def cases(count):
    return [Case(f"c{i}", {}, Texts("0"), f"p{i // 2}", "test") for i in range(count)]


def corner_network():
    """Says "ill" by the brightness of the first pixel."""
    image = keras.Input((4, 4, 1))
    first = keras.layers.Cropping2D(((0, 3), (0, 3)))(image)
    logits = keras.layers.Dense(2)(keras.layers.Flatten()(first))
    model = keras.Model(image, keras.layers.Softmax()(logits))
    model.layers[-2].set_weights([np.array([[0.0, 1.0]]), np.zeros(2)])
    return model


def test_a_prediction_is_the_mean_over_mirrored_images():
    image = np.zeros((4, 4, 1), np.float32)
    image[0, 0], image[0, 3] = 2.0, -1.0
    model = corner_network()
    plain = classification.Predictor([model], [PLAN], [Calibration()], mirror=False)(Image(image))
    both = classification.Predictor([model], [PLAN], [Calibration()])(Image(image))
    ill = [1 / (1 + np.exp(-value)) for value in (2.0, -1.0)]
    assert plain[1] == pytest.approx(ill[0], abs=1e-5)
    assert both[1] == pytest.approx(np.mean(ill), abs=1e-5)


def test_a_volume_is_answered_by_the_mean_over_its_slices(tmp_path):
    volume = np.zeros((4, 4, 3, 1), np.float32)
    volume[0, 0, :, 0] = 2.0, -1.0, 0.5
    plan = replace(PLAN, view="slices", slice_axis=2, size=(4, 4, 3), flip=())
    model = corner_network()
    predicted = classification.Predictor([model], [plan], [Calibration()])(Image(volume))
    assert predicted[1] == pytest.approx(
        np.mean([1 / (1 + np.exp(-v)) for v in (2.0, -1.0, 0.5)]), 1e-5
    )
    np.save(tmp_path / "images.npy", np.stack([volume, 0 * volume]))
    two = ImageArray(tmp_path / "images.npy", np.eye(2, dtype=np.float32), plan)
    result = classification.outputs(predict_function(model), two, mirror=())
    np.testing.assert_allclose(result[:, 1], [predicted[1], 0.5], atol=1e-5)


def test_runs_that_answer_different_questions_are_not_averaged():
    other = replace(PLAN, target=Multiclass(("a", "b"), ("a", "b")))
    model = corner_network()
    with pytest.raises(Problem, match="different targets"):
        classification.Predictor([model, model], [PLAN, other], [Calibration()] * 2)


def test_a_threshold_and_a_temperature_are_found_on_validation():
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 2, 400)
    # The log odds say how often it is true, but the network doubles them and is biased.
    odds = generator.normal(2 * truth - 1, 1.0)
    positive = 1 / (1 + np.exp(-(4 * odds + 3)))
    outputs, multi_hot = np.stack([1 - positive, positive], 1), np.eye(2)[truth]
    decision = kind_of(PLAN).calibrate(outputs, multi_hot)
    assert decision.temperature > 1.5
    predicted = kind_of(PLAN).predictions(outputs, decision)
    right = ((predicted[:, 1] >= decision.thresholds[0]) == truth).mean()
    naive = ((outputs[:, 1] >= 0.5) == truth).mean()
    assert right > naive + 0.05


def test_rows_and_scores_of_classes():
    outputs = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.3, 0.7]])
    truth = np.eye(2)[[0, 1, 0, 1]]
    rows, metrics = evaluate_outputs(cases(4), outputs, truth, PLAN, Calibration(1.0, (0.65,)))
    assert [row["prediction"] for row in rows] == ["well", "ill", "well", "ill"]
    assert metrics["mean"]["accuracy"] == 1.0
    assert metrics["mean"]["auc"] == 1.0
    assert metrics["threshold"] == 0.65
    assert metrics["patients"] == 2
    assert float(rows[2]["p ill"]) == pytest.approx(0.6, abs=1e-4)


def test_rows_and_scores_of_findings_one_of_them_not_known():
    plan = replace(PLAN, target=Multilabel(("mass", "fluid"), ("mass", "fluid")))
    truth = np.array([[1.0, 0], [0, 1], [0, -1], [1, 0]])
    outputs = np.array([[0.9, 0.2], [0.1, 0.7], [0.2, 0.9], [0.6, 0.3]])
    decision = kind_of(plan).calibrate(outputs, truth)
    assert decision.thresholds == pytest.approx((0.4, 0.5))  # amid those that are as good
    rows, metrics = evaluate_outputs(cases(4), outputs, truth, plan, decision)
    assert [row["truth"] for row in rows] == ["mass", "fluid", "fluid?", "mass"]
    assert metrics["classes"]["fluid"]["auc"] == 1.0


def test_numbers_are_told_in_their_own_unit():
    target = Regression(mean=50.0, std=10.0)
    plan = replace(PLAN, target=target)
    rows, metrics = evaluate_outputs(
        cases(3),
        np.array([[0.1], [-1.0], [2.0]]),
        np.array([[0.0], [-1.0], [2.0]]),
        plan,
        Calibration(),
    )
    assert rows[0] == {"case": "c0", "patient": "p0", "truth": "50", "prediction": "51"}
    assert metrics["mean"]["mae"] == pytest.approx(1 / 3)


def test_boxes_are_judged_by_their_overlap():
    target = Box(("low_0", "low_1", "high_0", "high_1"))
    plan = replace(PLAN, target=target)
    truth = np.array([[0.0, 0, 0.5, 0.5], [0.2, 0.2, 0.4, 0.4]])
    result = np.array([[0.0, 0, 0.5, 0.25], [0.5, 0.5, 0.6, 0.6]])
    assert box_overlap(truth, result).tolist() == [0.5, 0.0]
    rows, metrics = evaluate_outputs(cases(2), result, truth, plan, Calibration())
    assert metrics["mean"]["iou"] == 0.25
    assert rows[0]["prediction_high_1"] == "0.25"


def test_what_is_said_without_a_truth():
    (row,) = kind_of(PLAN).rows(np.array([[0.3, 0.7]]), Calibration(1.0, (0.8,)))
    assert row == {"prediction": "well", "p well": "0.3", "p ill": "0.7"}


def test_a_plan_comes_back_from_its_file(tmp_path):
    PLAN.write(tmp_path / "plan.json")
    assert ClassificationPlan.read(tmp_path / "plan.json") == PLAN
    assert "class: well, ill" in PLAN.describe()


def test_coarse_classes_are_decided_on_the_sums_of_validation():
    target = Multiclass(("a", "b", "c"), ("a", "b", "c"))
    plan = replace(PLAN, target=target, tree=ClassTree(target.names, ("x", "y"), (0, 1, 1)))
    outputs = np.array([[0.5, 0.3, 0.2], [0.4, 0.3, 0.3], [0.7, 0.1, 0.2], [0.6, 0.2, 0.2]])
    truth = np.eye(3)[[1, 2, 0, 0]]
    decision = kind_of(plan).calibrate(outputs, truth)
    rows, metrics = evaluate_outputs(cases(4), outputs, truth, plan, decision)
    assert [row["prediction"] for row in rows] == ["y", "y", "x", "x"], "no fine one is above 0.3"
    assert [row["fine prediction"] for row in rows] == ["a"] * 4
    assert metrics["mean"]["accuracy"] == 1.0
    assert metrics["fine"]["mean"]["accuracy"] == 0.5


def test_a_plan_with_a_tree_comes_back_from_its_file(tmp_path):
    target = Multiclass(("a", "b", "c"), ("a", "b", "c"))
    plan = replace(PLAN, target=target, tree=ClassTree(target.names, ("x", "y"), (0, 1, 1)))
    plan.write(tmp_path / "plan.json")
    assert ClassificationPlan.read(tmp_path / "plan.json") == plan
    assert "x = a; y = b, c" in " ".join(plan.describe().split())


def test_a_network_that_is_not_known_lists_those_that_are():
    with pytest.raises(Problem, match=r"resnet, .*FILE\.py:FUNCTION"):
        classification.build(replace(PLAN, network="resnett"))


def facts_of(name, size):
    return CaseFacts(
        name=name,
        space=size,
        nonzero_space=size,
        spacing=None,
        axes=tuple(range(len(size))),
        channels=1,
        dtype="float32",
        low=(0.0,),
        high=(1.0,),
        integer=False,
        modality=None,
        sample=np.ones((4, 1)),
        digest="",
    )


@pytest.mark.parametrize("size", [(28, 28), (60, 9), (70, 70, 12), (36, 50, 36), (90, 90, 3)])
def test_the_proposed_network_takes_images_of_any_side(size):
    facts = facts_of("a", size)
    plan = make_image_plan([facts], PLAN.target)
    model = classification.build(replace(plan, options={**plan.options, "filters": 2}))
    assert model.output_shape == (None, 2)


@pytest.mark.parametrize(
    ("texts", "kind", "weights"),
    [
        (["a", "a", "b", "a"], "multiclass", (0.6667, 2.0)),
        (["x|y", "x", "y?", "none"], "multilabel", (1.0, 2.0)),
        (["1.5", "2.5", "3"], "regression", None),
    ],
)
def test_balanced_weights(texts, kind, weights):
    made = [Case(f"c{i}", {}, Texts(text), f"c{i}", "train") for i, text in enumerate(texts)]
    facts = Fingerprint((case, facts_of(case.name, (8, 8))) for case in made)
    cases = Cases(tuple(made), "here", facts=facts)
    target, _ = classification.target_of(cases, kinds=[kind])
    given = {"overrides": {"class_weights": BALANCED}}
    if weights is None:
        with pytest.raises(Problem, match="Only classes and findings"):
            classification.plan(cases, target, **given)
    else:
        assert classification.plan(cases, target, **given).class_weights == weights


def test_a_network_for_a_box_begins_at_the_mean_box():
    image = keras.Input((4, 4, 1))
    flat = keras.layers.Flatten()(image)
    model = keras.Model(image, keras.layers.Dense(4, activation="sigmoid")(flat))
    boxes = np.array([[0.1, 0.2, 0.5, 0.8], [0.3, 0.2, 0.7, 0.6]])
    kind_of(replace(PLAN, target=Box(tuple("abcd")))).initialize(model, boxes)
    predicted = model.predict(np.random.default_rng(0).normal(size=(3, 4, 4, 1)), verbose=0)
    np.testing.assert_allclose(predicted, [[0.2, 0.2, 0.6, 0.7]] * 3, atol=1e-6)


def test_each_of_several_answers_is_judged_by_its_own_scores(tmp_path):
    target = infer_target([("well", "1.5"), ("ill", "2.5")], ["state", "size"])
    plan = replace(PLAN, target=target)
    generator = np.random.default_rng(0)
    state, size = np.eye(2)[np.arange(60) % 2], generator.normal(size=(60, 1))
    truth = np.concatenate([state, size], 1).astype(np.float32)
    outputs = np.concatenate([0.8 * state + 0.1, size + 0.1 * generator.normal(size=(60, 1))], 1)
    decision = kind_of(plan).calibrate(outputs, truth, truth)
    rows, metrics = evaluate_outputs(cases(60), outputs, truth, plan, decision)
    for column, column_kind in kind_of(plan).parts().items():
        part = column_kind.plan
        low, high = {"state": (0, 2), "size": (2, 3)}[column]
        calibration = decision.parts[target.columns.index(column)]
        alone, scores = evaluate_outputs(
            cases(60), outputs[:, low:high], truth[:, low:high], part, calibration
        )
        about = ("temperature", "calibration")
        kept = {k: v for k, v in scores.items() if k not in about}
        for name, result in (("alone", kept), ("joint", metrics["targets"][column])):
            write_json(tmp_path / f"{name}.json", result)  # where NaN is equal to itself
        assert read_json(tmp_path / "alone.json") == read_json(tmp_path / "joint.json")
        assert [of_column(row, column) for row in rows] == alone
        assert {f"{column}: {one}" for one in scores["mean"]} <= set(metrics["mean"])
    assert metrics["mean"]["state: auc"] == 1
    assert metrics["mean"]["size: mae"] < metrics["baseline"]["size: mae"] / 5
