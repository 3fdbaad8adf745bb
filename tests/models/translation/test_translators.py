"""What translators make small, what their discriminators are shown, and what is refused."""

import keras
import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from keras_mia.losses import CrossEntropy  # noqa: E402
from keras_mia.models import (  # noqa: E402
    LabelTranslator,
    Translator,
    cyclegan,
    patch_discriminator,
    pix2pix,
    refiner,
    resnet_generator,
    unet,
)
from keras_mia.models.translation.image_pool import ImagePool  # noqa: E402

TINY = {"filters": 2, "discriminator_filters": 2, "discriminator_depth": 1}


def images(count=4, seed=0, channels=1):
    values = np.random.default_rng(seed).uniform(-1, 1, (count, 8, 8, channels))
    return values.astype("float32")


def absolute(a, b):
    return np.abs(np.array(a) - np.array(b)).mean((1, 2, 3))


def test_pairs_are_near_to_the_target_and_refined_images_to_the_source():
    sources, targets, fakes = images(), images(seed=1), images(seed=2)
    pairs, others = pix2pix((8, 8, 1), depth=1, **TINY), refiner((8, 8, 1), blocks=1, **TINY)
    for gan, near in ((pairs, targets), (others, sources)):
        gan.compile(weight=3.0)
        loss = gan.further_loss(tf.constant(fakes), tf.constant(targets), tf.constant(sources))
        np.testing.assert_allclose(loss, 3 * absolute(near, fakes).mean(), rtol=1e-5)


@pytest.mark.parametrize("distance", ["mean_squared_error", keras.losses.MeanSquaredError()])
def test_any_loss_of_keras_measures_the_distance(distance):
    gan = pix2pix((8, 8, 1), depth=1, **TINY)
    gan.compile(distance=distance, weight=2.0)
    loss = gan.further_loss(tf.constant(images()), tf.constant(images(seed=1)), None)
    squares = (images() - images(seed=1)) ** 2
    np.testing.assert_allclose(loss, 2 * squares.mean(), rtol=1e-5)


def test_a_circle_is_what_comes_back_and_what_is_left_as_it_is():
    gan = cyclegan((8, 8, 1), blocks=1, depth=1, average=0.0, **TINY)
    gan.compile(weight=4.0, identity=0.25)
    a, b = images(), images(seed=1)
    to_b, to_a = (gan.generator.get_layer(name) for name in ("a_to_b", "b_to_a"))
    real, condition = gan.unpacked((tf.constant(a), tf.constant(b)))
    fakes = gan.fakes(None, condition, 0)
    np.testing.assert_allclose(fakes[..., :1], to_b(a, training=True), atol=1e-6)
    np.testing.assert_allclose(fakes[..., 1:], to_a(b, training=True), atol=1e-6)
    there_and_back = absolute(to_a(to_b(a)), a) + absolute(to_b(to_a(b)), b)
    as_it_is = absolute(to_b(b), b) + absolute(to_a(a), a)
    wanted = 4 * (there_and_back + 0.25 * as_it_is).mean() / 2
    np.testing.assert_allclose(gan.further_loss(fakes, real, condition), wanted, rtol=1e-4)
    logits = gan.discriminate(real)
    for number, (kind, own) in enumerate((("b", b), ("a", a))):
        alone = gan.discriminator.get_layer(f"discriminator_{kind}")(own)
        np.testing.assert_allclose(logits[..., number : number + 1], alone, atol=1e-5)
    np.testing.assert_array_equal(gan(a), to_b(a))


def test_the_discriminator_of_pairs_is_shown_the_source():
    pairs, others = pix2pix((8, 8, 1), depth=1, **TINY), refiner((8, 8, 1), blocks=1, **TINY)
    for gan, differs in ((pairs, True), (others, False)):
        given, sources = tf.constant(images()), [tf.constant(images(seed=n)) for n in (1, 2)]
        first, second = (gan.discriminate(given, source) for source in sources)
        assert np.array_equal(first, second) != differs


def test_a_pool_keeps_what_it_is_given_until_it_is_full_and_then_exchanges_some():
    pool = ImagePool(4)
    first, second = (tf.constant(images(2, seed=n)) for n in (0, 1))
    for number, given in enumerate((first, second)):
        np.testing.assert_array_equal(pool(given, seed=(0, number)), given)
    np.testing.assert_array_equal(pool.images, tf.concat([first, second], 0))
    known = [one.tobytes() for one in np.array(pool.images)]
    exchanged = 0
    for number in range(200):
        given = images(2, seed=10 + number)
        shown = np.array(pool(tf.constant(given), seed=(0, 2 + number)))
        for one, new in zip(shown, given, strict=True):
            kept = one.tobytes() in known
            assert kept or np.array_equal(one, new)
            exchanged += kept
            if kept:  # it is given for the new one, which takes its place
                known[known.index(one.tobytes())] = new.tobytes()
        assert sorted(known) == sorted(one.tobytes() for one in np.array(pool.images))
    assert 150 < exchanged < 250


def test_a_pool_smaller_than_a_batch_is_refused():
    gan = refiner((8, 8, 1), blocks=1, pool=2, **TINY)
    gan.compile()
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError), match="smaller than a batch"):
        gan.fit(images(), images(), batch_size=4, verbose=0)


