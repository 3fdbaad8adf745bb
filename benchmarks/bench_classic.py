"""Classifiers, the same layers from the same weights, against PyTorch.

ResNet-18 and DenseNet-121: a training step, which minimizes cross-entropy by AdamW, and inference.
MobileNetV2: a step of fine-tuning its last layer, as `keras-mia finetune` does it with all layers
before frozen, without the dropout, so that losses can be held against each other.

Where a stride is 2 PyTorch pads before the image and Keras behind it. So the peer sees the images
mirrored, with mirrored kernels, and does the same; but in a ResNet's shortcuts, which look at every
second pixel and begin with the other one. It is timed as it is, and gives its answer shifted.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

import networks
from turns import Choice, Row

CLASSES = 10
# Of `keras-mia finetune`.
CLIP = 5.0
DECAY = 1e-4


@dataclass(frozen=True)
class Size:
    """A network and its batch.

    Attributes:
        network: its name.
        side: of the images in pixels.
        batch: images.
    """

    network: str
    side: int
    batch: int

    def __str__(self) -> str:
        return f"{self.network} ({self.side} x {self.side}, batch {self.batch})"


def rows(quick: bool) -> list[Row]:
    """A training step and inference of whole networks, and a step of one that is frozen."""
    side, large, small = (64, 2, 2) if quick else (224, 16, 8)
    found = [
        Row(f"{size}: {doing}", partial(ours, size), partial(theirs, size), check)
        for size in (Size("ResNet-18", side, large), Size("DenseNet-121", side, small))
        for doing, ours, theirs, check in (
            ("training step", our_step, their_step, networks.check_losses),
            ("inference", our_inference, their_inference, networks.check_probabilities),
        )
    ]
    size = Size("MobileNetV2", side, large)
    name = f"{size}, frozen but for the last layer: training step"
    ours, theirs = partial(our_last_layer, size), partial(their_last_layer, size)
    return [*found, Row(name, ours, theirs, networks.check_losses)]


def batch_of(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Images, channels last, with pixels from 0 to 255 for MobileNetV2; and classes."""
    generator = np.random.default_rng(0)
    shape = (size.batch, size.side, size.side, 3)
    images = generator.normal(size=shape).astype(np.float32)
    if size.network == "MobileNetV2":
        images = np.clip(128 + 64 * images, 0, 255)
    return images, generator.integers(0, CLASSES, size.batch)


def our_network(size: Size, folder: Path):
    """Ours and what to call it; its weights lie in a file for the peer."""

    def build():
        from keras_mia.models import densenet, pretrained, resnet

        shape = (size.side, size.side, 3)
        if size.network == "MobileNetV2":
            return with_statistics(
                pretrained(size.network, shape, CLASSES, weights=None), batch_of(size)[0]
            )
        if size.network == "DenseNet-121":
            return densenet(shape, CLASSES, depth=121)
        return resnet(shape, CLASSES, depth=18)

    return networks.ours(build, folder)


def with_statistics(model, images: np.ndarray):
    """Normalizes by the statistics of these images: by none, random kernels let them vanish."""
    from keras_mia.training.fine_tuning import has_statistics

    for layer in filter(has_statistics, model.layers):
        layer.momentum = 0.0
    model(images, training=True)
    return model


def our_training(size: Size, model, name: str, optimizer) -> Choice:
    """Classes are shares of one, as the apps have them."""
    import keras

    model.compile(optimizer, keras.losses.CategoricalCrossentropy(), jit_compile=False)
    images, classes = batch_of(size)
    return networks.our_step(model, name, (images, np.eye(CLASSES, dtype=np.float32)[classes]))


def our_step(size: Size, folder: Path) -> Choice:
    model, name = our_network(size, folder)

    from keras_mia.training import AdamW

    optimizer = AdamW(networks.RATE, weight_decay=networks.DECAY)
    return our_training(size, model, name, optimizer)


def our_inference(size: Size, folder: Path) -> Choice:
    return networks.our_inference(*our_network(size, folder), batch_of(size)[0])


def our_last_layer(size: Size, folder: Path) -> Choice:
    model, name = our_network(size, folder)

    from keras_mia.training.fine_tuning import freeze
    from keras_mia.training.optimizers import GroupedAdamW

    freeze(model, len(model.layers) - 1)
    optimizer = GroupedAdamW(networks.RATE, weight_decay=DECAY, global_clipnorm=CLIP)
    return our_training(size, model, name, optimizer)


def their_network(size: Size, folder: Path):
    """The peer's, with our weights, for mirrored images."""
    from torch_classic import NETWORKS

    weights = np.load(folder / "weights.npz")
    mirrored = {
        name: np.flip(array, (0, 1)) if array.ndim == 4 else array
        for name, array in weights.items()
    }
    return networks.loaded(NETWORKS[size.network](CLASSES), mirrored)


def mirrored_batch(size: Size) -> tuple[np.ndarray, np.ndarray]:
    images, classes = batch_of(size)
    return np.flip(images, (1, 2)), classes


def their_step(size: Size, folder: Path) -> Choice:
    import torch

    from torch_settings import BEST

    images, classes = mirrored_batch(size)
    network = partial(their_network, size, folder)
    choice = networks.their_step(network, images, classes, slow=BEST)
    if size.network != "ResNet-18":
        return choice
    logits = shifted(size, folder)(networks.channels_first(images))
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(classes))
    return replace(choice, answer=float(loss.detach()))


def their_inference(size: Size, folder: Path) -> Choice:
    from torch_settings import BEST

    images, _ = mirrored_batch(size)
    choice = networks.their_inference(partial(their_network, size, folder), images, slow=BEST)
    if size.network != "ResNet-18":
        return choice
    logits = shifted(size, folder).eval()(networks.channels_first(images[:1]))
    return replace(choice, answer=logits.softmax(1)[0].detach().numpy())


def shifted(size: Size, folder: Path):
    """The peer's ResNet, whose shortcuts begin where those of Keras do: for the answer alone."""
    network = their_network(size, folder)
    network.first = 1
    return network


def their_last_layer(size: Size, folder: Path) -> Choice:
    """The frozen layers compute as in inference, without a trace of gradients."""
    import torch

    from torch_settings import BEST, fastest_setting

    images, classes = mirrored_batch(size)

    def make(setting):
        model = setting.placed(their_network(size, folder)).eval()
        features, head = setting.frozen(model.features), model.layers["head"]
        optimizer = torch.optim.AdamW(
            head.parameters(), networks.RATE, weight_decay=DECAY, fused=True
        )
        x = setting.placed(networks.channels_first(images))
        y = torch.from_numpy(classes).long()

        def step():
            optimizer.zero_grad()
            # A copy may be trained on; what comes out of inference mode may not.
            loss = torch.nn.functional.cross_entropy(head(features(x).float().clone()), y)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(head.parameters(), CLIP)
            optimizer.step()
            return float(loss.detach())

        return step

    return fastest_setting(make, slow=BEST)[1]
