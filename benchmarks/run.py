"""Side by side with peers, as ratios from one run: `make bench`.

Both sides do the same work on the same machine, in turns (A B A B ...), and the fastest of several
tries counts. A ratio below 1 means that keras_mia is ahead.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results.json"
TRIES = 5


def compare(name: str, ours: Callable, peer: str, theirs: Callable) -> dict:
    """One row: the fastest of `TRIES` turns of each side, in ms, after one turn to warm up."""
    best = {"ours": float("inf"), "peer": float("inf")}
    for turn in range(TRIES + 1):
        for side, work in (("ours", ours), ("peer", theirs)):
            begun = time.perf_counter()
            work()
            if turn:
                best[side] = min(best[side], (time.perf_counter() - begun) * 1000)
    row = {
        "name": name,
        "ours_ms": round(best["ours"], 1),
        "peer": peer,
        "peer_ms": round(best["peer"], 1),
        "ratio": round(best["ours"] / best["peer"], 3),
    }
    print(f"{name:<44}{row['ours_ms']:>9} ms{peer:>26}{row['peer_ms']:>9} ms   {row['ratio']}")
    return row


def unet_rows() -> list[dict]:
    """U-Net training steps and inference, the same layers, against PyTorch in bfloat16."""
    import keras
    import tensorflow as tf
    import torch

    from keras_mia.losses import CrossEntropy
    from keras_mia.models import unet
    from torch_unet import TorchUNet

    keras.config.set_dtype_policy("mixed_bfloat16")
    rows = []
    for label, space, batch, filters, depth, norm in (
        ("2D 192 x 192, batch 8, batch norm", (192, 192), 8, 32, 4, "batch"),
        ("3D 64 x 64 x 64, batch 2, instance norm", (64, 64, 64), 2, 16, 3, "instance"),
    ):
        generator = np.random.default_rng(0)
        images = generator.normal(size=(batch, *space, 1)).astype(np.float32)
        labels = generator.integers(0, 3, size=(batch, *space)).astype(np.int32)
        model = unet((*space, 1), 3, filters=filters, depth=depth, norm=norm)
        model.compile(keras.optimizers.AdamW(1e-3), CrossEntropy(), jit_compile=False)
        data = tf.constant(images), tf.constant(labels)
        step = tf.function(lambda data=data, model=model: model.train_step(data)["loss"])
        infer = tf.function(lambda x=data[0], model=model: model(x, training=False))

        peer = TorchUNet(len(space), 3, filters, depth, norm)
        layout = torch.channels_last if len(space) == 2 else torch.channels_last_3d
        peer = peer.to(memory_format=layout)
        optimizer = torch.optim.AdamW(peer.parameters(), 1e-3)
        x = torch.from_numpy(np.moveaxis(images, -1, 1).copy()).to(memory_format=layout)
        y = torch.from_numpy(labels).long()
        assert peer.parameter_count() == model.count_params() - moving(model)

        def their_step(x=x, y=y, peer=peer, optimizer=optimizer):
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                loss = torch.nn.functional.cross_entropy(peer(x).float(), y)
            loss.backward()
            optimizer.step()
            return float(loss)

        def their_inference(x=x, peer=peer):
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
                return peer.eval()(x).softmax(1)

        name = f"U-Net {label}"
        rows.append(compare(f"{name}, step", lambda s=step: float(s()), "torch bf16", their_step))
        rows.append(
            compare(
                f"{name}, inference", lambda i=infer: i().numpy(), "torch bf16", their_inference
            )
        )
    return rows


def moving(model) -> int:
    """Moving statistics, which PyTorch does not count as parameters."""
    return sum(int(np.prod(weight.shape)) for weight in model.non_trainable_weights)


def surface_rows() -> list[dict]:
    """Surface distances of two ellipsoids in 128 x 128 x 128 voxels, against MONAI."""
    import torch
    from monai.metrics import compute_hausdorff_distance, compute_surface_dice

    from keras_mia.metrics import scores

    grid = np.indices((128, 128, 128)) - 64
    truth = sum((axis / r) ** 2 for axis, r in zip(grid, (30, 26, 28), strict=True)) < 1
    guess = sum((axis / r) ** 2 for axis, r in zip(grid - 3, (28, 28, 27), strict=True)) < 1
    spacing = (1.0, 1.0, 1.5)
    pair = [
        torch.from_numpy(np.stack([~mask, mask])[None].astype(np.float32))
        for mask in (guess, truth)
    ]

    def theirs():
        compute_hausdorff_distance(*pair, percentile=95, spacing=spacing)
        compute_surface_dice(*pair, class_thresholds=[1.0], spacing=spacing)

    def ours():
        scores(truth.astype(np.uint8), guess.astype(np.uint8), 2, spacing_mm=spacing)

    return [compare("HD95 and surface Dice, 128 x 128 x 128", ours, "MONAI", theirs)]


def augmentation_rows() -> list[dict]:
    """Affine, elastic, gamma and noise of a 96 x 96 x 96 volume with label, against TorchIO."""
    import tensorflow as tf
    import torch
    import torchio

    from keras_mia.data.augment import augmenter
    from keras_mia.data.augmentation import NEVER, Augmentation, Chance

    side = (96, 96, 96)
    always = Augmentation.none().__class__(
        rotation_deg=Chance(-15, 15, 1.0),
        scale=Chance(0.9, 1.1, 1.0),
        elastic=Chance(0.1, 0.3, 1.0),
        gamma=Chance(0.8, 1.25, 1.0),
        noise=Chance(0.1, 0.2, 1.0),
        **dict.fromkeys(("bias", "brightness", "contrast", "blur", "resolution"), NEVER),
    )
    image = np.random.default_rng(0).normal(size=(1, *side, 1)).astype(np.float32)
    label = (image[..., 0] > 1).astype(np.uint8)
    change = tf.function(augmenter(always, side))
    key = tf.Variable([[0, 0]])

    def ours():
        key.assign_add([[0, 1]])
        change(key, tf.constant(image), tf.constant(label))

    subject = torchio.Subject(
        image=torchio.ScalarImage(tensor=torch.from_numpy(image[..., 0])),
        label=torchio.LabelMap(tensor=torch.from_numpy(label)),
    )
    transform = torchio.Compose(
        [
            torchio.RandomAffine(scales=0.1, degrees=15),
            torchio.RandomElasticDeformation(),
            torchio.RandomGamma(),
            torchio.RandomNoise(std=(0.1, 0.2)),
        ]
    )
    name = "affine, elastic, gamma, noise, 96 x 96 x 96"
    return [compare(name, ours, "TorchIO", lambda: transform(subject))]


def main() -> None:
    rows = [*unet_rows(), *surface_rows(), *augmentation_rows()]
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
