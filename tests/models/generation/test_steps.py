"""Steps of `Adversarial` beside a plain loop that is written out here."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.losses.adversarial import GAMES
from keras_mia.models import conditional, dcgan, mlp_gan
from keras_mia.models.generation.latents import BLOCK, latents
from keras_mia.models.generation.sampling import CHUNK

SPACE, CLASSES, BATCH, RATES, AVERAGE = (8, 8), 3, 4, (0.05, 0.03), 0.1
NETWORKS = {
    "mlp_gan": lambda: mlp_gan((*SPACE, 1), units=(8, 6), average=AVERAGE),
    "dcgan": lambda: dcgan(
        (*SPACE, 1), filters=2, depth=2, norm=None, discriminator_norm=None, average=AVERAGE
    ),
    **{
        condition: lambda condition=condition: conditional(
            (*SPACE, 1),
            CLASSES,
            filters=2,
            depth=2,
            condition=condition,
            norm=None,
            discriminator_norm=None,
            average=AVERAGE,
        )
        for condition in ("projection", "embedding")
    },
}
FORMULAS = {  # of the discriminator, of r(eal) and f(ake), and of the generator
    "minimax": (
        lambda r, f: -tf.math.log_sigmoid(r) - tf.math.log_sigmoid(-f),
        lambda f: tf.math.log_sigmoid(-f),
    ),
    "non_saturating": (
        lambda r, f: -tf.math.log_sigmoid(r) - tf.math.log_sigmoid(-f),
        lambda f: -tf.math.log_sigmoid(f),
    ),
    "least_squares": (lambda r, f: ((r - 1) ** 2 + f**2) / 2, lambda f: (f - 1) ** 2 / 2),
    "hinge": (lambda r, f: tf.nn.relu(1 - r) + tf.nn.relu(1 + f), lambda f: -f),
    "wasserstein": (lambda r, f: f - r, lambda f: -f),
}
BOTH = {"gradient_penalty": 1.0, "r1": 1.0}
CASES = [
    *(("mlp_gan", game, 1, {}) for game in GAMES),
    *(("mlp_gan", game, moves, BOTH) for game in GAMES for moves in (1, 2)),
    *(("mlp_gan", "wasserstein", 2, {name: 10.0}) for name in BOTH),
    *((name, "non_saturating", 2, BOTH) for name in NETWORKS if name != "mlp_gan"),
]


def made(name):
    keras.utils.set_random_seed(7)
    return NETWORKS[name]()


def examples(name, count):
    random = np.random.default_rng(1)
    images = random.uniform(-1, 1, (count, *SPACE, 1)).astype("float32")
    classes = random.integers(0, CLASSES, count).astype("int32")
    return (images, classes) if name in ("projection", "embedding") else (images,)


def called(network, x, classes):
    return network(x if classes is None else [x, classes], training=True)


def slope(discriminator, x, classes):
    """The norm of the gradient of each logit, squared."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = tf.reduce_sum(called(discriminator, x, classes))
    return tf.reduce_sum(tape.gradient(logits, x) ** 2, axis=(1, 2, 3))


def descend(network, tape, loss, rate):
    variables = network.trainable_variables
    gradients = tape.gradient(loss, [one.value for one in variables])
    for variable, gradient in zip(variables, gradients, strict=True):
        variable.assign_sub(rate * tf.convert_to_tensor(gradient))  # of embeddings: rows


def plain_step(gan, number, batch, game, moves, gradient_penalty=0.0, r1=0.0):
    """One step by hand: latents of the seed, the step and the move; each move its own examples."""
    of_discriminator, of_generator = FORMULAS[game]
    size = (len(batch[0]) // moves, *gan.latent)

    def noise(move):
        seed = [gan.seed, number * (moves + 1) + move]
        return tf.random.stateless_normal(size, seed), [seed[0] + 1, seed[1]]

    for move in range(moves):
        real, classes = batch[0][move::moves], batch[1][move::moves] if len(batch) > 1 else None
        z, seed = noise(move)
        fake = called(gan.generator, z, classes)
        share = tf.random.stateless_uniform(size[:1], seed)[:, None, None, None]
        with tf.GradientTape() as tape:
            r, f = (called(gan.discriminator, x, classes)[:, 0] for x in (real, fake))
            loss = tf.reduce_mean(of_discriminator(r, f))
            between = slope(gan.discriminator, (1 - share) * real + share * fake, classes)
            loss += gradient_penalty * tf.reduce_mean((tf.sqrt(between) - 1) ** 2)
            loss += r1 / 2 * tf.reduce_mean(slope(gan.discriminator, real, classes))
        descend(gan.discriminator, tape, loss, RATES[1])
    classes = batch[1][::moves] if len(batch) > 1 else None
    z, _ = noise(moves)
    with tf.GradientTape() as tape:
        fake = called(gan.generator, z, classes)
        loss = tf.reduce_mean(of_generator(called(gan.discriminator, fake, classes)[:, 0]))
    descend(gan.generator, tape, loss, RATES[0])
    kept = min(AVERAGE, number / (number + 10))
    for average, weight in zip(gan.averaged_generator.weights, gan.generator.weights, strict=True):
        average.assign(kept * average + (1 - kept) * weight)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "game", "moves", "penalties"), CASES)
