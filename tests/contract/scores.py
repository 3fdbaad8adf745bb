"""A row for every metric that is a function of arrays; a new one is one more row, and every suite
that it can be run through runs it."""

from collections.abc import Callable

import numpy as np
import pytest

from keras_mia import metrics
from tests.contract.generation_scores import GENERATION_SCORES
from tests.contract.score import (
    ANY,
    CORRELATION,
    COUNT,
    INFINITE,
    POSITIVE,
    SHARE,
    Arguments,
    Score,
    change,
    take,
)

CLASSES = 3


def ranked(random) -> Arguments:
    truth = np.arange(COUNT) % 2
    return {"truth": truth, "probability": (truth + random.integers(0, 8, COUNT)) / 8}


def graded(random) -> Arguments:
    truth = np.arange(COUNT) % CLASSES
    votes = random.integers(1, 6, (COUNT, CLASSES)) + 3.0 * np.eye(CLASSES)[truth]
    return {"truth": truth, "probabilities": votes / votes.sum(axis=1, keepdims=True)}


def labelled(random) -> Arguments:
    truth = (np.arange(COUNT)[:, None] >> np.arange(CLASSES)) % 2
    guess = (truth + random.integers(0, 8, truth.shape)) / 8
    truth[::5, 0] = -1
    return {"truth": truth, "probabilities": guess}


def measured(random) -> Arguments:
    truth = random.normal(50, 10, COUNT)
    return {"truth": truth, "prediction": truth + random.normal(0, 2, COUNT)}


def compared(random) -> Arguments:
    truth = np.arange(COUNT) % 2
    first, second = truth + random.normal(0, 1, (2, COUNT))
    return {"truth": truth, "first": first, "second": second}


def decided(random) -> Arguments:
    return {name: (values > 0.5).astype(int) for name, values in compared(random).items()}


def mapped(random) -> Arguments:
    truth = random.integers(0, CLASSES, (6, 5, 4))
    guess = np.where(random.random(truth.shape) < 0.7, truth, 1)
    return {"truth": truth, "prediction": guess, "classes": CLASSES}


def tabled(random) -> Arguments:
    return {"table": random.integers(0, 9, (CLASSES, CLASSES))}


def boxed(random) -> Arguments:
    corners = np.sort(random.normal(size=(2, COUNT, 2, 2)), axis=2).reshape(2, COUNT, 4)
    return {"one": corners[0], "other": corners[1]}


def logits(random) -> Arguments:
    drawn = graded(random)
    return {"logits": 3 * np.log(drawn["probabilities"]), "truth": drawn["truth"]}


def of_patients(draw: Callable) -> Callable[[np.random.Generator], Arguments]:
    return lambda random: draw(random) | {"patients": [f"p{i // 2}" for i in range(COUNT)]}


def weighed(function: Callable, drawn: Arguments) -> Callable:
    """A function of weights."""
    return lambda weights: function(**drawn, weights=weights)


def areas(truth, probability, weights):
    return {"auc": metrics.roc_auc(truth, probability, weights=weights)}


def pictured(random) -> Arguments:
    structure = random.random((8, 8)) < 0.3
    return {"image": (structure + random.uniform(0, 0.4, (8, 8)))[..., None], "bright": True}


def pairs(random) -> Arguments:
    drawn = [pictured(random)["image"] for _ in range(3)]
    return {"pairs": [(image, image[..., 0] > 0.9) for image in drawn]}


def pooled_area(probability, truth):
    """`PooledAUC` as a function."""
    area = metrics.PooledAUC()
    area.add(probability, truth)
    return area.value()


def pooled_areas(probabilities, truth):
    """`PooledAreas` as a function."""
    areas = metrics.PooledAreas(probabilities.shape[-1])
    areas.add(probabilities, truth)
    return areas.values()


def translated(random) -> Arguments:
    truth = random.uniform(0, 9, (14, 13, 2))
    return {
        "truth": truth,
        "prediction": truth + random.normal(size=truth.shape),
        "data_range": 9.0,
    }


