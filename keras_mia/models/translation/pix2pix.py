"""Pairs of images: what belongs to a source, told from what only looks like it.

Isola et al. (2017), Image-to-Image Translation with Conditional Adversarial Networks,
arXiv:1611.07004.
"""

from collections.abc import Sequence

from keras_mia.models.segmentation.unet import unet
from keras_mia.models.translation.patch_discriminator import patch_discriminator
from keras_mia.models.translation.translator import Translator


def pix2pix(
    image_shape: Sequence[int],
    channels: int = 1,
    *,
    filters: int = 32,
    depth: int = 4,
    norm: str | None = "instance",
    dropout: float = 0.0,
    discriminator_filters: int = 64,
    discriminator_depth: int = 3,
    average: float = 0.999,
    name: str = "pix2pix",
) -> Translator:
    """A U-Net that makes an image of a source, and a discriminator that looks at patches of both.

    Args:
        image_shape: `(*space, channels)` of sources; sides divide by 2 as often as `depth` says.
        channels: of the images that are made.
        filters: of the U-Net at full size.
        depth: how often it halves the sides.
        norm: of both networks: "batch", "instance", "group" or None.
        dropout: share of feature maps that the U-Net drops at its coarsest levels in training.
        discriminator_filters: of its first layer.
        discriminator_depth: how often it halves the sides; with 3 a logit sees 70 voxels an axis.
        average: as of `Adversarial`.
        name: the model's.

    Returns:
        A `Translator`, not compiled.

    Source: Isola et al. (2017), arXiv:1611.07004.

    Departs from the paper: the U-Net is the package's, whose outputs are any numbers and whose
    dropout rests outside of training, so that the same source always gives the same image.

    Example:
        >>> pix2pix((64, 64, 2), filters=8).generator.output_shape
        (None, 64, 64, 1)
    """
    generator = unet(
        image_shape,
        channels,
        filters=filters,
        depth=depth,
        norm=norm,
        dropout=dropout,
        activation=None,
        name=f"{name}_generator",
    )
    discriminator = patch_discriminator(
        (*image_shape[:-1], channels),
        image_shape[-1],
        filters=discriminator_filters,
        depth=discriminator_depth,
        norm=norm,
        name=f"{name}_discriminator",
    )
    return Translator(generator, discriminator, average=average, name=name)
