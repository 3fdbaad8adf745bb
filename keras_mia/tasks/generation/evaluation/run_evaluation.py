"""The samples of a finished run judged beside the test images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mia.core.text import plural
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.metrics.generation.distances import nearest
from keras_mia.metrics.generation.manifold import precision_recall
from keras_mia.metrics.generation.memorization import nearness
from keras_mia.metrics.generation.variety import sample_similarity
from keras_mia.metrics.statistics.interval import Interval
from keras_mia.tasks.generation.evaluation.baseline import normal_samples
from keras_mia.tasks.generation.evaluation.evaluator import Evaluator, NetworkEvaluator
from keras_mia.tasks.generation.evaluation.pictures import write_pairs, write_pictures
from keras_mia.tasks.generation.evaluation.scores import class_scores, distances
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.sampling import drawn_range, sampled_classes, scaled_samples
from keras_mia.tasks.generation.validation import FEWEST as FEWEST_OF_VALIDATION
from keras_mia.tasks.generation.validation import MOST as MOST_OF_VALIDATION
from keras_mia.tasks.generation.validation import real_images, sample_count, scaled_images
from keras_mia.tasks.intervals import interval_fields
from keras_mia.tasks.values import Evaluation, Prepared

FORMAT = 1
MOST, FEWEST = 10_000, 1000
"""Samples that are judged; of small test sets more than these have, for classes to be counted."""
NEIGHBOURHOOD = 3000
"""Images and samples whose neighbours are looked for: all pairs are compared."""
TRAINING = 20_000
"""Training images among which the nearest one is looked for."""
NEIGHBOURS = 3
ALIKE = 500
"""Images that are compared with each other."""
DISTANCES = {"frechet": "Frechet", "kernel": "Kernel", "ks": "Kolmogorov-Smirnov"}
SEED = 20_181_206
"""Of the samples, another than in validation."""


def evaluate_run(
    generator: keras.Model,
    cases: Cases,
    prepared: Prepared,
    plan: GenerationPlan,
    evaluator: Evaluator,
    run: Path,
) -> Evaluation:
    """Judges samples, and draws some of them.

    Args:
        generator: the best one of the run.
        cases: with their splits.
        prepared: the same, as arrays.
        plan: of the run.
        evaluator: whose features and classes count.
        run: its folder; pictures go to `samples` in it.
    """
    count = sample_count(plan, len(prepared.test), MOST, FEWEST)
    labels = sampled_classes(plan, count, seed=SEED)
    samples = scaled_samples(generator, plan, count, seed=SEED, classes=labels)
    features, classes = evaluator.features(samples), evaluator.classes(samples)
    test = scaled_images(prepared.test, min(len(prepared.test), count))
    real = real_images(test, plan, evaluator)
    floor, simple = (
        distances(real, evaluator.features(images))
        for images in (
            scaled_images(prepared.train, min(len(prepared.train), len(test))),
            normal_samples(prepared.train, plan, len(test)),
        )
    )
    training = scaled_images(prepared.train, min(TRAINING, len(prepared.train)))
    neighbours = nearest(samples[:NEIGHBOURHOOD], training)
    usual = nearest(test[:NEIGHBOURHOOD], training)
    mean = dict(distances(real, features[: len(test)]))
    mean |= {name.replace("distance", "floor"): value for name, value in floor.items()}
    mean |= class_scores(classes, len(plan.class_names), labels)
    mean |= _overlap(real.features, features)
    mean |= nearness(neighbours.distances, usual.distances)
    mean |= _variety(plan, test, samples)
    rows = _rows(classes, prepared.test, plan, labels)
    metrics = {
        "format": FORMAT,
        "task": "generation",
        "split": "test",
        "cases": len(prepared.test),
        "patients": len({case.patient for case in cases.test}),
        "main": real.criterion,
        "samples": count,
        "compared": len(test),
        "evaluator": evaluator.about,
        "mean": mean,
        **interval_fields(_intervals(mean, count)),
        "classes": {row["class"]: {k: v for k, v in row.items() if k != "class"} for row in rows},
        "baseline": simple,
    }
    if isinstance(evaluator, NetworkEvaluator):
        evaluator.save(run)
    write_pictures(generator, prepared.train, plan, run)
    if not plan.is_number:
        write_pairs(samples, training, neighbours, plan, run)
    return Evaluation(rows, metrics, describe(metrics))


def evaluation_time(prepared: Prepared, plan: GenerationPlan) -> float:
    """How many times as long as a validation it takes: all sets are judged, neighbours looked for.

    Args:
        prepared: images of each part.
        plan: of the run.
    """
    ends = MOST_OF_VALIDATION, FEWEST_OF_VALIDATION
    in_validation = sample_count(plan, len(prepared.validation), *ends)
    return 4.0 * sample_count(plan, len(prepared.test), MOST, FEWEST) / in_validation


def describe(metrics: Mapping[str, Any]) -> str:
    """What an app prints of them."""
    mean, simple = metrics["mean"], metrics["baseline"]
    lines = [
        f"{plural(metrics['samples'], 'sample')}, judged beside {metrics['cases']} test images:"
    ]
    for name, text in DISTANCES.items():
        distance = f"{name}_distance"
        if distance in mean:
            lines.append(
                f"  {text} distance {mean[distance]:.4g} (real images {mean[f'{name}_floor']:.4g},"
                f" a normal distribution {simple[distance]:.4g})"
            )
    if "classes_covered" in mean:
        lines.append(
            f"  {mean['classes_covered']} of {len(metrics['classes'])} classes covered, the rarest"
            f" by {100 * mean['smallest_class_share']:.1f} % of the samples"
        )
    if "label_accuracy" in mean:
        lines.append(f"  Read as the class asked for: {100 * mean['label_accuracy']:.1f} %")
    return "\n".join(lines)


def _overlap(real: np.ndarray, samples: np.ndarray) -> dict[str, float]:
    """Precision and recall of features, where there are enough for neighbours."""
    count = min(len(real), len(samples), NEIGHBOURHOOD)
    if count <= NEIGHBOURS:
        return {}
    overlap = precision_recall(real[:count], samples[:count], neighbours=NEIGHBOURS)
    return {"sample_precision": overlap.precision, "sample_recall": overlap.recall}


def _variety(plan: GenerationPlan, real: np.ndarray, samples: np.ndarray) -> dict[str, float]:
    """How alike samples are, beside how alike real images are."""
    low, high = drawn_range(plan)
    sets = {"ms_ssim": samples[:ALIKE], "ms_ssim_real": real[:ALIKE]}
    return {
        name: sample_similarity(images, data_range=high - low)
        for name, images in sets.items()
        if len(images) > 1
    }


def _rows(
    classes: np.ndarray | None, test: ImageArray, plan: GenerationPlan, labels: np.ndarray | None
) -> list[dict[str, Any]]:
    """A row a class: how often real images and samples have it, and how often it is right."""
    if classes is None:
        return []
    real = test.targets.mean(axis=0)
    rows = []
    for number, name in enumerate(plan.class_names):
        row: dict[str, Any] = {
            "class": name,
            "real_share": float(real[number]),
            "sample_share": float((classes == number).mean()),
        }
        if labels is not None:
            of_class = classes[labels == number]
            row["label_accuracy"] = float((of_class == number).mean()) if len(of_class) else None
        rows.append(row)
    return rows


def _intervals(mean: Mapping[str, float], count: int) -> dict[str, Interval]:
    """Of shares of independent samples."""
    from scipy.stats import binomtest

    intervals = {}
    if "label_accuracy" in mean:
        ends = binomtest(round(mean["label_accuracy"] * count), count).proportion_ci(
            method="wilson"
        )
        intervals["label_accuracy"] = Interval(ends.low, ends.high, "Wilson, over samples")
    return intervals
