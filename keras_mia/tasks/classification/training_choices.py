"""How networks that predict something of whole images are trained: fields of the plan, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.targets.kinds import BALANCED
from keras_mia.data.targets.multitask import AnyTarget
from keras_mia.planning.choices import Choices, Chosen
from keras_mia.planning.images import LIMITS as IMAGE_LIMITS
from keras_mia.planning.images import planned_view
from keras_mia.planning.limits import Limits, check_batch, choice

SMALL = 64**2
"""Images of at most so many voxels are seen at full resolution first."""

SCHEMES = ("set", "zscore", "ct", "pixels", "none")
SAMPLING = ("natural", BALANCED)
NOT_NEGATIVE = (lambda value: value >= 0, "0 or more")
LIMITS: Limits = {
    **IMAGE_LIMITS,
    "normalization": choice(SCHEMES),
    "sampling": choice(SAMPLING),
    "mixup": NOT_NEGATIVE,
    "smoothing": (lambda value: 0 <= value < 1, "a share below 1"),
    "class_weights": (lambda value: min(value, default=0) >= 0, "a weight a class"),
    "l1": NOT_NEGATIVE,
    "l2": NOT_NEGATIVE,
}
"""The fields that a user can set, and what they may be."""


def take_training(
    choices: Choices, target: AnyTarget, images: int, device: str, replicas: int
) -> None:
    """Chooses the network and how it is trained.

    Args:
        choices: with what `image_choices` takes.
        target: what is learnt.
        images: how many there are for training.
        device: "cpu" or "gpu".
        replicas: how many devices share a batch.

    Raises:
        Problem: what the user set does not fit the devices or this kind of target.
    """
    take, view = choices.take, planned_view(choices)
    space = view.shape[:-1]
    take("network", lambda: ("resnet", "residual networks do well on few images and on many"))
    take("options", lambda: _options(choices["network"], space, device))
    take("batch_size", lambda: _batch_size(space, images * view.examples, device, replicas))
    check_batch(choices["batch_size"], replicas)
    take("sampling", lambda: ("natural", "each image equally often, as the classes occur"))
    for field in ("mixup", "smoothing", "l1", "l2"):
        take(field, lambda: (0.0, "not asked for"))
    take("class_weights", lambda: ((), "not asked for"))
    _check(choices, target)


def _check(choices: Choices, target: AnyTarget) -> None:
    """Refuses what does not fit this kind of target.

    Raises:
        Problem: so.
    """
    target.check_weights(choices["class_weights"])
    if choices["mixup"] > 0 and not target.can_be_mixed:
        raise Problem("Images with several targets are not mixed.", "mixup", "Leave it out.")
    if choices["sampling"] == BALANCED and not target.is_exclusive:
        raise Problem("Only one of several classes can be balanced.", "sampling", "Leave it out.")


def _options(network: str, size: Sequence[int], device: str) -> Chosen[Mapping[str, Any]]:
    if network != "resnet":
        return {}, "the builder's own"
    filters, halvings = 16 if device == "cpu" else 32, int(np.log2(min(size)))
    if np.prod(size) <= SMALL or min(size) < 4:
        small = {"depth": [2] * min(3, 1 + halvings), "filters": 2 * filters, "stem": "plain"}
        return small, "images are small: at full resolution first, up to three stages"
    if halvings > 4:
        return {"depth": 18, "filters": filters}, "18 layers, narrow: more steps fit into the time"
    why = f"narrow, with as many stages as the shortest side, {min(size)}, can be halved for"
    return {"depth": [2] * (halvings - 1), "filters": filters}, why


def _batch_size(size, images: int, device: str, replicas: int) -> Chosen[int]:
    if device == "gpu":
        return 64 * replicas, "fills the GPU"
    batch = 64 if np.prod(size) <= SMALL and images > 20_000 else 32
    return -(-batch // replicas) * replicas, "on a CPU"
