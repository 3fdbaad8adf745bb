"""GoogLeNet, Inception, Inception-ResNet and Xception against their papers."""

import keras
import numpy as np
import pytest

from keras_mia.models import googlenet, inception, inception_resnet, without_auxiliary, xception
from keras_mia.models.classification.inceptions.inception import TABLES
from keras_mia.models.describe import without_memory

pytestmark = pytest.mark.slow

TINY = {"width": 1 / 16, "repeats": (1, 1, 1)}


def lengths(model, *layers):
    return [model.get_layer(name).output.shape[1] for name in layers]


def channels(model, *layers):
    return [model.get_layer(name).output.shape[-1] for name in layers]


def test_googlenet_has_the_maps_of_table_1():
    with without_memory():
        model = googlenet((224, 224, 3), 1000)
    modules = [f"grid_{i}_module_{j}" for i, n in enumerate((2, 5, 2), 1) for j in range(1, n + 1)]
    assert lengths(model, *modules) == [28] * 2 + [14] * 5 + [7] * 2
    assert channels(model, *modules) == [256, 480, 512, 512, 512, 528, 832, 832, 1024]


def test_naive_modules_keep_the_pooled_maps():
    model = googlenet((32, 32, 1), 2, module="naive", **TINY)
    assert channels(model, "stem_5_max", "grid_1_module_1") == [12, 12 + 4 + 8 + 2]


def test_auxiliary_classifiers_train_and_are_taken_off():
    options = {"width": 1 / 16, "repeats": (1, 4, 1), "auxiliary": True, "dropout": 0.0}
    model = googlenet((65, 70, 1), 3, **options)
    assert model.output_names == ["head", "auxiliary_1", "auxiliary_2"]
    alone = without_auxiliary(model)
    assert alone.count_params() < model.count_params()
    losses = [keras.losses.SparseCategoricalCrossentropy()] * 3
    model.compile("sgd", losses, loss_weights=[1, 0.3, 0.3], run_eagerly=True)
    x = np.random.default_rng(0).normal(size=(4, 65, 70, 1)).astype("float32")
    heads = ("head", "auxiliary_1", "auxiliary_2")
    before = [np.array(model.get_layer(name).kernel) for name in heads]
    y = np.array([0, 1, 2, 0])
    model.train_on_batch(x, [y] * 3)
    for name, kernel in zip(heads, before, strict=True):
        assert np.abs(model.get_layer(name).kernel - kernel).max() > 0
    outputs = model(x)
    assert [output.shape for output in outputs] == [(4, 3)] * 3
    np.testing.assert_array_equal(alone(x), outputs[0])
    assert not [layer.name for layer in alone.layers if "auxiliary" in layer.name]


@pytest.mark.parametrize("build", [inception, inception_resnet])
@pytest.mark.parametrize("space", [(75,), (75, 75)])
def test_the_smallest_image_leaves_one_voxel(build, space):
    model = build((*space, 1), 2, **TINY)
    assert model.get_layer("mean").input.shape[1:-1] == (1,) * len(space)
    short = (*(length - 1 for length in space), 1)
    with pytest.raises(ValueError, match='at least 75, or take padding="same"'):
        build(short, 2, **TINY)


@pytest.mark.parametrize("version", [3, 4])
def test_inception_has_the_grids_of_the_papers(version):
    model = inception((299, 299, 3), 2, version=version, **TINY)
    grids = [f"grid_{i}_module_1" for i in (1, 2, 3)]
    assert lengths(model, *grids) == [35, 17, 8]


def test_kernels_are_factored_along_each_axis():
    model = inception((16, 16, 16, 1), 2, padding="same", **TINY)
    kernels = [
        model.get_layer(f"grid_2_module_1_branch_2_2_axis_{axis}_conv").kernel_size
        for axis in (2, 1, 0)
    ]
    assert kernels == [(1, 1, 7), (1, 7, 1), (7, 1, 1)]
    split = [
        model.get_layer(f"grid_3_module_1_branch_2_2_axis_{axis}_conv").kernel_size
        for axis in (0, 1, 2)
    ]
    assert split == [(3, 1, 1), (1, 3, 1), (1, 1, 3)]


def test_more_modules_than_the_table_has_repeat_its_last():
    stages = TABLES[3].stages((1, 5, 1))
    assert stages["grid_2_module_5"] == stages["grid_2_module_4"] != stages["grid_2_module_3"]
    assert list(TABLES[4].stages(None)).count("grid_2_module_7") == 1


def test_inception_resnet_adds_a_share_of_the_residual():
    model = inception_resnet((32, 32, 1), 2, padding="same", width=1 / 16, repeats=(1, 1, 2))
    x, y = (np.random.default_rng(i).normal(size=(1, 4, 4, 20)).astype("float32") for i in (0, 1))
    scale, add = (model.get_layer(f"grid_1_module_1_{part}") for part in ("scale", "add"))
    np.testing.assert_allclose(add([x, scale(y)]), x + 0.17 * y, rtol=1e-5)
    names = {layer.name for layer in model.layers}
    assert {"grid_3_module_1_relu", "grid_3_module_1_scale"} <= names
    assert not {"grid_3_module_2_relu", "grid_3_module_2_scale"} & names


def test_xception_has_the_sides_of_figure_5():
    with without_memory():
        model = xception((299, 299, 3), 2, repeats=1)
    assert lengths(model, "entry_3_add", "middle_1_add", "exit_add", "end_2_relu") == [
        19,
        19,
        10,
        10,
    ]
    assert channels(model, "entry_3_add", "exit_add", "end_2_relu") == [728, 1024, 2048]


@pytest.mark.parametrize("build", [googlenet, inception, inception_resnet, xception])
def test_sides_that_are_not_known_before(build):
    options = {"width": 1 / 16} | ({} if build is xception else {"repeats": (1, 1, 1)})
    model = build((None, None, 1), 2, **options)
    assert model(np.zeros((1, 75, 80, 1), "float32")).shape == (1, 2)


@pytest.mark.parametrize(
    ("build", "shape", "options", "message"),
    [
        (googlenet, (32, 32, 1), {"module": "wide"}, "module is one of"),
        (googlenet, (32, 32, 1), {"norm": "layer"}, "norm is one of"),
        (googlenet, (32, 32, 1), {"width": 0}, "width is above 0"),
        (googlenet, (32, 32, 1), {"repeats": (1, 1)}, "three numbers"),
        (googlenet, (64, 80, 1), {"auxiliary": True}, "at least 65, or auxiliary=False"),
        (googlenet, (None, 80, 1), {"auxiliary": True}, "every side"),
        (googlenet, (80, 80, 1), {"auxiliary": True, "repeats": (1, 3, 1)}, "4 or more"),
        (inception, (80, 80, 1), {"version": 2}, "version is one of"),
        (inception, (80, 80, 1), {"padding": "full"}, "padding is one of"),
        (inception, (80, 80, 1), {"repeats": (1, 0, 1)}, "at least 1 each"),
        (inception_resnet, (80, 80, 1), {"version": 3}, "version is one of"),
        (xception, (6, 32, 1), {}, "at least 7"),
        (xception, (32, 32, 1), {"repeats": -1}, "repeats is at least 0"),
    ],
)
def test_errors_say_what_to_do(build, shape, options, message):
    with pytest.raises(ValueError, match=message):
        build(shape, 2, **options)
