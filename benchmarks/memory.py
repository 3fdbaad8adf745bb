"""Memory that does not grow with the data: `python benchmarks/memory.py`.

- Predicting many classes on a large volume, from the file to the label map on the file's own grid,
  with the plan that such volumes get and random weights: the peak of the process.
- Training with few and with many prepared cases: the anonymous memory, which leaves out the pages
  of memory-mapped files that the system may drop at any time.

Each is measured in a process of its own. It reads /proc, so it needs Linux.
"""

import argparse
import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from keras_mia.core.quiet import load_tensorflow

PARTS = ("image", "target", "points")


def apart(function: Callable, *arguments):
    """What a function gives in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def memory_gib(kind: str) -> float:
    """This process's memory as /proc/self/status names it, such as VmHWM or RssAnon."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(x.split()[1]) for x in lines if x.startswith(f"{kind}:")) / 2**20


def cases_and_plan(folder: Path, space: Sequence[int], classes: int, minutes: float):
    """Two cases whose classes lie in slabs, and the plan for them, which is written too."""
    from keras_mia.data.datasets.case_target import LabelMapFile
    from keras_mia.data.datasets.cases import IMAGE, Case, Cases
    from keras_mia.data.io.image_io import write_image
    from keras_mia.tasks import segmentation

    generator = np.random.default_rng(0)
    slabs = np.arange(space[0]) * classes // space[0]
    label = np.broadcast_to(slabs[:, None, None], space).astype(np.uint8)
    image = generator.integers(-200, 200, space, dtype=np.int16) + 100 * label.astype(np.int16)
    for name, array in (("image", image), ("label", label)):
        write_image(folder / f"{name}.nii", array, np.eye(4))
    cases = Cases(
        tuple(
            Case(
                name,
                {IMAGE: (folder / "image.nii",)},
                LabelMapFile(folder / "label.nii"),
                name,
                "train",
            )
            for name in ("one", "other")
        ),
        str(folder),
    )
    # The spacing differs a little from the files', so that all is resampled, there and back.
    plan = segmentation.plan(cases, minutes=minutes, overrides={"spacing_mm": (1.02,) * 3})
    plan.write(folder / "plan.json")
    return cases, plan


def begin_prediction(folder: Path, side: int, classes: int, minutes: float) -> tuple[int, ...]:
    """Writes the volume and its plan; gives the plan's patch."""
    load_tensorflow()
    _, plan = cases_and_plan(folder, (side,) * 3, classes, minutes)
    return plan.patch


def predict(folder: Path) -> float:
    """The peak in GiB of predicting the volume and writing its label map."""
    load_tensorflow()

    import keras

    from keras_mia.core.hardware import precision
    from keras_mia.data.datasets.cases import IMAGE, Case
    from keras_mia.tasks import segmentation
    from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan

    keras.config.set_dtype_policy(precision())
    plan = SegmentationPlan.read(folder / "plan.json")
    case = Case("one", {IMAGE: (folder / "image.nii",)}, None, "one")
    predictor = segmentation.Predictor(segmentation.build(plan), plan)
    image = case.image()
    prediction = predictor(image)
    assert prediction.classes.shape == image.space
    segmentation.save(prediction, folder / "predictions", case, image, plan)
    return memory_gib("VmHWM")


def begin_training(folder: Path, classes: int, most: int) -> None:
    """Writes the prepared cases: two, copied."""
    load_tensorflow()

    from keras_mia.data.preprocess.case_cache import cache_cases

    cases, plan = cases_and_plan(folder, (64, 64, 48), classes, 10.0)
    originals = cache_cases(cases, plan, folder / "originals")
    for number in range(most):
        case = originals[number % len(originals)]
        for part in PARTS:
            shutil.copy(getattr(case, f"{part}_path"), folder / f"{number}-{part}.npy")


def train(folder: Path, number: int, steps: int) -> float:
    """The most anonymous memory in GiB, after a tenth of the steps, with so many cases."""
    load_tensorflow()

    import keras

    from keras_mia.core.hardware import precision
    from keras_mia.data.preprocess.case_cache import CaseArrays
    from keras_mia.tasks import patches, segmentation
    from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan
    from keras_mia.training.fitting.loop import Loop

    keras.config.set_dtype_policy(precision())
    plan = SegmentationPlan.read(folder / "plan.json")
    stored = [
        CaseArrays(str(n), *(folder / f"{n}-{part}.npy" for part in PARTS)) for n in range(number)
    ]
    loop = Loop(segmentation.build(plan), patches.batches(stored, plan), plan.batch_size)
    seen = []
    for _ in range(steps):
        loop.step()
        seen.append(memory_gib("RssAnon"))
    return max(seen[steps // 10 :])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--side", type=int, default=384, help="of the volume to predict")
    parser.add_argument("--classes", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=60.0, help="that the plan is made for")
    parser.add_argument("--cases", type=int, nargs="*", default=[50, 1000], help="to train with")
    parser.add_argument("--steps", type=int, default=60)
    args = parser.parse_args()
    if args.side:
        with tempfile.TemporaryDirectory() as name:
            patch = apart(begin_prediction, Path(name), args.side, args.classes, args.minutes)
            peak = apart(predict, Path(name))
        print(
            f"predicting {args.classes} classes on {' x '.join([str(args.side)] * 3)} voxels"
            f" by patches of {' x '.join(map(str, patch))}: peak {peak:.2f} GiB",
            flush=True,
        )
    if args.cases:
        with tempfile.TemporaryDirectory() as name:
            apart(begin_training, Path(name), args.classes, max(args.cases))
            for number in args.cases:
                held = apart(train, Path(name), number, args.steps)
                print(
                    f"training {args.steps} steps with {number} cases: {held:.3f} GiB anonymous",
                    flush=True,
                )


if __name__ == "__main__":
    main()
