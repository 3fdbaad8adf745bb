"""Training steps and inference of a U-Net, the same layers from the same weights, against PyTorch.

Both sides minimize cross-entropy by AdamW on a batch that lies in memory; ours through the loop
and at the precision that the apps take on this machine.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from turns import Choice, Row, tried

CLASSES = 3


@dataclass(frozen=True)
class Size:
    """A network and its batch.

    Attributes:
        space: voxels an axis.
        batch: images.
        filters: of the first level.
        depth: how often it halves.
    """

    space: tuple[int, ...]
    batch: int
    filters: int
    depth: int

    def __str__(self) -> str:
        sides = " x ".join(map(str, self.space))
        return f"U-Net {len(self.space)}D ({sides}, batch {self.batch})"


SIZES = (Size((192, 192), 8, 32, 4), Size((64, 64, 64), 2, 16, 3))
QUICK = (Size((32, 32), 2, 4, 2), Size((16, 16, 16), 2, 4, 2))


def rows(quick: bool) -> list[Row]:
    """A training step and inference, 2D and 3D, with batch and with instance normalization."""
    return [
        Row(
            f"{size}, {norm} norm: {doing}",
            partial(ours, size, norm),
            partial(theirs, size, norm),
            check,
        )
        for size in (QUICK if quick else SIZES)
        for norm in ("batch", "instance")
        for doing, ours, theirs, check in (
            ("training step", our_step, their_step, check_losses),
            ("inference", our_inference, their_inference, check_probabilities),
        )
    ]


def batch_of(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Images, channels last, and label maps."""
    generator = np.random.default_rng(0)
    images = generator.normal(size=(size.batch, *size.space, 1)).astype(np.float32)
    return images, generator.integers(0, CLASSES, (size.batch, *size.space)).astype(np.int32)


def our_network(size: Size, norm: str, folder: Path):
    """Ours and what to call it; its weights lie in a file for the peer."""
    from keras_mia.core.quiet import load_tensorflow

    load_tensorflow()

    import keras

    from keras_mia.core.hardware import precision
    from keras_mia.models import unet

    keras.config.set_dtype_policy(precision())
    keras.utils.set_random_seed(0)
    shape = (*size.space, 1)
    model = unet(shape, CLASSES, filters=size.filters, depth=size.depth, norm=norm)
    arrays = {f"{layer.name}/{one.name}": one for layer in model.layers for one in layer.weights}
    np.savez(folder / "weights.npz", **{name: one.numpy() for name, one in arrays.items()})
    return model, f"keras_mia, {precision()}"


def our_step(size: Size, norm: str, folder: Path) -> Choice:
    model, name = our_network(size, norm, folder)

    import keras
    import tensorflow as tf

    from keras_mia.losses import CrossEntropy
    from keras_mia.training.loop import Loop

    model.compile(keras.optimizers.AdamW(1e-3), CrossEntropy(), jit_compile=False)
    batch = batch_of(size)

    def batches(start, worker, workers):
        return tf.data.Dataset.from_tensors(batch).repeat()

    loop = Loop(model, batches, size.batch)
    return tried(name, lambda: float(loop.step()["loss"]))


def our_inference(size: Size, norm: str, folder: Path) -> Choice:
    model, name = our_network(size, norm, folder)

    import tensorflow as tf

    from keras_mia.inference import folded

    images, network = tf.constant(batch_of(size)[0]), folded(model)
    infer = tf.function(lambda x: network(x, training=False))
    return tried(name, lambda: infer(images).numpy(), lambda found: found[0])


def their_network(size: Size, norm: str) -> dict:
    return {
        "rank": len(size.space),
        "classes": CLASSES,
        "filters": size.filters,
        "depth": size.depth,
        "norm": norm,
    }


def their_step(size: Size, norm: str, folder: Path) -> Choice:
    import torch

    from torch_unet import TorchUNet, fastest_setting

    weights = np.load(folder / "weights.npz")
    images, labels = batch_of(size)

    def make(setting):
        model = setting.placed(TorchUNet(**their_network(size, norm)).load(weights))
        optimizer = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.004, fused=True)
        x = setting.placed(torch.from_numpy(np.moveaxis(images, -1, 1).copy()))
        y = torch.from_numpy(labels).long()

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
            return float(loss)

        return step

    return fastest_setting(make)[1]


def their_inference(size: Size, norm: str, folder: Path) -> Choice:
    import torch

    from torch_unet import fastest_setting

    images = np.moveaxis(batch_of(size)[0], -1, 1).copy()

    def make(setting):
        infer = setting.predictor(their_network(size, norm), folder / "weights.npz")
        x = setting.placed(torch.from_numpy(images))
        return lambda: infer(x)

    def first(found):
        return np.moveaxis(found[0].float().numpy(), 0, -1)

    return fastest_setting(make, first)[1]


def check_losses(ours: float, theirs: float) -> None:
    """The first step's loss is the same up to rounding in bfloat16."""
    assert abs(ours - theirs) < 0.03, (ours, theirs)


def check_probabilities(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Both networks give the same, up to rounding in bfloat16."""
    assert np.abs(ours - theirs).mean() < 0.02, np.abs(ours - theirs).mean()
