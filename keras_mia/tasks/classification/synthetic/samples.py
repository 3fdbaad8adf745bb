"""Samples of a generator, prepared like real images, in the array of training images."""

from collections.abc import Iterator, Sequence
from os import PathLike

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.progress import progress
from keras_mia.data.image import Image
from keras_mia.data.preprocess.array_cache import ArrayCache, is_whole, new_array
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.data.preprocess.prepare_image import prepare_image
from keras_mia.data.targets.base import Text
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.classification.synthetic.choice import SyntheticChoice
from keras_mia.tasks.classification.synthetic.generator_run import OPTION, GeneratorRun
from keras_mia.tasks.classification.synthetic.record import SyntheticImages
from keras_mia.tasks.values import Samples
from keras_mia.training.runs.run import Run

BLOCK = 256
"""Real images that are copied at a time."""


def class_counts(
    target: Multiclass, texts: Sequence[Text], count: int | None = None
) -> tuple[int, ...]:
    """How many of some images have each class, as often as others have it.

    Args:
        target: the classes.
        texts: of the others.
        count: of the images; None: as many as there are others.

    Example:
        >>> class_counts(Multiclass(("ill", "well"), ("0", "1")), ["0", "1", "1", "1"], 6)
        (2, 4)
    """
    present = np.sum([target.encode(text) for text in texts], axis=0)
    shares = present / present.sum() * (len(texts) if count is None else count)
    counts = np.floor(shares).astype(int)
    rest = round(shares.sum()) - counts.sum()
    counts[np.argsort(counts - shares, kind="stable")[:rest]] += 1
    return tuple(counts.tolist())


def with_samples(
    real: ImageArray[ClassificationPlan],
    plan: ClassificationPlan,
    choice: SyntheticChoice | None,
    folder: str | PathLike,
) -> ImageArray[ClassificationPlan]:
    """Training images and the samples that the plan has, or these alone, in one array; what already
    lies in the folder is not made again.

    Args:
        real: the training images.
        plan: with `synthetic`.
        choice: whose run makes the samples.
        folder: of prepared arrays.

    Raises:
        Problem: there is no run to sample from, or it is another one than when the plan was made.
    """
    synthetic, target = plan.synthetic, plan.target
    assert synthetic is not None
    assert isinstance(target, Multiclass)
    _check_generator(synthetic, choice)
    kept = 0 if synthetic.alone else len(real)
    key = (real.path.name, synthetic.generator, synthetic.counts, target.names, synthetic.seed)
    path = ArrayCache(folder, plan).path("synthetic", *key, kept)
    if not is_whole(path):
        stored = real.images
        shape = (kept + synthetic.count, *stored.shape[1:])
        with new_array(path, stored.dtype.type, shape) as array:
            for start in range(0, kept, BLOCK):
                stop = min(start + BLOCK, kept)
                array[start:stop] = stored[start:stop]
            assert choice is not None
            for number, image in enumerate(_images(choice.run, synthetic, target.names), kept):
                array[number] = prepare_image(image, plan, f"{OPTION}: sample {number - kept}")
    encoded = np.stack([target.encode(text) for text in synthetic.texts(target)])
    return ImageArray(path, np.concatenate([real.targets[:kept], encoded]), plan)


def _check_generator(synthetic: SyntheticImages, choice: SyntheticChoice | None) -> None:
    """Sees to it that samples are made by the network that the plan was made with.

    Raises:
        Problem: so.
    """
    if choice is None:
        raise Problem(
            f"The plan has {synthetic.describe()} to train on, and no run is named that makes"
            " them.",
            OPTION,
            "Name it.",
        )
    if choice.run.digest() != synthetic.generator:
        raise Problem(
            "The generator is another one than when this run began.",
            f"{OPTION} {choice.run.folder}",
            "Put its run back as it was, or begin a new run in another --output.",
        )


def _images(run: GeneratorRun, synthetic: SyntheticImages, names: Sequence[str]) -> Iterator[Image]:
    """The samples, class by class. Batches are always whole, and the rest of the last one is
    dropped: numbers of a batch may depend on its size in their last digits."""
    model, size, first = Run(run.folder).best_model(run.plan), run.plan.batch_size, 0
    batches: list[tuple[str, int, int]] = []
    for name, count in zip(names, synthetic.counts, strict=True):
        starts = range(0, count, size)
        batches += [(name, first + start, min(size, count - start)) for start in starts]
        first += count
    for name, number, kept in progress(batches, "sampling"):
        part = run.task.sample(
            model, run.plan, size, seed=synthetic.seed, first=number, class_name=name
        )
        yield from _as_read(part, kept, run.plan.colours)


def _as_read(samples: Samples, count: int, colours: bool) -> Iterator[Image]:
    """The first of some samples as if they were read from files."""
    spacing = samples.spacing_mm
    is_volume = samples.images.ndim == 5
    affine = np.diag([*spacing, 1.0]) if spacing and is_volume else None
    voxel_mm = None if is_volume else spacing
    for array in samples.stored()[:count]:
        yield Image(array, affine, voxel_mm=voxel_mm, colours=colours)
