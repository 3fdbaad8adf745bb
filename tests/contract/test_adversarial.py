"""What every GAN promises; games have a suite of their own."""

import functools
import inspect
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from keras_mia.training import Loop, trainable_state  # noqa: E402
from keras_mia.training.runs.network_file import load_network, save_network  # noqa: E402
from tests.contract import adversarial_devices  # noqa: E402
from tests.contract.adversarial import ALL, GANS  # noqa: E402

gans = pytest.mark.parametrize("gan", ALL, ids=lambda gan: gan.name)
samplers = pytest.mark.parametrize("gan", GANS, ids=lambda gan: gan.name)
BY_NAME = {gan.name: gan for gan in ALL}
RANKS = [
    pytest.param(gan, space, id=f"{gan.name}-{len(space)}D") for gan in ALL for space in gan.spaces
]


def graph(model) -> str:
    """Everything that a saved model would say of itself, and the shapes of its weights."""
    config = model.get_config() | {"seed": None}
    return json.dumps(config, default=str) + str([tuple(one.shape) for one in model.weights])


def batches(data, size):
    """As `Loop` takes them: batch number `start` first."""

    def dataset(start, worker, workers):
        rows = tf.data.Dataset.from_tensor_slices(data).repeat().batch(size, drop_remainder=True)
        return rows.skip(start)

    return dataset


