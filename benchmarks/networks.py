"""A training step and inference of one network, by the apps' loop and in PyTorch.

Ours computes at the precision that the apps take on this machine, PyTorch with the fastest of its
settings; it starts from our weights. The batch lies in memory.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from turns import Choice, tried

RATE = 1e-3
DECAY = 0.004
"""Both are the defaults of AdamW in Keras."""


def ours(build: Callable[[], Any], folder: Path) -> tuple[Any, str]:
    """Our network and what to call it; its weights lie in a file for the peer."""
    from keras_mia.core.quiet import load_tensorflow

    load_tensorflow()

    import keras

    from keras_mia.core.hardware import precision

    keras.config.set_dtype_policy(precision())
    keras.utils.set_random_seed(0)
    model = build()
    arrays = {f"{layer.name}/{one.name}": one for layer in model.layers for one in layer.weights}
    np.savez(folder / "weights.npz", **{name: one.numpy() for name, one in arrays.items()})
    return model, f"keras_mia, {precision()}"


def loss_of(logs: Mapping[str, Any]) -> float:
    return float(logs["loss"])


def our_step(model, name: str, batch: Any, losses: Callable[[Mapping], Any] = loss_of) -> Choice:
    """A training step of a compiled model; `losses` reads what is compared from its logs."""
    import tensorflow as tf

    from keras_mia.training.fitting.loop import Loop

    def batches(start, worker, workers):
        return tf.data.Dataset.from_tensors(batch).repeat()

    loop = Loop(model, batches, len(batch[0] if isinstance(batch, tuple) else batch))
    return tried(name, lambda: losses(loop.step()))


def our_inference(model, name: str, images: np.ndarray) -> Choice:
    """The probabilities of a batch; the answer is those of its first image."""
    import tensorflow as tf

    from keras_mia.models.folding import fold_batchnorm

    batch, network = tf.constant(images), fold_batchnorm(model)  # as predict does
    infer = tf.function(lambda x: network(x, training=False))
    return tried(name, lambda: infer(batch).numpy(), lambda found: found[0])


def loaded(network, weights: Mapping[str, np.ndarray]):
    """A PyTorch network with the weights of Keras' layers: all of them, no other.

    Args:
        network: whose `layers` have the names that they have in Keras.
        weights: `layer/weight` to array.

    Raises:
        RuntimeError: the networks differ.
    """
    import torch

    names = {
        "gamma": "weight",
        "beta": "bias",
        "bias": "bias",
        "moving_mean": "running_mean",
        "moving_variance": "running_var",
    }
    own = network.state_dict()
    state = {key: value for key, value in own.items() if "num_batches" in key}
    for path, array in weights.items():
        layer, _, weight = path.rpartition("/")
        key = f"layers.{layer}.{names.get(weight, 'weight')}"
        if weight == "kernel":  # (*space, in, out), transposed (*space, out, in)
            space = range(array.ndim - 2)
            array = array.transpose(array.ndim - 1, array.ndim - 2, *space)
            if array.shape[0] == 1 != own[key].shape[0]:  # depthwise
                array = array.swapaxes(0, 1)
        state[key] = torch.from_numpy(np.ascontiguousarray(array))
    network.load_state_dict(state, strict=True)
    return network


def their_step(
    network: Callable[[], Any], images: np.ndarray, truth: np.ndarray, **options
) -> Choice:
    """A training step of a network in PyTorch.

    Args:
        network: makes it; it gives logits.
        images: channels last.
        truth: classes.
        options: of `fastest_setting`.
    """
    import torch

    from torch_settings import fastest_setting

    def make(setting):
        model = setting.placed(network())
        optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=DECAY, fused=True)
        x = setting.placed(channels_first(images))
        y = torch.from_numpy(truth).long()

        @setting.ready
        def loss_of(x, y):
            with setting.precision():
                logits = model(x)
            return torch.nn.functional.cross_entropy(logits.float(), y)

        def step():
            optimizer.zero_grad()
            loss = loss_of(x, y)
            loss.backward()
            optimizer.step()
            return float(loss.detach())

        return step

    return fastest_setting(make, **options)[1]


def their_inference(network: Callable[[], Any], images: np.ndarray, **options) -> Choice:
    """The probabilities of a batch; the answer is those of its first image, channels last."""
    from torch_settings import fastest_setting

    def make(setting):
        infer = setting.predictor(network)
        x = setting.placed(channels_first(images))
        return lambda: infer(x)

    def first(found):
        return np.moveaxis(found[0].float().numpy(), 0, -1)

    return fastest_setting(make, first, **options)[1]


def channels_first(images: np.ndarray):
    """A batch as PyTorch takes it."""
    import torch

    return torch.from_numpy(np.moveaxis(images, -1, 1).copy())


def check_losses(ours: float, theirs: float) -> None:
    """The first step's loss is the same up to rounding in bfloat16."""
    assert abs(ours - theirs) < 0.03 * max(1.0, ours), (ours, theirs)


def check_probabilities(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Both networks give the same, up to rounding in bfloat16."""
    assert np.abs(ours - theirs).mean() < 0.02, np.abs(ours - theirs).mean()
