"""What a GAN is given that it cannot learn from is said before it trains."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mia.models import conditional, mlp_gan

IMAGES = np.random.default_rng(0).uniform(-1, 1, (10, 4, 4, 1)).astype("float32")


class Batches(keras.utils.PyDataset):
    def __init__(self, images):
        super().__init__()
        self.images = images

    def __len__(self):
        return 2

    def __getitem__(self, number):
        return (self.images[5 * number : 5 * number + 5],)


SOURCES = {
    "array": lambda images: images,
    "tensor": tf.constant,
    "dataset": lambda images: tf.data.Dataset.from_tensor_slices(images).batch(5),
    "pairs": lambda images: tf.data.Dataset.from_tensor_slices((images,)).batch(5),
    "PyDataset": Batches,
}


@pytest.fixture(scope="module")
def gan():
    model = mlp_gan((4, 4, 1), units=(8,))
    model.compile()
    return model


@pytest.fixture(scope="module")
def classed():
    model = conditional((8, 8, 1), 3, filters=2)
    model.compile()
    return model


def with_nan(images):
    images = images.copy()
    images[3, 0] = np.nan
    return images


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda images: images * 4, r"reach from -[34].* to [34].*from -1 to 1: scale"),
        (with_nan, "not finite"),
        (lambda images: images[..., 0], r"shape \(4, 4\), the generator makes \(4, 4, 1\)"),
    ],
    ids=["range", "nan", "shape"],
)
def test_examples_out_of_reach(gan, source, change, message):
    with pytest.raises(ValueError, match=message):
        gan.fit(SOURCES[source](change(IMAGES)), verbose=0)
    assert int(np.array(gan.moves)) == 0


@pytest.mark.parametrize("dtype", ["uint8", "float64", "bool"])
def test_other_types_of_numbers_are_taken(dtype):
    gan = mlp_gan((4, 4, 1), units=(8,), activation="sigmoid")
    gan.compile(run_eagerly=True)
    gan.fit((IMAGES > 0).astype(dtype), batch_size=4, verbose=0)  # the last batch is of 2
    assert int(np.array(gan.moves)) == 3
    with pytest.raises(ValueError, match="reach from 0 to 255"):
        gan.fit((255 * (IMAGES > 0)).astype("uint8"), verbose=0)


def test_classes_are_for_those_that_take_them(gan, classed):
    images, classes = np.zeros((6, 8, 8, 1), "float32"), np.arange(6) % 3
    with pytest.raises(ValueError, match="takes no classes"):
        gan.fit(IMAGES, np.zeros(10), verbose=0)
    with pytest.raises(ValueError, match="Classes are given to a GAN that takes none"):
        gan.train_on_batch(IMAGES, np.zeros(10))
    with pytest.raises(ValueError, match="needs the class"):
        classed.fit(images, verbose=0)
    with pytest.raises(ValueError, match="needs the class"):
        classed.train_on_batch(images)
    wrong = {
        "from 1 to 3": classes + 1,
        "from -1 to 1": classes - 1,
        "whole numbers": classes + 0.5,
        "one an example": np.eye(3)[classes],
        "not <U1": np.array(list("abcabc")),
    }
    for message, given in wrong.items():
        with pytest.raises(ValueError, match=message):
            classed.fit(images, given, verbose=0)
    with pytest.raises(ValueError, match="from 0 to 2"):
        classed.sample(2, classes=[0, 3])
    classed.fit(images, classes[:, None], verbose=0)


def test_weights_and_validation_mean_nothing(gan, classed):
    with pytest.raises(ValueError, match="no weights"):
        gan.fit(IMAGES, sample_weight=np.ones(10), verbose=0)
    with pytest.raises(ValueError, match="no weights"):
        classed.fit(np.zeros((3, 8, 8, 1)), np.arange(3), class_weight={0: 2, 1: 1, 2: 1})
    with pytest.raises(ValueError, match="no loss of validation"):
        gan.evaluate(IMAGES, verbose=0)


@pytest.mark.parametrize(("batch_size", "parts"), [(4, 3), (4, 4), (None, 3)])
def test_batches_divide_by_the_moves_of_a_step(batch_size, parts):
    gan = mlp_gan((4, 4, 1), units=(8,))
    gan.compile(discriminator_steps=parts)
    with pytest.raises(ValueError, match=f"discriminator_steps={parts} divides"):
        gan.fit(IMAGES, batch_size=batch_size, verbose=0)


def test_so_do_those_of_a_dataset():
    gan = mlp_gan((4, 4, 1), units=(8,))
    gan.compile(discriminator_steps=4)
    batches = tf.data.Dataset.from_tensor_slices(IMAGES).batch(4)
    with pytest.raises(tf.errors.InvalidArgumentError, match="has to divide"):
        gan.fit(batches, shuffle=False, verbose=0)
    assert all(np.isfinite(one).all() for one in gan.get_weights())
    with pytest.raises(ValueError, match="has to divide"):
        gan.train_on_batch(IMAGES)


def test_what_cannot_be_compiled_is_refused():
    gan, optimizer = mlp_gan((4, 4, 1), units=(8,)), keras.optimizers.Adam()
    with pytest.raises(ValueError, match="compile"):
        gan.fit(IMAGES, verbose=0)
    with pytest.raises(TypeError, match="Each player has an optimizer"):
        gan.compile(optimizer="adam")
    with pytest.raises(TypeError, match="metrics"):
        gan.compile(metrics=["mae"])
    with pytest.raises(ValueError, match="optimizer of its own"):
        gan.compile(optimizer, optimizer)
    for wrong in ({"discriminator_steps": 0}, {"gradient_penalty": -1}, {"r1": -1}):
        with pytest.raises(ValueError, match="or more"):
            gan.compile(**wrong)
    for average in (1, -0.1):
        with pytest.raises(ValueError, match="average is a share"):
            mlp_gan((4, 4, 1), average=average)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [{"run_eagerly": True}, {"steps_per_execution": 2}, {"discriminator_loss_scale": 64}]
)
def test_how_it_is_executed_changes_nothing(options):
    weights = []
    scale = options.pop("discriminator_loss_scale", None)
    for chosen in ({}, options):
        keras.utils.set_random_seed(0)
        gan = mlp_gan((4, 4, 1), units=(8,), average=0)
        factor = None if chosen is not options else scale
        gan.compile("adam", keras.optimizers.Adam(1e-3, loss_scale_factor=factor), **chosen)
        gan.fit(IMAGES, batch_size=5, shuffle=False, verbose=0)
        weights.append(gan.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-7)
