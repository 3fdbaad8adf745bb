"""How the Frechet and the kernel distance of two sets of real images depend on their size.

`python benchmarks/distance_bias.py` prints the table of docs/generation.md and puts it there: test
images of MNIST against others of them, by the features of the LeNet that judges samples of
`keras-mia generate`, which it trains first (a minute on 2 idle cores).
"""

import datetime
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from keras_mia.data import read_cases
from keras_mia.metrics.generation.frechet import frechet_distance
from keras_mia.metrics.generation.kernel import kernel_distance
from keras_mia.tasks.generation.evaluation.baseline import normal_samples
from keras_mia.tasks.generation.evaluation.scores import KERNEL_MOST
from keras_mia.tasks.generation.prepared import evaluator_of
from keras_mia.tasks.generation.task import Generation
from keras_mia.tasks.generation.validation import scaled_images
from results import ROOT, write_page

PAGE = ROOT / "docs" / "generation.md"
BEGIN = "<!-- begin: made by benchmarks/distance_bias.py -->"
SIZES = (100, 200, 500, 1000, 2000, 5000)
PAIRS = 10
"""Pairs of sets of each size, drawn anew."""


def features(data: Path) -> tuple[np.ndarray, np.ndarray, str]:
    """Features of all test images, and of as many samples of a normal distribution; who judges."""
    task = Generation()
    path = data / "mnist" / "mnist.npz"
    read = read_cases(path, targets=task.targets, **task.reading)
    cases = task.split(task.examine(read), (1, 5))
    plan = task.plan(cases)
    with tempfile.TemporaryDirectory() as cache:
        prepared = task.prepare(cases, plan, Path(cache))
        judge = evaluator_of(prepared)
        real = scaled_images(prepared.test, len(prepared.test))
        normal = normal_samples(prepared.train, plan, len(real))
        return judge.features(real), judge.features(normal), judge.about


def lines_of(real: np.ndarray, normal: np.ndarray) -> list[str]:
    """The table: the mean over pairs, and their standard deviation."""
    random = np.random.default_rng(0)
    lines = [
        "| Images in each set | Fréchet, real to real | Fréchet, normal to real"
        " | kernel, real to real | kernel, normal to real |",
        "|---|---|---|---|---|",
    ]
    for size in SIZES:
        found: list[list[float]] = [[], [], [], []]
        for _ in range(PAIRS):
            first, second = np.split(random.permutation(len(real))[: 2 * size], 2)
            others = normal[random.permutation(len(normal))[:size]]
            sets = (real[second], others)
            for row, of in zip(found[:2], sets, strict=True):
                row.append(frechet_distance(real[first], of))
            for row, of in zip(found[2:], sets, strict=True):
                row.append(kernel_distance(real[first[:KERNEL_MOST]], of[:KERNEL_MOST]))
        cells = [spread(row, "{:.2f}") for row in found[:2]]
        cells += [spread(row, "{:.1f}") for row in found[2:]]
        lines.append(f"| {size:,} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return lines


def spread(values: list[float], form: str) -> str:
    """Mean and standard deviation."""
    show: Callable[[float], str] = form.format
    return f"{show(float(np.mean(values)))} ± {show(float(np.std(values, ddof=1)))}"


def main() -> None:
    real, normal, about = features(Path(os.environ["KERAS_MIA_DATA"]))
    print(f"{real.shape[1]} features. {about}")
    lines = lines_of(real, normal)
    note = f"{datetime.date.today()}, {real.shape[1]} features, {PAIRS} pairs of sets. {about}"
    write_page([*lines, "", note], BEGIN, PAGE)


if __name__ == "__main__":
    main()
