"""Penalties on a critic's gradients, and their gradients, through every layer."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from keras_mia import layers
from keras_mia.layers.fused import UNROLLED
from keras_mia.losses.slope_penalties import gradient_penalty, r1

tf = pytest.importorskip("tensorflow")

from keras_mia.layers.convolutions import weight_gradients  # noqa: E402
from tests.layers.critics import NORMS, OTHER_NORMS, ROWS, SPACES, pair  # noqa: E402

EVERYWHERE = [
    pytest.param(row, axes, id=f"{row.name}-{axes}D", marks=[] if axes == 2 else [pytest.mark.slow])
    for row in ROWS
    for axes in row.axes
]
norms = pytest.mark.parametrize("row", [*NORMS, *OTHER_NORMS], ids=lambda row: row.name)


@pytest.fixture(autouse=True)
def products_of_any_map(monkeypatch):
    monkeypatch.setattr(weight_gradients, "pays", lambda *_: True)


def images(batch, axes):
    """Real ones, fake ones, and how far between the two the penalty is taken."""
    random = np.random.default_rng(0)
    real, fake = (random.normal(size=(batch, *SPACES[axes], 2)) for _ in range(2))
    return [tf.constant(x, "float32") for x in (real, fake, random.uniform(size=batch))]


def both(critic, real, fake, shares):
    """The two penalties, `(batch,)` each."""

    def logits(x):
        return critic(x, training=True)

    return gradient_penalty(logits, real, fake, shares), r1(logits, real)


def penalties(critic, batch, axes, *, fixed_batch=True, **options):
    """Both penalties, and the gradients of each by every weight and by the real images."""
    given = images(batch, axes)
    signature = [
        tf.TensorSpec((batch if fixed_batch else None, *x.shape[1:]), x.dtype) for x in given
    ]

    @tf.function(input_signature=signature, **options)
    def run(real, fake, shares):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(real)
            values = both(critic, real, fake, shares)
        sources = [*(weight.value for weight in critic.trainable_variables), real]
        gradients = [tape.gradient(penalty, sources) for penalty in values]
        assert all(gradient is not None for some in gradients for gradient in some)
        return [*values, *gradients[0], *gradients[1]]

    return [np.asarray(result, "float64") for result in run(*given)]


def difference(some, others):
    """The largest one of any value or gradient, as a share of its largest entry."""
    return max(np.abs(a - b).max() / np.abs(b).max() for a, b in zip(some, others, strict=True))


@pytest.mark.parametrize(("row", "axes"), EVERYWHERE)
def test_penalties_and_their_gradients_are_right(row, axes):
    assert difference(*(penalties(critic, 3, axes) for critic in pair(row, axes))) < 1e-4


@pytest.mark.slow
@norms
def test_in_batches_of_unknown_size(row):
    ours, other = pair(row, 2)
    assert difference(penalties(ours, 3, 2, fixed_batch=False), penalties(other, 3, 2)) < 1e-4


@pytest.mark.slow
@norms
def test_in_batches_that_are_not_unrolled(row):
    ours, other = (penalties(critic, UNROLLED + 2, 2) for critic in pair(row, 2))
    assert difference(ours, other) < 1e-4


@pytest.mark.slow
@norms
def test_under_xla(row):
    ours, other = pair(row, 2)
    assert difference(penalties(ours, 3, 2, jit_compile=True), penalties(other, 3, 2)) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize(("row", "axes"), EVERYWHERE)
def test_in_bfloat16_they_are_as_near_to_float32_as_those_of_keras(row, axes):
    def joined(critic):
        return np.concatenate([values.ravel() for values in penalties(critic, 3, axes)])

    exact = joined(pair(row, axes)[1])
    ours, other = (
        np.linalg.norm(joined(critic) - exact) / np.linalg.norm(exact)
        for critic in pair(row, axes, "mixed_bfloat16")
    )
    assert ours < 0.02 + 1.5 * other


@pytest.mark.parametrize("row", NORMS, ids=lambda row: row.name)
def test_formulas_of_norms_are_right_by_finite_differences(row):
    critic = pair(row, 1, "float64")[1]
    real = tf.cast(images(3, 1)[0], "float64")

    def squared_slope():
        with tf.GradientTape() as tape:
            tape.watch(real)
            total = tf.reduce_sum(critic(real, training=True))
        return tf.reduce_sum(tape.gradient(total, real) ** 2)

    with tf.GradientTape() as tape:
        value = squared_slope()
    gradients = tape.gradient(value, [weight.value for weight in critic.trainable_weights])
    for weight, gradient in zip(critic.trainable_weights, gradients, strict=True):
        step = 1e-5 * np.random.default_rng(0).normal(size=weight.shape)
        start, ends = weight.numpy(), []
        for sign in (1, -1):
            weight.assign(start + sign * step)
            ends.append(squared_slope())
        weight.assign(start)
        np.testing.assert_allclose(np.sum(gradient * 2 * step), ends[0] - ends[1], rtol=1e-5)


@pytest.mark.slow
def test_synchronized_batch_norm_on_two_devices():
    program = Path(__file__).with_name("penalty_on_two_devices.py")
    surroundings = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    run = subprocess.run(
        [sys.executable, str(program)], env=surroundings, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr[-4000:]
    assert float(run.stdout.splitlines()[-1]) < 1e-4


def test_every_public_layer_has_a_row():
    kinds = {type(row.ours()) for row in ROWS}
    missing = {name for name in layers.__all__ if getattr(layers, name) not in kinds}
    assert not missing, f"rows in tests/layers/critics.py for {sorted(missing)}"
