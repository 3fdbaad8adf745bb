"""Rows of metrics that are functions of sets of samples."""

import numpy as np

from keras_mia import metrics
from tests.contract.score import COUNT, POSITIVE, SHARE, Arguments, Score, change, take

WITH_NAN = change(samples=lambda values: values * np.nan)
NARROWER = change(samples=lambda values: values[:, :-1])
TOO_FEW = change(samples=lambda values: values[:1])
TWO_SETS = {"cases": ("real", "samples"), "wrong": [WITH_NAN, NARROWER, TOO_FEW]}


def featured(random) -> Arguments:
    return {
        "real": random.normal(size=(COUNT, 5)),
        "samples": random.normal(0.5, 1.2, size=(COUNT, 5)),
    }


def three_sets(random) -> Arguments:
    names = ("samples", "training", "heldout")
    return dict(zip(names, random.normal(size=(3, COUNT, 4)), strict=True))


def named(random) -> Arguments:
    return {"classes": random.integers(0, 3, COUNT), "count": 5}


def images(random) -> Arguments:
    return {"images": random.random((6, 14, 13, 2)), "data_range": 1.0}


GENERATION_SCORES = (
    Score(
        metrics.frechet_distance,
        featured,
        bounds=POSITIVE,
        best=(take("samples", "real"), {"value": 0}),
        **TWO_SETS,
    ),
    Score(metrics.kernel_distance, featured, bounds=(-10, np.inf), **TWO_SETS),
    Score(
        metrics.precision_recall,
        featured,
        best=(take("samples", "real"), {"precision": 1, "recall": 1}),
        **TWO_SETS,
    ),
    Score(
        metrics.class_coverage,
        named,
        bounds={"classes_covered": (1, 3), "smallest_class_share": SHARE, "evenness": SHARE},
        cases=("classes",),
        best=(
            change(classes=lambda classes: np.arange(10) % 5),
            {"classes_covered": 5, "smallest_class_share": 0.2, "evenness": 1},
        ),
        wrong=[
            change(classes=lambda classes: classes + 3),
            change(classes=lambda classes: classes[:0]),
            change(count=lambda count: 0),
        ],
    ),
    Score(
        metrics.memorization,
        three_sets,
        bounds={"nearest_ratio": POSITIVE, "memorized_share": SHARE, "nearer_p": SHARE},
        best=(take("heldout", "samples"), {"nearest_ratio": 1}),
        wrong=[WITH_NAN, NARROWER, change(heldout=lambda values: values[:0])],
    ),
    Score(
        metrics.nearest,
        lambda random: {k: v for k, v in three_sets(random).items() if k != "heldout"},
        bounds=POSITIVE,
        best=(take("samples", "training"), {"distances": 0, "indices": np.arange(COUNT)}),
        wrong=[WITH_NAN, NARROWER, change(training=lambda values: values[:0])],
    ),
    Score(
        metrics.sample_similarity,
        images,
        best=(change(images=lambda values: np.repeat(values[:1], 3, axis=0)), {"value": 1}),
        undefined=(change(images=lambda values: values[:, :1, :1]), ()),
        wrong=[
            change(images=lambda values: values * np.nan),
            change(images=lambda values: values[:1]),
            change(data_range=lambda size: 0 * size),
        ],
    ),
)
