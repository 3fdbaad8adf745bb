"""What the experiments on made images share: seeds, what is kept of them, and pictures.

What is done of a seed is kept in a file beside the script and not made again, so that a stopped
experiment goes on where it was. Settings were chosen by `--validation`, which takes other images
than those of the test, and keeps nothing. `--trial 10` takes ten steps a training, to see that all
works: nothing is kept.
"""

import argparse
import datetime
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image as Picture

from keras_mia.core.hardware import cpu_name
from keras_mia.report.pictures.grid import sample_grid

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "results"


@dataclass(frozen=True)
class Setting:
    """What is to be made of a seed.

    Attributes:
        data: the folder of the real data sets.
        seed: of everything.
        steps: of a training.
        folder: for networks and pictures.
        validation: whether other images are held out than those of the test.
    """

    data: Path
    seed: int
    steps: int
    folder: Path
    validation: bool = False

    @property
    def trial(self) -> bool:
        """Whether it is only to be seen that all works."""
        return self.steps < 100


Work = Callable[[Setting], dict]


def main(doc: str, script: str, work: Work, steps: int, seeds: Sequence[int] = (0,)) -> None:
    """Makes what is not kept yet.

    Args:
        doc: of the script.
        script: its file.
        work: makes what is kept of a setting.
        steps: of a training.
        seeds: usually made.
    """
    parser = argparse.ArgumentParser(description=doc.partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(seeds))
    parser.add_argument("--steps", type=int, default=steps, help="of each training")
    parser.add_argument("--again", action="store_true", help="also what is kept")
    parser.add_argument("--validation", action="store_true", help="not the test; not kept")
    parser.add_argument("--trial", type=int, metavar="STEPS", help="of all trainings; not kept")
    args = parser.parse_args()
    if "KERAS_MIA_DATA" not in os.environ:
        parser.error("KERAS_MIA_DATA does not name the folder of the real data sets")
    name = Path(script).stem
    file = Path(script).with_suffix(".json")
    kept = json.loads(file.read_text()) if file.exists() and not args.again else {}
    for seed in args.seeds:
        passing = args.trial or args.validation
        if str(seed) in kept and not passing:
            continue
        folder = RUNS / (f"{name}_trial" if passing else name) / f"seed_{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        keras.utils.set_random_seed(seed)
        begun = time.perf_counter()
        data = Path(os.environ["KERAS_MIA_DATA"])
        made = work(Setting(data, seed, args.trial or args.steps, folder, args.validation))
        made |= {
            "minutes": round((time.perf_counter() - begun) / 60, 1),
            "steps": args.trial or args.steps,
            "date": str(datetime.date.today()),
            "cpu": cpu_name(),
        }
        print(json.dumps(made, indent=1))
        if not passing:
            kept[str(seed)] = made
            file.write_text(json.dumps(kept, indent=1) + "\n")


def unpaired_batches(
    first: np.ndarray,
    second: np.ndarray,
    size: int,
    seed: int,
    change: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
) -> tf.data.Dataset:
    """Batches of images of two kinds, drawn one by one and independently.

    Args:
        first: images of one kind.
        second: of the other.
        size: of a batch.
        seed: of the draws.
        change: augments an image.
    """
    rng = np.random.default_rng([seed, 2])

    def drawn(images: np.ndarray) -> np.ndarray:
        batch = images[rng.integers(len(images), size=size)]
        return batch if change is None else np.stack([change(one, rng) for one in batch])

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        while True:
            yield drawn(first), drawn(second)

    shapes = tuple(tf.TensorSpec((size, *one.shape[1:]), tf.float32) for one in (first, second))
    return tf.data.Dataset.from_generator(batches, output_signature=shapes).prefetch(4)


def picture(path: Path, rows: Sequence[np.ndarray], low: float, high: float) -> None:
    """Writes rows of images, one above the other.

    Args:
        path: of the PNG.
        rows: `(n, rows, columns, 1)` each.
        low, high: what is black and white.
    """
    grid = sample_grid(np.concatenate(rows), len(rows[0]), low=low, high=high, enlarge=2)
    Picture.fromarray(grid[..., 0]).save(path)