def test_steps_are_those_of_a_plain_loop(name, game, moves, penalties):
    gan, plain = made(name), made(name)
    start = gan.get_weights()
    optimizers = [keras.optimizers.SGD(rate) for rate in RATES]
    gan.compile(*optimizers, loss=game, discriminator_steps=moves, run_eagerly=True, **penalties)
    data = examples(name, 3 * BATCH)
    gan.fit(*data, batch_size=BATCH, shuffle=False, verbose=0)
    for number in range(3):
        rows = slice(number * BATCH, (number + 1) * BATCH)
        plain_step(
            plain, number, [tf.constant(part[rows]) for part in data], game, moves, **penalties
        )
    for network in ("generator", "discriminator", "averaged_generator"):
        pairs = zip(getattr(gan, network).weights, getattr(plain, network).weights, strict=True)
        for one, other in pairs:
            np.testing.assert_allclose(one, other, atol=1e-6, rtol=1e-5)
    changes = [np.abs(a - b).max() for a, b in zip(gan.get_weights(), start, strict=True)]
    assert max(changes) > 1e-3


@pytest.mark.parametrize("name", ["mlp_gan", "dcgan", "conditional"])
def test_a_move_changes_no_weight_of_the_other_player(name):
    gan = {
        "mlp_gan": lambda: mlp_gan((*SPACE, 1), units=(8,)),
        "dcgan": lambda: dcgan((*SPACE, 1), filters=2, depth=2),
        "conditional": lambda: conditional((*SPACE, 1), CLASSES, filters=2, depth=2),
    }[name]()
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
    images, *classes = examples("projection" if name == "conditional" else name, BATCH)
    classes = tf.constant(classes[0]) if classes else None

    def values(network):
        return [np.array(one) for one in network.trainable_weights]

    def changed(before, network):
        return [not np.array_equal(a, b) for a, b in zip(before, values(network), strict=True)]

    moves = {
        "generator": lambda: gan._move_generator(tf.constant(images), classes, 1),
        "discriminator": lambda: gan._move_discriminator(tf.constant(images), classes, 0),
    }
    for player, other in (("generator", "discriminator"), ("discriminator", "generator")):
        before = {one: values(getattr(gan, one)) for one in (player, other)}
        moves[player]()
        assert any(changed(before[player], getattr(gan, player)))
        assert not any(changed(before[other], getattr(gan, other)))


@pytest.mark.parametrize(
    ("penalties", "passes"), [({}, 3), ({"r1": 1.0}, 3), ({"gradient_penalty": 1.0}, 4)]
)
def test_a_step_passes_through_the_discriminator_no_more_than_it_has_to(penalties, passes):
    """With real, with fake, with what the generator made; a gradient penalty: between the two."""
    gan, sizes = made("mlp_gan"), []

    def discriminate(examples, classes=None, **options):
        sizes.append(len(examples))
        return type(gan).discriminate(gan, examples, classes, **options)

    gan.discriminate = discriminate
    gan.compile(run_eagerly=True, **penalties)
    gan.fit(*examples("mlp_gan", BATCH), batch_size=BATCH, verbose=0)
    assert sizes == [BATCH] * passes


def test_latents_are_numbered():
    first = latents(BLOCK + 10, (3,), seed=4)
    for count, start in ((1, 0), (7, 0), (1, 5), (4, BLOCK - 2), (1, BLOCK + 9), (0, 3)):
        rows = latents(count, (3,), seed=4, start=start)
        np.testing.assert_array_equal(rows, first[start : start + count])
    assert not np.isin(latents(BLOCK, (3,), seed=5), first).any()


@pytest.mark.parametrize("name", ["mlp_gan", "dcgan", "projection"])
def test_samples_are_numbered(name):
    gan = made(name)
    count = CHUNK + 6
    classes = np.arange(count) % CLASSES if name == "projection" else None

    def made_of(start, stop):
        some = None if classes is None else classes[start:stop]
        return gan.sample(stop - start, seed=2, start=start, classes=some)

    first = made_of(0, count)
    for start, stop in ((0, 1), (0, 7), (3, 4), (CHUNK - 1, CHUNK + 2), (count - 1, count)):
        np.testing.assert_array_equal(made_of(start, stop), first[start:stop])
