"""The samples of a finished run judged beside the test images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mia.core.text import plural
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.metrics.generation.manifold import precision_recall
from keras_mia.metrics.generation.memorization import memorization
from keras_mia.metrics.generation.variety import sample_similarity
from keras_mia.metrics.statistics.interval import Interval
from keras_mia.tasks.generation.evaluation.baseline import normal_samples
from keras_mia.tasks.generation.evaluation.evaluator import Evaluator, NetworkEvaluator
from keras_mia.tasks.generation.evaluation.pictures import write_pictures
from keras_mia.tasks.generation.evaluation.scores import RealImages, class_scores, distances
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.sampling import drawn_range, sampled_classes, scaled_samples
from keras_mia.tasks.generation.validation import FEWEST as FEWEST_OF_VALIDATION
from keras_mia.tasks.generation.validation import MOST as MOST_OF_VALIDATION
from keras_mia.tasks.generation.validation import sample_count, scaled_images
from keras_mia.tasks.intervals import interval_fields
from keras_mia.tasks.values import Evaluation, Prepared

FORMAT = 1
MOST, FEWEST = 10_000, 1000
"""Samples that are judged; of small test sets more than these have, for classes to be counted."""
NEIGHBOURHOOD = 3000
"""Images and samples whose neighbours are looked for: all pairs are compared."""
TRAINING = 20_000
"""Training images among which the nearest one is looked for."""
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
    real = scaled_images(prepared.test, min(len(prepared.test), count))
    same = scaled_images(prepared.train, min(len(prepared.train), len(real)))
    scores = _distances(evaluator, plan, real, samples[: len(real)])
    floor = _distances(evaluator, plan, real, same)
    simple = _distances(evaluator, plan, real, normal_samples(prepared.train, plan, len(real)))
    mean = dict(scores)
    mean |= {name.replace("distance", "floor"): value for name, value in floor.items()}
    mean |= class_scores(evaluator, samples, len(plan.class_names), labels)
    mean |= _neighbours(evaluator, prepared, real, samples)
    mean |= _variety(plan, real, samples)
    rows = _rows(evaluator, prepared, plan, samples, labels)
    split = "test"
    metrics = {
        "format": FORMAT,
        "task": "generation",
        "split": split,
        "cases": len(prepared.test),
        "patients": len({case.patient for case in cases.test}),
        "main": main_score(evaluator, plan, real),
        "samples": count,
        "compared": len(real),
        "evaluator": evaluator.about,
        "mean": mean,
        **interval_fields(_intervals(mean, count)),
        "classes": {row["class"]: {k: v for k, v in row.items() if k != "class"} for row in rows},
        "baseline": simple,
    }
    if isinstance(evaluator, NetworkEvaluator):
        evaluator.save(run)
    write_pictures(generator, prepared.train, plan, run, samples)
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


def main_score(evaluator: Evaluator, plan: GenerationPlan, real: np.ndarray) -> str:
    """The score that the report begins with, the one that networks are chosen by."""
    return RealImages(evaluator.features(real), real.ravel() if plan.is_number else None).criterion


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


def _distances(
    evaluator: Evaluator, plan: GenerationPlan, real: np.ndarray, samples: np.ndarray
) -> dict[str, float]:
    """Distances of images to real ones."""
    values = real.ravel() if plan.is_number else None
    return distances(RealImages(evaluator.features(real), values), evaluator.features(samples))


def _neighbours(
    evaluator: Evaluator, prepared: Prepared, real: np.ndarray, samples: np.ndarray
) -> dict[str, float]:
    """Precision and recall by features, and whether samples are copies, by voxels."""
    some, others = real[:NEIGHBOURHOOD], samples[:NEIGHBOURHOOD]
    scores: dict[str, float] = {}
    if len(some) > 3 and len(others) > 3:
        overlap = precision_recall(
            evaluator.features(some), evaluator.features(others[: len(some)])
        )
        scores |= {"sample_precision": overlap.precision, "sample_recall": overlap.recall}
    training = scaled_images(prepared.train, min(TRAINING, len(prepared.train)))
    return scores | memorization(others, training, some)


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
    evaluator: Evaluator,
    prepared: Prepared,
    plan: GenerationPlan,
    samples: np.ndarray,
    labels: np.ndarray | None,
) -> list[dict[str, Any]]:
    """A row a class: how often real images and samples have it, and how often it is right."""
    classes = evaluator.classes(samples)
    if classes is None:
        return []
    test: ImageArray = prepared.test
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
