"""Networks of `keras.applications`, and their input as each takes it."""

import keras

from keras_mia.layers.channels import TakeChannels
from keras_mia.models.imagenet.table import Scaling

# These scale their input themselves unless told not to; here all do it in the same way.
SCALE_THEMSELVES = ("MobileNetV3", "EfficientNetV2", "ConvNeXt")


def without_top(name: str, **options) -> keras.Model:
    """The network up to its last feature maps, for pixels that are scaled already."""
    if name.startswith(SCALE_THEMSELVES):
        options |= {"include_preprocessing": False}
    return getattr(keras.applications, name)(include_top=False, **options)


def scaled(x, scaling: Scaling, gray: str):
    """Pixels from 0 to 255 as the network takes them; one gray channel as `gray` says."""
    scale, offset = list(scaling.scale), list(scaling.offset)
    # Values of 0 to 255 that are no whole numbers would be cut to 8 bits by bfloat16.
    if x.shape[-1] == 1 and gray == "repeat":
        x = TakeChannels((0, 0, 0), dtype="float32", name="gray_to_rgb")(x)
    elif x.shape[-1] == 1:
        scale, offset = scaling.of_gray()
        if len(scale) > 1:
            x = TakeChannels((0,) * len(scale), dtype="float32", name="gray_and_one")(x)
    elif scaling.bgr:
        x = TakeChannels((2, 1, 0), dtype="float32", name="rgb_to_bgr")(x)
    return keras.layers.Rescaling(scale, offset, dtype="float32", name="scale")(x)
