"""What is written of an answer is what is judged."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.targets.multilabel import Multilabel
from keras_mia.data.targets.regression import Regression
from keras_mia.metrics.classification.ranking import roc_auc
from keras_mia.tasks.classification.evaluation import evaluate_outputs
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.table import kind_of
from tests.image_plans import PLAN

FINDINGS = replace(PLAN, target=Multilabel(("mass", "fluid"), ("mass", "fluid")))


def cases(count):
    return [Case(f"c{i}", {}, Texts(""), f"p{i}", "test") for i in range(count)]


def saturated(count=200):
    """What a softmax in float32 gives for logits of 20 to 80: differences below 1e-7."""
    generator = np.random.default_rng(0)
    truth = np.arange(count) % 2
    logits = 30 + 10 * generator.normal(size=count) + 8 * truth
    ill = 1 / (1 + np.exp(-logits))
    well = np.exp(-logits) / (1 + np.exp(-logits))
    return truth, logits, np.stack([well, ill], 1).astype(np.float32)


@pytest.mark.parametrize("heat", [1.0, 2.5])
def test_sure_answers_keep_their_order(heat):
    truth, logits, outputs = saturated()
    _, metrics = evaluate_outputs(
        cases(200), outputs, np.eye(2)[truth], PLAN, Calibration(heat, (0.5,))
    )
    assert metrics["mean"]["auc"] == pytest.approx(roc_auc(truth, logits), abs=0.02)
    assert metrics["mean"]["auc"] > 0.65


@pytest.mark.parametrize("plan", [PLAN, FINDINGS])
def test_the_decision_that_is_written_is_the_one_that_is_judged(plan):
    generator = np.random.default_rng(0)
    outputs = generator.dirichlet([1, 1], 300).astype(np.float32)
    cuts = (float(outputs[7, 1]),) if plan is PLAN else tuple(map(float, outputs[7]))
    decision = Calibration(1.0, cuts)
    rows = kind_of(plan).rows(kind_of(plan).predictions(outputs, decision), decision)
    for row, output in zip(rows, outputs, strict=True):
        parsed = kind_of(plan).parse_prediction(row)
        np.testing.assert_allclose(parsed, output, rtol=1e-6)
        if plan is PLAN:
            assert (row["prediction"] == "ill") == (parsed[1] >= cuts[0])
        else:
            assert ("fluid" in row["prediction"]) == (parsed[1] >= cuts[1])


@pytest.mark.parametrize(
    ("mean", "std", "value", "text"),
    [
        (60.0, 10.0, 61.0, "61"),
        (60.0, 10.0, 61.25, "61.25"),
        (2000.0, 12.3, 1987.123, "1987.123"),
        (1e6, 0.5, 1000000.4, "1000000.4"),
        (0.001, 0.0002, 0.00123, "0.00123"),
        (5e7, 2e7, 81234567.0, "81234567"),
        (-3.0, 1.0, -3.5, "-3.5"),
        (60.0, 9.9, 102.7, "102.7"),
        (60.000000000000007, 10.0, 60.0, "60"),
    ],
)
def test_a_number_is_written_as_it_was(mean, std, value, text):
    target = Regression(mean, std)
    plan = replace(PLAN, target=target)
    truth = target.encode(repr(value))[None]
    (row,), _ = evaluate_outputs(cases(1), truth + np.float32(0.1), truth, plan, Calibration())
    assert float(row["truth"]) == pytest.approx(value, abs=2e-6 * std)
    assert row["truth"] == text or std > 1e6
    assert float(row["prediction"]) == pytest.approx(value + 0.1 * std, abs=2e-6 * std)
    assert kind_of(plan).parse_truth(row) == [float(row["truth"])]


def test_a_truth_reads_as_the_data_have_it():
    """Of deviations just below a power of ten one in fifteen did not: 102.7 read 102.700002."""
    generator = np.random.default_rng(0)
    for mean, std in zip(
        generator.uniform(-100, 100, 300), 10 ** generator.uniform(-3, 4, 300), strict=True
    ):
        target = Regression(mean, std)
        value = round(mean + 2 * std * generator.normal(), 3 - int(np.floor(np.log10(std))))
        truth = target.in_units(target.encode(str(value))[None])
        (row,) = kind_of(replace(PLAN, target=target)).rows(truth, Calibration(), truth)
        assert float(row["truth"]) == value


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_written_as_such(value):
    plan = replace(PLAN, target=Regression(1.0, 2.0))
    (row,) = kind_of(plan).rows(np.array([[value]]), Calibration())
    assert row["prediction"] == repr(float(value))
