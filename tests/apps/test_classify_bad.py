"""What cannot be learnt from ends in three lines that say what, where and how to correct it."""

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv
from keras_mia.data.io.image_io import write_image
from keras_mia.training import memory


def picture(path, seed, space=(12, 12)):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_image(path, np.random.default_rng(seed).integers(0, 255, space).astype(np.uint8))


@pytest.fixture
def tree(tmp_path):
    """A folder a class: ten images each of "ill" and "well"."""
    folder = tmp_path / "tree"
    for i in range(20):
        picture(folder / ("ill" if i % 2 else "well") / f"{i:02}.png", i)
    return folder


@pytest.fixture
def refused(app, tmp_path):
    """Calls an app that has to refuse; gives what it said and the three lines."""

    def call(folder, *more, name="classify"):
        done = app(name, "--data", folder, "--output", tmp_path / "run", "--steps", 2, *more)
        assert done.code == 2, done.out
        assert "Traceback" not in done.err
        what, where, remedy = done.err.strip().splitlines()[-3:]
        assert where.startswith("  where:  ")
        assert remedy.startswith("  remedy: ")
        return what, where, remedy

    return call


def test_a_part_of_the_split_without_a_class(refused, tmp_path):
    for part, names in (("train", ("ill", "well")), ("test", ("ill",))):
        for name in names:
            picture(tmp_path / "set" / part / name / f"{part}.png", 1)
    what, where, remedy = refused(tmp_path / "set")
    assert "the test part has none of well" in what
    assert str(tmp_path / "set" / "test" / "well") in where
    assert "Move some there" in remedy


def test_an_empty_class_folder(refused, tree):
    (tree / "unclear").mkdir()
    what, where, remedy = refused(tree)
    assert "unclear holds none" in what
    assert str(tree / "unclear") in where
    assert "take it away" in remedy


@pytest.mark.parametrize("part", ["validation", "test"])
def test_a_class_of_a_table_that_training_does_not_have(refused, tree, part):
    files = sorted(tree.rglob("*.png"))
    parts = ["train"] * 12 + ["validation"] * 4 + ["test"] * 4
    rows = [
        {"image": file.relative_to(tree).as_posix(), "label": str(i % 2), "split": split}
        for i, (file, split) in enumerate(zip(files, parts, strict=True))
    ]
    odd = parts.index(part)
    rows[odd]["label"] = "7"
    write_csv(tree / "cases.csv", rows)
    what, where, remedy = refused(tree / "cases.csv")
    assert what.endswith("The target '7' is none of those in training: 0, 1.")
    assert files[odd].stem in where
    assert "Correct it" in remedy


def test_images_of_several_channel_counts(refused, tree):
    np.save(tree / "ill" / "spectrum.npy", np.random.default_rng(5).uniform(0, 9, (12, 12, 2)))
    what, where, remedy = refused(tree)
    assert "The image has 2 channels, the plan is for 1" in what
    assert "spectrum" in where
    assert "kind that was trained on" in remedy


def test_a_corrupt_jpeg_among_many(refused, tree):
    broken = tree / "ill" / "broken.jpg"
    picture(broken, 5)
    broken.write_bytes(broken.read_bytes()[:300])
    what, where, remedy = refused(tree)
    assert "an image in .jpg was expected" in what
    assert str(broken) in where
    assert "Replace it by a whole copy" in remedy


@pytest.mark.parametrize("network", ["vgg", "densenet", "alexnet"])
def test_images_too_small_for_the_network(refused, tree, network):
    what, where, remedy = refused(tree, "--network", network, "--size", 3)
    assert "A side of 3 is too short: it has to be at least" in what
    assert network in where
    assert "--size" in remedy


@pytest.mark.parametrize(("network", "least"), [("MobileNetV2", 32), ("Xception", 71)])
def test_images_too_small_for_a_network_of_photographs(refused, tree, network, least):
    more = ("--network", network, "--weights", "none", "--size", 16)
    what, where, remedy = refused(tree, *more, name="finetune")
    assert "16 x 16" in what
    assert network in where
    assert f"--size {least}" in remedy


def volumes(folder, side):
    for i in range(12):
        path = folder / ("ill" if i % 2 else "well") / f"{i:02}.nii.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        voxels = np.random.default_rng(i).integers(0, 255, (side,) * 3)
        write_image(path, voxels.astype(np.uint8), np.eye(4))
    return folder


def test_volumes_for_a_network_that_cannot_be_inflated(refused, tmp_path):
    more = ("--network", "MobileNetV2", "--option", "alpha=0.35", "--weights", "none")
    what, where, remedy = refused(
        volumes(tmp_path / "set", 12), *more, "--size", 32, name="finetune"
    )
    assert "DepthwiseConv2D has no twin for volumes" in what
    assert "depthwise" in where
    assert "Take VGG, ResNet, DenseNet, Inception" in remedy


def test_weights_of_another_network_or_with_other_classes(refused, tree, tmp_path):
    import keras

    def saved(name, classes):
        inputs = keras.Input((32, 32, 3))
        x = keras.layers.Flatten()(keras.layers.Conv2D(4, 3, name="conv")(inputs))
        keras.Model(inputs, keras.layers.Dense(classes, name="head")(x)).save(tmp_path / name)
        return tmp_path / name

    more = ("--option", "alpha=0.35", "--size", 32, "--weights", saved("other.keras", 7))
    what, where, remedy = refused(tree, *more, name="finetune")
    assert "needs" in what
    assert "other.keras" in where
    assert "same network" in remedy


def test_too_little_memory(refused, tree, monkeypatch):
    monkeypatch.setattr(memory, "memory_bytes", lambda: 1.0 * 2**30)
    network = ("--network", "resnet", "--option", "depth=18", "--option", "filters=32")
    what, where, remedy = refused(tree, *network, "--size", 256)
    assert "Training would take about" in what
    assert "size 256 x 256" in where
    assert "Take --batch-size" in remedy
    assert not {"--patch", "--filters"} & set(remedy.split())


def test_too_little_memory_for_the_weights_of_a_pretrained_network(refused, tree, monkeypatch):
    weights = 4 * 100_000 * memory.WEIGHTS
    monkeypatch.setattr(memory, "memory_bytes", lambda: memory.PROGRAM + weights)
    network = ("--weights", "none", "--option", "alpha=0.35", "--size", 32)
    what, where, remedy = refused(tree, *network, name="finetune")
    assert "for the weights of the network alone" in what
    assert "MobileNetV2" in where
    assert "another --network" in remedy


def test_images_of_several_sizes_are_resized_and_that_is_said(app, tree, tmp_path):
    picture(tree / "ill" / "wide.png", 5, (9, 30))
    more = ("--steps", 2, "--network", "mlp", "--precision", "float32")
    done = app("classify", "--data", tree, "--output", tmp_path / "run", *more)
    assert done.code == 0, done.err
    assert "Images of 9 x 12 to 12 x 30 are resized to 12 x 12, whatever their shape." in done.out
