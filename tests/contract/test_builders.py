"""What every builder promises."""

import inspect
import re

import keras
import numpy as np
import pytest

from tests.contract.builders import BUILDERS

builders = pytest.mark.parametrize(
    "builder",
    [pytest.param(builder, id=builder.name, marks=builder.marks()) for builder in BUILDERS],
)
RANKS = [
    pytest.param(builder, space, id=f"{builder.name}-{len(space)}D", marks=builder.marks(space))
    for builder in BUILDERS
    for space in builder.spaces
]


def images(model, batch=2):
    shape = (batch, *model.input_shape[1:])
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def labels(model, batch=2):
    *shape, classes = model.output_shape[1:]
    return np.random.default_rng(1).integers(0, classes, (batch, *shape))


def graph(model) -> str:
    """Everything that a saved model would say of itself, and the shapes of its weights."""
    return model.to_json() + str([tuple(weight.shape) for weight in model.weights])


@pytest.fixture
def mixed_bfloat16():
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(("builder", "space"), RANKS)
def test_probabilities_of_each_voxel_or_image(builder, space):
    model = builder.make(space, channels=2, classes=3)
    y = model(images(model))
    assert y.shape == (2, *(space if builder.per_voxel else ()), 3)
    assert y.dtype == "float32"
    np.testing.assert_allclose(np.sum(y, -1), 1, rtol=1e-5)


@builders
def test_every_option_changes_the_graph(builder):
    parameters = inspect.signature(builder.build).parameters.values()
    options = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    assert sorted(options) == sorted(builder.toggles)
    plain = graph(builder.make())
    for option, settings in builder.toggles.items():
        others = {name: value for name, value in settings.items() if name != option}
        without = graph(builder.make(**others)) if others else plain
        assert without != graph(builder.make(**settings)), option


@builders
def test_builds_the_same_again(builder):
    assert graph(builder.make()) == graph(builder.make())


@builders
def test_an_unknown_option_is_refused(builder):
    with pytest.raises(TypeError, match="unheard_of"):
        builder.make(unheard_of=1)


@builders
def test_every_layer_is_named_by_its_place(builder):
    model = builder.make()
    paths = [weight.path for weight in model.weights]
    assert len(set(paths)) == len(paths)
    given_by_keras = [
        layer.name
        for layer in model.layers
        if re.sub(r"_\d+$", "", layer.name).replace("_", "") == type(layer).__name__.lower()
    ]
    assert not given_by_keras


@pytest.mark.parametrize(("builder", "space"), RANKS)
def test_one_step_lowers_the_loss(builder, space):
    keras.utils.set_random_seed(0)
    model = builder.make(space)
    model.compile(
        keras.optimizers.SGD(0.05),
        "sparse_categorical_crossentropy",
        jit_compile=False,
        run_eagerly=builder.large,
    )
    x, y = images(model), labels(model)
    first = model.train_on_batch(x, y)
    assert model.train_on_batch(x, y) < first


@builders
def test_saves_and_loads_bit_equal(builder, tmp_path):
    model = builder.make()
    x = images(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(x), model(x))
    assert graph(loaded) == graph(model)


@builders
def test_mixed_precision_gives_float32(builder, mixed_bfloat16):
    keras.utils.set_random_seed(1)
    model = builder.make()
    y = model(images(model))
    assert y.dtype == "float32"
    assert "bfloat16" in {layer.compute_dtype for layer in model.layers}
    keras.config.set_dtype_policy("float32")
    exact = builder.make()
    exact.set_weights(model.get_weights())
    np.testing.assert_allclose(y, exact(images(exact)), atol=0.05)


@pytest.mark.slow
@builders
def test_two_devices_equal_one(builder, device_differences):
    assert device_differences[f"builder {builder.name}"] < 1e-5


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.name)
def test_a_softmax_of_one_channel_is_refused(builder):
    with pytest.raises(ValueError, match="sigmoid"):
        builder.make(classes=1)
    assert builder.make(classes=1, activation="sigmoid").output_shape[-1] == 1
