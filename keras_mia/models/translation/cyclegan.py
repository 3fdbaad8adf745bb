"""Two kinds of images without pairs: there and back again gives the image that it began with.

Zhu et al. (2017), Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks,
arXiv:1703.10593.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers.channels import TakeChannels
from keras_mia.models.translation.cycle_translator import TO_A, TO_B, CycleTranslator
from keras_mia.models.translation.patch_discriminator import patch_discriminator
from keras_mia.models.translation.resnet_generator import resnet_generator


def cyclegan(
    image_shape: Sequence[int],
    *,
    filters: int = 32,
    blocks: int = 6,
    depth: int = 2,
    norm: str | None = "instance",
    change: bool = False,
    discriminator_filters: int = 64,
    discriminator_depth: int = 3,
    pool: int = 0,
    average: float = 0.999,
    name: str = "cyclegan",
) -> CycleTranslator:
    """Two generators, from A to B and from B to A, and a discriminator of patches for either kind.

    Args:
        image_shape: `(*space, channels)` of images of both kinds.
        filters: of the generators at full size.
        blocks: residual ones of each.
        depth: how often they halve the sides, which divide by that.
        norm: of all networks: "batch", "instance", "group" or None.
        change: whether generators make what is added to an image; they begin as the identity.
        discriminator_filters: of the first layer of each.
        discriminator_depth: how often they halve the sides.
        pool: images that were made earlier, as of `Translator`; the paper has 50.
        average: as of `Adversarial`.
        name: the model's.

    Returns:
        A `CycleTranslator`, not compiled.

    Source: Zhu et al. (2017), arXiv:1703.10593, section 7.2.

    Departs from the paper: 32 filters for 64.

    Example:
        >>> cyclegan((32, 32, 1), filters=4, blocks=1).deployable().output_shape
        (None, 32, 32, 1)
    """
    generators = [
        resnet_generator(
            image_shape,
            filters=filters,
            blocks=blocks,
            depth=depth,
            norm=norm,
            change=change,
            name=kind,
        )
        for kind in (TO_B, TO_A)
    ]
    discriminators = [
        patch_discriminator(
            image_shape,
            filters=discriminator_filters,
            depth=discriminator_depth,
            norm=norm,
            name=f"discriminator_{kind}",
        )
        for kind in "ba"
    ]
    return CycleTranslator(
        side_by_side(image_shape, generators, f"{name}_generators"),
        side_by_side(image_shape, discriminators, f"{name}_discriminators"),
        pool=pool,
        average=average,
        name=name,
    )


def side_by_side(
    image_shape: Sequence[int], networks: Sequence[keras.Model], name: str
) -> keras.Model:
    """Networks that each see an image of their own, as one whose images have the channels of all.

    Args:
        image_shape: of each image.
        networks: whose outputs are joined likewise.
        name: the model's.
    """
    *space, channels = image_shape
    images = keras.Input((*space, channels * len(networks)), name="images")
    outputs = []
    for number, network in enumerate(networks):
        numbers = range(number * channels, (number + 1) * channels)
        outputs.append(
            network(TakeChannels(numbers, dtype="float32", name=f"image_{number}")(images))
        )
    joined = keras.layers.Concatenate(dtype="float32", name="joined")(outputs)
    return keras.Model(images, joined, name=name)