def test_discriminators_are_shown_what_the_pool_gives():
    gan = refiner((8, 8, 1), blocks=1, pool=4, **TINY)
    gan.compile()
    gan.fit(images(), images(seed=1), batch_size=4, epochs=3, verbose=0)
    assert int(np.array(gan.pool.count)) == 4
    assert np.abs(np.array(gan.pool.images)).max() > 0


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (images(channels=2), images(), "Sources have the shape"),
        (images(), images()[:, :4], "Targets have the shape"),
        (images(), None, "sources and targets"),
    ],
)
def test_images_that_do_not_fit_are_refused(x, y, message):
    gan = pix2pix((8, 8, 1), depth=1, **TINY)
    gan.compile()
    with pytest.raises(ValueError, match=message):
        gan.fit(x, y, batch_size=4, verbose=0)


def test_what_means_nothing_is_refused():
    gan = pix2pix((8, 8, 1), depth=1, **TINY)
    with pytest.raises(ValueError, match="beside the sources of others"):
        Translator(gan.generator, gan.discriminator, pool=4)
    with pytest.raises(ValueError, match="weight is 0 or more"):
        gan.compile(weight=-1.0)
    with pytest.raises(ValueError, match="identity is 0 or more"):
        cyclegan((8, 8, 1), blocks=1, depth=1, **TINY).compile(identity=-1.0)
    with pytest.raises(ValueError, match="images of images"):
        gan.sample(1)
    with pytest.raises(ValueError, match="holds one image or more"):
        ImagePool(0)
    with pytest.raises(ValueError, match="one size"):
        Translator(gan.generator, patch_discriminator((8, 8, 1)), pool=3).pool.build(
            (None, None, 8, 1)
        )


def test_a_logit_sees_70_voxels_an_axis():
    discriminator = patch_discriminator((128, 128, 1), filters=2, norm=None)
    x = tf.Variable(np.random.default_rng(0).normal(size=(1, 128, 128, 1)), dtype="float32")
    with tf.GradientTape() as tape:
        logit = discriminator(x)[0, 8, 8, 0]
    seen = np.abs(tape.gradient(logit, x)[0, ..., 0]) > 0
    rows = np.flatnonzero(seen.any(1))
    assert rows[-1] - rows[0] + 1 == 70


def test_a_generator_of_changes_begins_with_the_image():
    network = resnet_generator((8, 8, 1), filters=2, blocks=1, change=True)
    np.testing.assert_array_equal(network(images()), images())


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [((10, 8, 1), {}, "Sides divide by 4"), ((8, 8, 1), {"channels": 2, "change": True}, "has as")],
)
def test_a_generator_that_cannot_be_made_is_refused(shape, options, message):
    with pytest.raises(ValueError, match=message):
        resnet_generator(shape, filters=2, **options)


def label_translator():
    keras.utils.set_random_seed(0)
    generator = unet((8, 8, 1), 3, filters=2, depth=1)
    return LabelTranslator(generator, patch_discriminator((8, 8, 3), 1, filters=2, depth=1))


def labels(count=4):
    """Classes, but in the first rows, which are not known."""
    values = np.random.default_rng(0).integers(0, 3, (count, 8, 8))
    values[:, :2] = 255
    return values.astype("uint8")


def test_label_maps_are_scored_by_their_loss_where_they_are_known():
    gan = label_translator()
    gan.compile(weight=2.0, distance=CrossEntropy(ignore_label=255))
    real, condition = gan.unpacked((tf.constant(images()), tf.constant(labels())))
    made = gan.generator(images())
    known = made.numpy()[:, 2:].reshape(-1, 3)
    right = np.take_along_axis(known, labels()[:, 2:].reshape(-1, 1).astype(int), 1)
    loss = gan.further_loss(made, real, condition)
    np.testing.assert_allclose(loss, -2 * np.log(right).mean(), rtol=1e-4)


def test_of_what_is_not_known_the_discriminator_sees_nothing():
    gan = label_translator()
    real, condition = gan.unpacked((tf.constant(images()), tf.constant(labels())))
    logits = gan.discriminate(real, condition)
    other = np.array(real)
    other[:, :2] = 0.3
    np.testing.assert_array_equal(gan.discriminate(tf.constant(other), condition), logits)
    other[:, 5] = 0.3
    assert not np.array_equal(gan.discriminate(tf.constant(other), condition), logits)


@pytest.mark.parametrize("settings", [{}, {"r1": 1.0, "gradient_penalty": 1.0}])
def test_a_segmenter_learns_and_is_saved(tmp_path, settings):
    gan = label_translator()
    gan.compile(distance=CrossEntropy(ignore_label=255), **settings)
    before = gan.get_weights()
    gan.fit(images(), labels(), batch_size=4, epochs=2, verbose=0)
    pairs = zip(before, gan.get_weights(), strict=True)
    assert any(not np.array_equal(one, other) for one, other in pairs)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert loaded.get_compile_config() == gan.get_compile_config()
    for one in (gan, loaded):
        one.fit(images(), labels(), batch_size=4, verbose=0)
    np.testing.assert_array_equal(*(one.predict(images(), verbose=0) for one in (gan, loaded)))


def test_label_maps_of_another_size_are_refused():
    gan = label_translator()
    gan.compile()
    with pytest.raises(ValueError, match="Label maps have the shape"):
        gan.fit(images(), labels()[:, :4], verbose=0)
