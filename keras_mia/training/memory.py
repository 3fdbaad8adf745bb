"""Whether a network's training fits into memory, before an hour has passed."""

import contextlib
import math
from collections.abc import Iterator, Sequence

import keras
import tensorflow as tf

from keras_mia.core.hardware import gpus, memory_bytes
from keras_mia.core.problem import Problem

PROGRAM = 0.9 * 2**30
"""Bytes that Python, TensorFlow and the waiting batches take by themselves."""

NOTABLE = 2 * 2**30
"""Bytes from which on it is said what the evaluation takes."""

WEIGHTS = 6
"""Copies of the weights at the peak: themselves, gradients, the optimizer's, and its work."""


def needed_bytes(model: keras.Model, batch_size: int) -> int:
    """The memory that training takes at its peak: about a byte for each of the layers' outputs.

    Args:
        model: with a fixed input size.
        batch_size: examples that one device trains on at once.
    """
    values = sum(math.prod(tensor.shape[1:]) for tensor in _outputs(model))
    size = 2 if "16" in keras.config.dtype_policy().compute_dtype else 4
    return int(_fixed(model) + values * batch_size * size)


def _outputs(model: keras.Model) -> Iterator:
    """What the layers of a network give, and those of networks inside it."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _outputs(layer)
        elif (output := getattr(layer, "output", None)) is not None:  # called in a graph
            yield from _list(output)


def evaluation_bytes(
    space: Sequence[int], source: Sequence[int], patch: Sequence[int], classes: int, channels: int
) -> int:
    """The memory that predicting and scoring a label map takes at its peak.

    Args:
        space: voxels an axis of the prepared image, slices first.
        source: voxels an axis of the image as it is stored.
        patch: the network's.
        classes: how many there are, with background.
        channels: of the image.
    """
    slices = len(space) > len(patch)
    rest = [max(a, b) for a, b in zip(space[1:], patch if slices else patch[1:], strict=True)]
    blended = (1 if slices else patch[0]) * math.prod(rest) * (classes + 1)
    rows = 3 * math.prod(sorted(source)[1:]) * classes
    images = (math.prod(space) + math.prod(source)) * channels
    return int(PROGRAM + 4 * (2 * blended + rows + images) + 4 * math.prod(source))


def check_evaluation(needed: int, where: object) -> None:
    """Says how much memory evaluating will take where that is much, before anything is trained.

    Args:
        needed: bytes, as `evaluation_bytes` gives them for the largest case.
        where: that case.

    Raises:
        Problem: this machine has not as much.
    """
    available = memory_bytes()
    if needed > available:
        raise Problem(
            f"Evaluating would take about {needed / 2**30:.1f} GiB of memory; this machine has"
            f" {available / 2**30:.1f} GiB.",
            where,
            "Take a --patch with a smaller first side, a coarser --spacing, or fewer --classes.",
        )
    if needed > NOTABLE:
        print(f"  Evaluating the largest case will take about {needed / 2**30:.1f} GiB of memory.")


def _fixed(model: keras.Model) -> float:
    """What does not depend on patch and batch."""
    return PROGRAM + WEIGHTS * 4 * model.count_params()


class _TooLarge(MemoryError):
    """The next weights would not fit."""


@contextlib.contextmanager
def weights_within_memory(where: object, remedy: str, copies: int = 1) -> Iterator[None]:
    """Within it, a network is built whose training the memory of this machine holds, as far as its
    weights go: they are added up before they get memory, one by one. A GPU's memory is its own, and
    is not looked at.

    Args:
        where: what the network follows from, for the message.
        remedy: what makes it smaller, such as "fewer --filters".
        copies: how often all weights are made within it at most.

    Raises:
        Problem: the weights alone would take more.

    Example:
        >>> from keras_mia.models import mlp
        >>> with weights_within_memory("the example", "fewer units"):
        ...     mlp((4, 4, 1), 2, units=(2**25, 2**25))
        Traceback (most recent call last):
        ...
        keras_mia.core.problem.Problem: Training would take ...
    """
    available, total, graph = math.inf if gpus() else memory_bytes(), 0, tf.Graph()

    def create(next_creator, **options):
        nonlocal total
        value = options["initial_value"]
        with graph.as_default():  # which gives values a shape, but no memory
            shape = (value() if callable(value) else value).shape
        total += 4 * math.prod(shape) / copies
        if PROGRAM + WEIGHTS * total > available:
            raise _TooLarge
        return next_creator(**options)

    try:
        with tf.variable_creator_scope(create):
            yield
    except Exception as error:  # Keras may raise another one on the way
        if PROGRAM + WEIGHTS * total <= available:
            raise
        raise Problem(
            "Training would take more memory for the weights of the network alone than the"
            f" {available / 2**30:.1f} GiB that this machine has.",
            where,
            f"Take a smaller network: {remedy}.",
        ) from error


def check_training(
    model: keras.Model,
    batch_size: int,
    patch: Sequence[int],
    step: Sequence[int],
    option: str = "patch",
) -> None:
    """Refuses to begin what memory will not hold.

    Args:
        model: for this patch.
        batch_size: examples that one device trains on at once.
        patch: voxels an axis.
        step: what each side of a patch is a multiple of.
        option: that sets the patch.

    Raises:
        Problem: it says which smaller plan fits.
    """
    needed, available = needed_bytes(model, batch_size), memory_bytes()
    if needed <= available:
        return
    fixed = _fixed(model)
    voxels = (available - fixed) / max(1.0, needed - fixed) * batch_size * math.prod(patch)
    if voxels >= math.prod(patch):
        remedy = f"Take --batch-size {int(voxels // math.prod(patch))}."
    else:
        smaller = list(patch)
        while math.prod(smaller) > voxels and smaller != list(step):
            axis = max(range(len(patch)), key=lambda one: smaller[one] / step[one])
            smaller[axis] = max(smaller[axis] - step[axis], step[axis])
        remedy = (
            f"Take --batch-size 1 --{option} {' '.join(map(str, smaller))}, or a smaller network."
        )
    raise Problem(
        f"Training would take about {needed / 2**30:.1f} GiB of memory; this machine has"
        f" {available / 2**30:.1f} GiB.",
        f"{option} {' x '.join(map(str, patch))}, batch size {batch_size}",
        remedy,
    )


def _list(output) -> list:
    return list(output) if isinstance(output, list | tuple) else [output]
