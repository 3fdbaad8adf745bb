"""How many weights classifiers have, against their papers and other programs."""

import math

import pytest

from keras_mia.models import (
    alexnet,
    all_convolutional,
    densenet,
    dilated,
    lenet,
    mlp,
    resnet,
    vgg,
)
from keras_mia.models.describe import without_memory

RGB = (224, 224, 3)
WIDE = {"filters": 16, "preactivation": True, "stem": "plain"}
slow = pytest.mark.slow


def weights(build, *arguments, **options):
    """All of them, and those that are learned."""
    with without_memory():
        model = build(*arguments, **options)
    learned = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    return model.count_params(), learned


@pytest.mark.parametrize(
    ("variant", "number"),
    [
        # Simonyan and Zisserman's table 2, in millions: 133, 133, 134, 138, 144.
        ("A", 132_863_336),
        ("A-LRN", 132_863_336),
        ("B", 133_047_848),
        ("C", 133_638_952),
        # keras.applications.VGG16 and VGG19.
        ("D", 138_357_544),
        ("E", 143_667_240),
    ],
)
def test_vgg(variant, number):
    assert weights(vgg, RGB, 1000, variant=variant)[0] == number


def test_alexnet():
    """Of one part and of two, as counted in the literature after the paper's figure 2."""
    assert weights(alexnet, (227, 227, 3), 1000)[0] == 62_378_344
    assert weights(alexnet, (227, 227, 3), 1000, groups=2)[0] == 60_965_224


def test_lenet():
    assert weights(lenet, (32, 32, 1), 10)[0] == 61_706
    # The lecture's table: 608, 3,216, 400 * 120, 120 * 84 and 84 * 10, and here a bias a unit.
    dense = (400 * 120 + 120) + (120 * 84 + 84) + (84 * 10 + 10)
    assert weights(lenet, (32, 32, 3), 10, variant="lecture")[0] == 608 + 3216 + dense


def test_the_lectures_table_has_these_shapes():
    with without_memory():
        model = lenet((32, 32, 3), 10, variant="lecture")
    shapes = [layer.output.shape[1:] for layer in model.layers]
    table = [(32, 32, 3), (28, 28, 8), (14, 14, 8), (10, 10, 16), (5, 5, 16), (120,), (84,), (10,)]
    kept = list(dict.fromkeys(shape for shape in shapes if shape != (400,)))
    assert kept == table


@pytest.mark.parametrize(
    ("depth", "number"),
    [
        # torchvision 0.20: resnet18, 34, 50, 101, 152.
        (18, 11_689_512),
        pytest.param(34, 21_797_672, marks=slow),
        (50, 25_557_032),
        pytest.param(101, 44_549_160, marks=slow),
        pytest.param(152, 60_192_808, marks=slow),
    ],
)
def test_resnet(depth, number):
    assert weights(resnet, RGB, 1000, depth=depth)[1] == number


@slow
def test_wide_resnet():
    # torchvision's wide_resnet50_2; the WRN-28-10 of Zagoruyko and Komodakis has 36.5 million.
    assert weights(resnet, RGB, 1000, width=2)[1] == 68_883_240
    assert weights(resnet, (32, 32, 3), 10, depth=(4, 4, 4), width=10, **WIDE)[1] == 36_479_194


@pytest.mark.parametrize(
    ("depth", "number"),
    [
        # keras.applications.DenseNet121, 169, 201.
        pytest.param(121, 8_062_504, marks=slow),
        pytest.param(169, 14_307_880, marks=slow),
        pytest.param(201, 20_242_984, marks=slow),
    ],
)
def test_densenet(depth, number):
    assert weights(densenet, RGB, 1000, depth=depth)[0] == number


@slow
def test_densenet_for_small_images():
    """Huang et al.'s table 2: 0.8 million for 100 layers and a growth rate of 12."""
    options = {"depth": (16, 16, 16), "growth_rate": 12, "stem": "plain"}
    assert weights(densenet, (32, 32, 3), 10, **options)[1] == 769_162


@pytest.mark.parametrize(
    ("variant", "millions"),
    # Springenberg et al.'s table 3, "All-CNN"; A and B are said to have 1.28 and 1.35.
    [("A", 1.25), ("B", 1.30), ("C", 1.37)],
)
def test_all_convolutional(variant, millions):
    number, _ = weights(all_convolutional, (32, 32, 3), 10, variant=variant)
    assert round(number / 1e6, 2) == millions


def test_dilated():
    """Seven layers of 3 x 3, none of which costs more for being dilated."""
    layers = (9 * 1 * 8 + 8) + 6 * (9 * 8 * 8 + 8)
    assert weights(dilated, (64, 64, 1), 2, filters=8, norm=None)[0] == layers + 8 * 2 + 2


def test_residual_mlps_add_no_weights():
    shapes = {"units": (16, 16, 8)}
    deep = [mlp((4, 4, 1), 2, residual=residual, **shapes) for residual in (False, True)]
    assert deep[0].count_params() == deep[1].count_params()
    added = [layer.name for layer in deep[1].layers if layer.name.endswith("add")]
    assert added == ["hidden_2_add"]
    with pytest.raises(ValueError, match="one width"):
        mlp((4, 4, 1), 2, units=(16, 8), residual=True)


def test_mlp():
    assert weights(mlp, (28, 28, 1), 10)[0] == 784 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10
