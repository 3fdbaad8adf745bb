"""Both objectives of the generator, looked at without a change to the networks."""

import numpy as np
import pytest
import tensorflow as tf

from keras_mia.models import dcgan
from keras_mia.tasks.generation.callbacks.objectives import gradients_of_objectives


@pytest.mark.parametrize("norm", ["batch", None])
def test_a_sure_discriminator_leaves_the_first_objective_no_gradient(norm):
    gan = dcgan((8, 8, 1), filters=2, latent=3, norm=None, discriminator_norm=norm)
    head = gan.discriminator.get_layer("logit")
    kernel, bias = head.get_weights()
    before = [np.array(one) for one in gan.weights]
    noise = tf.random.stateless_normal((4, 3), [0, 1])
    head.set_weights([kernel, bias - 20])
    probability, norms = gradients_of_objectives(gan, noise)
    assert probability < 1e-6
    assert norms["minimax"] < 1e-5 * norms["non_saturating"]
    head.set_weights([kernel, bias])
    for one, array in zip(gan.weights, before, strict=True):
        np.testing.assert_array_equal(np.array(one), array)