def rows(random) -> Arguments:
    drawn = [metrics.scores(**mapped(random))[1] for _ in range(4)]
    return {"rows": [{"case": "a", **row} for row in drawn]}


def shorter(*names: str) -> list[Callable[[Arguments], Arguments]]:
    """For each argument a change that takes its last entry away."""
    return [change(**{name: lambda values: values[:-1]}) for name in names]


def certain(given: Arguments) -> Arguments:
    return given | {"probabilities": np.eye(CLASSES)[given["truth"]]}


def without_cases(*names: str) -> Callable[[Arguments], Arguments]:
    return change(**dict.fromkeys(names, lambda values: values[:0]))


NOTHING = change(table=lambda table: 0 * table)
DIAGONAL = change(table=lambda table: np.diag(1 + table.sum(axis=0)))
RANKED = {"draw": ranked, "cases": ("truth", "probability")}
RANKED |= {"wrong": [*shorter("truth"), change(truth=lambda truth: truth + 1)]}
GRADED = {"draw": graded, "cases": ("truth", "probabilities")}
GRADED |= {"wrong": [*shorter("truth"), change(truth=lambda truth: truth + 1)]}
OF_CLASSES = {
    **dict.fromkeys(("auc", "average_precision", "accuracy", "balanced_accuracy"), SHARE),
    **dict.fromkeys(("sensitivity", "specificity", "precision", "f1"), SHARE),
    **dict.fromkeys(("kappa", "kappa_quadratic", "matthews"), CORRELATION),
    **{"calibration_error": SHARE, "brier": (0, 2), "nll": POSITIVE},
}
PERFECT = dict.fromkeys(("auc", "accuracy", "sensitivity", "specificity", "kappa", "f1"), 1)
OF_OVERLAP = dict.fromkeys(
    ("dice", "jaccard", "sensitivity", "specificity", "precision", "surface_dice"), SHARE
)
OF_OVERLAP |= dict.fromkeys(("hd95_px", "hausdorff_px", "surface_distance_px"), POSITIVE)
TEST = {"p": SHARE, "only_first": POSITIVE, "only_second": POSITIVE}
ENDS = {"low": SHARE, "high": SHARE}

