"""Two networks against each other that both know the class.

Mirza and Osindero (2014), Conditional Generative Adversarial Nets, arXiv:1411.1784.
"""

import keras

from keras_mia.models.generation.adversarial import Adversarial


@keras.saving.register_keras_serializable("keras_mia")
class ConditionalGAN(Adversarial):
    """A GAN whose players know the class: one chooses what is to be sampled.

    Trained on pairs of examples and integer classes `(n,)`; the generator takes
    `[latents, classes]`, the discriminator `[examples, classes]`. Samples of a step have the
    classes of its real examples.

    Source: Mirza and Osindero (2014), arXiv:1411.1784.

    Example:
        >>> from keras_mia.models import conditional
        >>> gan = conditional((8, 8, 1), 3, filters=4)
        >>> gan.sample(2, classes=[0, 2]).shape
        (2, 8, 8, 1)
    """

    def generate(self, latents, condition=None, *, training: bool = False):
        _check_given(condition)
        return self.generator([latents, condition], training=training)

    def discriminate(self, examples, condition=None, *, training: bool = False):
        _check_given(condition)
        return self.discriminator([examples, condition], training=training)


def _check_given(classes) -> None:
    if classes is None:
        raise ValueError("A ConditionalGAN needs the class of each example: give integers as y.")
