"""A discriminator that looks at patches: a logit for each place of an image.

Isola et al. (2017), Image-to-Image Translation with Conditional Adversarial Networks,
arXiv:1611.07004, section 3.2.2.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers.nd import conv
from keras_mia.models.generation.blocks import narrow, nonlinear, normalized


def patch_discriminator(
    image_shape: Sequence[int | None],
    source_channels: int = 0,
    *,
    filters: int = 64,
    depth: int = 3,
    norm: str | None = "instance",
    name: str = "patch_discriminator",
) -> keras.Model:
    """Strided convolutions from an image, beside its source if it has one, to a map of logits.

    With a depth of 3 each logit sees 70 voxels an axis: whether details are real, not whether the
    whole is right, which a loss to a target has to see to.

    Args:
        image_shape: `(*space, channels)` of what is looked at; sides may be None.
        source_channels: of the images that these were made of, which it is shown, too; 0: it is
            not.
        filters: of the first layer; each halving has twice as many, up to eight times.
        depth: how often sides are halved.
        norm: "batch", "instance", "group" or None; the first layer has none.
        name: the model's.

    Returns:
        A network from images, or from `[images, sources]`, to float32 logits
        `(batch, *space / 2^depth, 1)`.

    Source: Isola et al. (2017), arXiv:1611.07004, the 70 x 70 PatchGAN.

    Departs from the paper: instance for batch normalization, which is the same where a batch has
    one image, and sides that stay as long as they are where nothing is halved.

    Example:
        >>> patch_discriminator((64, 64, 1), 1, filters=8).output_shape
        (None, 8, 8, 1)
    """
    *space, channels = image_shape
    image = keras.Input((*space, channels), name="image")
    inputs, x = [image], image
    if source_channels:
        inputs.append(keras.Input((*space, source_channels), name="source"))
        x = keras.layers.Concatenate(name="beside_source")(inputs)
    for level in range(depth):
        kind, width = norm if level else None, filters * 2 ** min(level, 3)
        x = narrow(x, width, 4, kind, name=f"level_{level}")
    width = filters * 2 ** min(depth, 3)
    x = conv(x, width, 4, use_bias=norm is None, name="last_conv")
    x = nonlinear(normalized(x, norm, name="last_norm"), "leaky_relu", name="last_leaky_relu")
    logits = conv(x, 1, 4, dtype="float32", name="logits")
    return keras.Model(inputs if source_channels else image, logits, name=name)