SCORES = (
    Score(
        metrics.roc_auc,
        weighed=True,
        best=(take("probability", "truth"), {"value": 1}),
        undefined=(change(truth=lambda truth: 0 * truth), ()),
        **RANKED,
    ),
    Score(
        metrics.average_precision,
        weighed=True,
        best=(take("probability", "truth"), {"value": 1}),
        undefined=(change(truth=lambda truth: 0 * truth), ()),
        **RANKED,
    ),
    Score(
        metrics.roc_curve,
        bounds={"x": SHARE, "y": SHARE},
        undefined=(change(truth=lambda truth: 0 * truth), ("y",)),
        **RANKED,
    ),
    Score(
        metrics.precision_recall_curve,
        bounds={"x": SHARE, "y": SHARE},
        undefined=(change(truth=lambda truth: 0 * truth), ("x",)),
        **RANKED,
    ),
    Score(metrics.choose_threshold, bounds=(0, 2), **RANKED),
    Score(
        metrics.brier_score,
        bounds=(0, 2),
        weighed=True,
        best=(certain, {"value": 0}),
        undefined=(without_cases("truth", "probabilities"), ()),
        **GRADED,
    ),
    Score(
        metrics.negative_log_likelihood,
        bounds=POSITIVE,
        weighed=True,
        best=(certain, {"value": 0}),
        undefined=(without_cases("truth", "probabilities"), ()),
        **GRADED,
    ),
    Score(
        metrics.expected_calibration_error,
        weighed=True,
        best=(certain, {"value": 0}),
        undefined=(without_cases("truth", "probabilities"), ()),
        **GRADED,
    ),
    Score(
        metrics.reliability_curve,
        bounds={"probability": SHARE, "frequency": SHARE, "cases": POSITIVE},
        weighed=True,
        undefined=(without_cases("truth", "probabilities"), ("probability", "frequency")),
        **GRADED,
    ),
    Score(
        metrics.top_k_accuracy,
        weighed=True,
        best=(certain, {"value": 1}),
        undefined=(without_cases("truth", "probabilities"), ()),
        **GRADED | {"draw": lambda random: graded(random) | {"k": 2}},
    ),
    Score(
        metrics.classification_scores,
        bounds=OF_CLASSES,
        weighed=True,
        best=(certain, {f"mean.{name}": value for name, value in PERFECT.items()}),
        undefined=(
            change(truth=lambda truth: 0 * truth),
            ("mean.auc", "mean.matthews"),
        ),
        **GRADED,
    ),
    Score(
        metrics.multilabel_scores,
        labelled,
        bounds=OF_CLASSES,
        cases=("truth", "probabilities"),
        weighed=True,
        best=(
            lambda given: given | {"probabilities": np.abs(given["truth"]).astype(float)},
            {f"mean.{name}": value for name, value in PERFECT.items()},
        ),
        undefined=(change(truth=lambda truth: 0 * truth - 1), ()),
        wrong=[*shorter("truth"), change(truth=lambda truth: truth + 5)],
    ),
    Score(
        metrics.agreement_scores,
        measured,
        bounds={
            **dict.fromkeys(("mae", "rmse"), POSITIVE),
            **{"r2": (-INFINITE, 1), "pearson": CORRELATION, "spearman": CORRELATION},
        },
        cases=("truth", "prediction"),
        weighed=True,
        best=(
            take("prediction", "truth"),
            {"mae": 0, "rmse": 0, "r2": 1, "pearson": 1, "spearman": 1, "bias": 0},
        ),
        undefined=(without_cases("truth", "prediction"), ()),
        wrong=shorter("truth"),
    ),
    Score(
        metrics.confusion,
        mapped,
        bounds=POSITIVE,
        wrong=[*shorter("truth"), change(classes=lambda classes: classes - 1)],
    ),
    Score(
        metrics.scores,
        mapped,
        bounds=OF_OVERLAP,
        best=(take("prediction", "truth"), {"1.dice": 1, "2.hausdorff_px": 0, "1.precision": 1}),
        undefined=(
            change(truth=lambda truth: 0 * truth, prediction=lambda guess: 0 * guess),
            ("1.dice", "2.sensitivity", "1.hausdorff_px", "1.surface_dice"),
        ),
        wrong=[*shorter("truth"), change(classes=lambda classes: classes - 1)],
    ),
    Score(
        metrics.overlap_scores,
        lambda random: tabled(random) | {"index": 1},
        best=(DIAGONAL, {"dice": 1, "jaccard": 1, "specificity": 1}),
        undefined=(NOTHING, ("dice", "jaccard", "sensitivity", "precision")),
    ),
    Score(
        metrics.pixel_scores,
        tabled,
        best=(DIAGONAL, {"accuracy": 1, "pixel_error": 0}),
        undefined=(NOTHING, ()),
    ),
    Score(
        metrics.cohen_kappa,
        tabled,
        bounds=CORRELATION,
        best=(DIAGONAL, {"value": 1}),
        undefined=(NOTHING, ()),
    ),
    Score(
        metrics.matthews,
        tabled,
        bounds=CORRELATION,
        best=(DIAGONAL, {"value": 1}),
        undefined=(NOTHING, ()),
    ),
    Score(
        metrics.box_overlap,
        boxed,
        best=(take("other", "one"), {"value": 1}),
        undefined=(change(one=lambda boxes: 0 * boxes, other=lambda boxes: 0 * boxes), ()),
    ),
    Score(
        metrics.surface_distances,
        lambda random: {
            name: values == 1 for name, values in mapped(random).items() if name != "classes"
        },
        bounds=POSITIVE,
        best=(take("prediction", "truth"), {"from_truth": 0, "from_prediction": 0}),
        wrong=[*shorter("truth"), lambda given: given | {"spacing_mm": (1.0, 1.0)}],
    ),
    Score(
        metrics.delong_test,
        compared,
        bounds=TEST,
        cases=("truth", "first", "second"),
        undefined=(change(truth=lambda truth: 0 * truth), ("first", "second", "p")),
        wrong=[*shorter("truth", "first"), change(truth=lambda truth: truth + 1)],
    ),
    Score(
        metrics.mcnemar_test,
        decided,
        bounds=TEST,
        cases=("truth", "first", "second"),
        best=(take("second", "first"), {"p": 1, "only_first": 0, "only_second": 0}),
        wrong=shorter("truth", "first"),
    ),
    Score(
        metrics.paired_comparison,
        of_patients(lambda random: {k: v for k, v in decided(random).items() if k != "truth"}),
        bounds=TEST | {"difference": CORRELATION, "low": CORRELATION, "high": CORRELATION},
        undefined=(
            without_cases("first", "second", "patients"),
            ("p", "interval.low", "difference"),
        ),
        wrong=shorter("first", "patients"),
    ),
    Score(
        metrics.sign_flip_test,
        lambda random: {"differences": random.normal(1, 1, 9)},
        cases=("differences",),
    ),
    Score(
        metrics.confidence_interval,
        of_patients(lambda random: {"score": random.random(COUNT)}),
        bounds=ENDS,
        undefined=(without_cases("score", "patients"), ()),
        wrong=shorter("score"),
    ),
    Score(
        metrics.confidence_intervals,
        of_patients(lambda random: {"scores": weighed(areas, ranked(random))}),
        bounds=ENDS,
    ),
    Score(
        metrics.class_intervals,
        of_patients(
            lambda random: {"scores": weighed(metrics.classification_scores, graded(random))}
        ),
        bounds=ANY,
    ),
    Score(metrics.agreement_intervals, of_patients(measured), bounds=ANY, wrong=shorter("truth")),
    Score(
        metrics.decide,
        lambda random: {"probabilities": graded(random)["probabilities"]},
        bounds=(0, CLASSES - 1),
    ),
    Score(
        metrics.temperature,
        logits,
        bounds=(0.1, 10),
        cases=("logits", "truth"),
        wrong=[*shorter("truth"), change(truth=lambda truth: truth + 1)],
    ),
    Score(
        metrics.apply_temperature,
        lambda random: {"logits": logits(random)["logits"], "temperature": 2.0},
    ),
    Score(
        metrics.image_quality_scores,
        translated,
        bounds={"mae": POSITIVE, "rmse": POSITIVE, "ssim": CORRELATION},
        best=(take("prediction", "truth"), {"mae": 0, "rmse": 0, "psnr": INFINITE, "ssim": 1}),
        undefined=(lambda given: given | {"mask": np.zeros((14, 13), bool)}, ()),
        wrong=[
            *shorter("truth"),
            change(data_range=lambda size: 0 * size),
            change(prediction=lambda values: values * np.nan),
        ],
    ),
    Score(metrics.otsu_prediction, pictured),
    Score(metrics.otsu_is_bright, pairs),
    Score(metrics.most_frequent, lambda random: {"counts": {0: 3, 1: 7, 2: 7}}, bounds=(1, 1)),
    Score(metrics.summary, rows, bounds=OF_OVERLAP | {"cases": POSITIVE}),
    Score(
        pooled_area,
        ranked,
        cases=("truth", "probability"),
        best=(take("probability", "truth"), {"value": 1}),
        undefined=(change(truth=lambda truth: 0 * truth), ()),
        wrong=[*shorter("truth"), change(truth=lambda truth: truth + 1)],
    ),
    Score(
        pooled_areas,
        graded,
        cases=("truth", "probabilities"),
        best=(certain, {"value": 1}),
        undefined=(change(truth=lambda truth: 0 * truth), ()),
    ),
    *GENERATION_SCORES,
)
# Of no number: tested by themselves.
OTHERS = {metrics.by_cases, metrics.outcome, metrics.texture_features}
CLASSES_OF = {pooled_area: metrics.PooledAUC, pooled_areas: metrics.PooledAreas}


def with_(attribute: str):
    chosen = [row for row in SCORES if getattr(row, attribute)]
    return pytest.mark.parametrize("row", chosen, ids=str)