def trained(gan, data=None, **compiling):
    keras.utils.set_random_seed(1)
    model = gan.make()
    model.compile(**{**gan.compiling, **compiling})
    data = gan.batch(8) if data is None else data
    model.fit(*data, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return model


@functools.cache
def plainly_trained(name: str):
    """One that several tests look at, and that none changes: four moves, as compiled by default."""
    gan = BY_NAME[name]
    return trained(gan, data=gan.batch(16))


def learnt(model) -> list[np.ndarray]:
    """The trained weights of each player, one after the other."""
    players = (model.generator, model.discriminator)
    return [np.concatenate([np.ravel(one) for one in net.trainable_weights]) for net in players]


def assert_same_state(one, other):
    for first, second in zip(trainable_state(one), trainable_state(other), strict=True):
        np.testing.assert_array_equal(np.array(first), np.array(second))


@pytest.fixture
def policy():
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(("gan", "space"), RANKS)
def test_samples_are_of_its_shape_and_reach_and_it_trains(gan, space):
    model = gan.make(space, channels=2)
    samples = gan.made(model, 3, space, 2)
    assert samples.shape == (3, *space, 2)
    assert samples.dtype == np.float32
    assert gan not in GANS or np.abs(samples).max() <= 1
    model.compile(**gan.compiling)
    model.fit(*gan.batch(4, space, 2), batch_size=4, verbose=0)
    losses = [float(metric.result()) for metric in model.metrics]
    assert np.isfinite([*losses, *(np.sum(one) for one in model.get_weights())]).all()
    assert int(np.array(model.moves)) == 1
    assert not np.array_equal(gan.made(model, 3, space, 2), samples)


@gans
def test_every_option_changes_the_graph(gan):
    parameters = inspect.signature(gan.build).parameters.values()
    options = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    assert sorted(options) == sorted(gan.toggles)
    plain = graph(gan.make())
    assert graph(gan.make()) == plain
    for option, settings in gan.toggles.items():
        others = {name: value for name, value in settings.items() if name != option}
        without = graph(gan.make(**others)) if others else plain
        assert without != graph(gan.make(**settings)), option


@gans
def test_an_unknown_option_is_refused(gan):
    with pytest.raises(TypeError, match="unheard_of"):
        gan.make(unheard_of=1)


@gans
def test_mixed_precision_gives_float32(gan, policy):
    policy("mixed_bfloat16")
    keras.utils.set_random_seed(1)
    model = gan.make()
    samples = gan.made(model, 2)
    assert samples.dtype == np.float32
    assert "bfloat16" in {layer.compute_dtype for layer in model.generator.layers}
    assert {str(one.dtype) for one in model.weights} <= {"float32", "int32"}
    policy("float32")
    exact = gan.make()
    exact.averaged_generator.set_weights(model.averaged_generator.get_weights())
    np.testing.assert_allclose(samples, gan.made(exact, 2), atol=0.05)


def learnt_in(kind, gan, **options):
    """The model after three steps in a precision, and by how much its trained weights changed."""
    keras.config.set_dtype_policy(kind)
    keras.utils.set_random_seed(1)
    model = gan.make()
    before = learnt(model)
    players = [keras.optimizers.SGD(0.05) for _ in range(2)]
    if kind == "mixed_float16":  # at the scale where it begins by itself, moves are skipped
        players = [keras.optimizers.LossScaleOptimizer(one, 2.0**10) for one in players]
    settings = {"r1": 1.0, "gradient_penalty": 1.0, "discriminator_steps": 2}
    model.compile(*players, **{**gan.compiling, **settings, **options})
    model.fit(*gan.batch(8), batch_size=8, epochs=3, shuffle=False, verbose=0)
    return model, [after - start for after, start in zip(learnt(model), before, strict=True)]


@functools.cache
def learnt_in_float32(name: str) -> list[np.ndarray]:
    """What both half precisions are compared with; eager, which takes a fifth of the time."""
    return learnt_in("float32", BY_NAME[name], run_eagerly=True)[1]


@pytest.mark.slow
@gans
@pytest.mark.parametrize("kind", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.usefixtures("policy")
def test_in_mixed_precision_it_learns_what_it_does_in_float32(gan, kind):
    half = kind.removeprefix("mixed_")
    changes = learnt_in_float32(gan.name)
    model, changes_in_half = learnt_in(kind, gan)
    assert half in {layer.compute_dtype for layer in model.generator.layers}
    assert {str(one.dtype) for one in model.generator.trainable_variables} == {"float32"}
    assert np.isfinite([float(one.result()) for one in model.metrics]).all()
    for exact, rounded in zip(changes, changes_in_half, strict=True):
        # Where leaky units bend, rounding gives a slope another value.
        assert np.linalg.norm(rounded - exact) < gan.rounding * np.linalg.norm(exact)


@gans
def test_losses_are_scaled_where_gradients_are_float16_and_there_alone(gan, policy):
    for kind in ("float32", "mixed_bfloat16", "mixed_float16"):
        policy(kind)
        model = gan.make()
        model.compile(keras.optimizers.SGD(), **gan.compiling)
        for one in (model.generator_optimizer, model.discriminator_optimizer):
            scaled = isinstance(one, keras.optimizers.LossScaleOptimizer)
            assert scaled == (kind == "mixed_float16")


@samplers
@pytest.mark.parametrize("size", [30, None, 1, 0, 6])
def test_a_size_that_cannot_be_made_names_some_that_can(gan, size):
    if gan.name == "mlp_gan" and size:
        assert gan.make((size, size)).sample(1).shape == (1, size, size, 1)
        return
    options = {"depth": 2} if gan.name != "mlp_gan" else {}
    with pytest.raises(ValueError) as error:
        gan.make((16, size), **options)
    if size:
        *_, sizes, _ = str(error.value).replace(" (with", ", as of (with").split("as of ")
        for one in sizes.removesuffix(", ").split(" or "):
            space = tuple(int(side) for side in one.split(" x "))
            assert gan.make(space, **options).generator.output_shape[1:-1] == space
    else:
        assert "leaves it open" in str(error.value)


@pytest.mark.slow
@gans
def test_it_is_saved_and_loaded_whole_and_learns_on_as_if_it_had_not_been(gan, tmp_path):
    model = trained(
        gan,
        loss="hinge",
        r1=0.1,
        gradient_penalty=2.0,
        discriminator_steps=2,
        generator_optimizer=keras.optimizers.RMSprop(1e-3),
        discriminator_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.0),
        steps_per_execution=2,
    )
    model.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert type(loaded) is type(model)
    assert loaded.get_compile_config() == model.get_compile_config()
    settings = [
        {name: one.get_config()[name] for name in ("name", "average", "seed")}
        for one in (model, loaded)
    ]
    assert settings[0] == settings[1]
    for network in ("generator", "discriminator", "averaged_generator"):
        assert getattr(loaded, network).to_json() == getattr(model, network).to_json()
    assert_same_state(model, loaded)
    for one in (model, loaded):
        one.fit(*gan.batch(8), batch_size=8, epochs=2, shuffle=False, verbose=0)
    assert int(np.array(loaded.moves)) == 4
    assert_same_state(model, loaded)


@gans
def test_one_that_is_not_compiled_is_saved_too(gan, tmp_path):
    model = gan.make(average=0.0)
    model.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert loaded.averaged_generator is loaded.generator
    np.testing.assert_array_equal(*(gan.made(one, 2) for one in (model, loaded)))


@gans
def test_its_generator_is_deployed_without_the_class(gan, tmp_path):
    model = plainly_trained(gan.name)
    save_network(model.deployable(), tmp_path / "best.keras")
    network = load_network(tmp_path / "best.keras")
    assert type(network) is keras.Model or type(network).__module__.startswith("keras.")
    for one, other in zip(network.weights, model.deployable().weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_a_new_process_loads_each(tmp_path):
    for gan in ALL:
        model, folder = plainly_trained(gan.name), tmp_path / gan.name
        folder.mkdir()
        model.save(folder / "gan.keras")
        np.save(folder / "samples.npy", gan.made(model, 2))
        made = f"gan.sample(2{', classes=[0, 1]' if gan.is_conditional else ''})"
        if gan not in GANS:
            np.save(folder / "sources.npy", gan.batch(2)[0])
            made = "gan.predict(np.load('sources.npy'), verbose=0)"
        (folder / "load.py").write_text(
            "import keras, numpy as np\n"
            f"gan = keras.models.load_model('gan.keras')\nsamples = {made}\n"
            "assert (samples == np.load('samples.npy')).all()\n"
            "assert gan.compiled and int(np.array(gan.moves)) == 4\n"
        )
    # A fork of a process that has imported the package is a new one without another import.
    code = (
        "import os, runpy, sys, keras, keras_mia\n"
        "for name in sys.argv[1:]:\n"
        "    if not os.fork():\n"
        "        os.chdir(name), runpy.run_path('load.py'), sys.exit()\n"
        "    assert not os.wait()[1], name\n"
    )
    paths = os.pathsep.join([os.getcwd(), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", code, *BY_NAME],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]


@gans
def test_the_loop_takes_the_steps_of_keras_fit(gan):
    data = gan.batch(16)
    keras.utils.set_random_seed(1)
    model = gan.make()
    model.compile(**gan.compiling)
    loop = Loop(model, batches(data, 8), 8)
    for _ in range(4):
        logs = loop.step()
    assert set(logs) == {"discriminator_loss", "generator_loss"}
    assert_same_state(model, plainly_trained(gan.name))


@pytest.mark.slow
def test_two_devices_take_the_steps_of_one():
    results = adversarial_devices.differences()
    assert {gan.name for gan in ALL} <= set(results["rows"])
    assert min(row["change"] for row in results["rows"].values()) > 1e-3
    differences = {name: row["difference"] for name, row in results["rows"].items()}
    assert {name: value for name, value in differences.items() if not value < 1e-5} == {}
    (alone,), replicas = results["latents"]["one"], results["latents"]["two"]
    assert replicas[0] + replicas[1] == alone
    assert len(np.unique(alone)) == np.size(alone)
