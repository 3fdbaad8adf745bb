"""Which networks `keras.applications` has weights of; nothing here needs TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_mia.core.problem import Problem


@dataclass(frozen=True)
class Scaling:
    """What a network's authors did with pixels from 0 to 255: `x * scale + offset`, a color."""

    scale: Sequence[float]
    offset: Sequence[float]
    bgr: bool = False

    @property
    def alike(self) -> bool:
        """Whether it is the same for all colors, but for a factor."""
        pairs = zip(self.scale, self.offset, strict=True)
        return len({round(offset / scale, 6) for scale, offset in pairs}) == 1

    def of_gray(self) -> tuple[list[float], list[float]]:
        """Scale and offset of what `gray="sum"` makes of one gray channel: the mean of the colors;
        where these are not alike a second channel, which is 1 everywhere."""
        scale, offset = sum(self.scale) / 3, sum(self.offset) / 3
        return ([scale], [offset]) if self.alike else ([scale, 0.0], [offset, 1.0])

    def for_gray(self, kernel: np.ndarray) -> np.ndarray:
        """A kernel for scaled colors, `(*size, 3, filters)`, as one for the channels of `of_gray`:
        what it gives is the same, also where zeros are laid around the image."""
        (scale, *_), (offset, *_) = self.of_gray()
        factors = np.divide(self.scale, scale)
        remaining = np.subtract(self.offset, factors * offset)
        channels = [factors] if self.alike else [factors, remaining]
        return np.stack([np.einsum("...cf,c->...f", kernel, one) for one in channels], -2)


TO_ONE = Scaling([1 / 127.5] * 3, [-1.0] * 3)
TO_ONE_BY_128 = Scaling([1 / 128] * 3, [-1.0] * 3)
# Means and standard deviations of ImageNet's red, green and blue, for values from 0 to 1.
MEANS, DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
STANDARD = Scaling(
    [1 / (255 * deviation) for deviation in DEVIATIONS],
    [-mean / deviation for mean, deviation in zip(MEANS, DEVIATIONS, strict=True)],
)
CENTERED_BGR = Scaling([1.0] * 3, [-103.939, -116.779, -123.68], bgr=True)


@dataclass(frozen=True)
class Network:
    """A function of `keras.applications`.

    Args:
        scaling: of its input.
        size: of the images that it was trained with.
        options: those of its own that `pretrained` passes on.
        least: the shortest side of an image that Keras takes.
    """

    scaling: Scaling
    size: int
    options: tuple[str, ...] = ()
    least: int = 32


NETWORKS = {
    "Xception": Network(TO_ONE, 299, least=71),
    "VGG16": Network(CENTERED_BGR, 224),
    "VGG19": Network(CENTERED_BGR, 224),
    "ResNet50": Network(CENTERED_BGR, 224),
    "ResNet101": Network(CENTERED_BGR, 224),
    "ResNet152": Network(CENTERED_BGR, 224),
    "ResNet50V2": Network(TO_ONE, 224),
    "ResNet101V2": Network(TO_ONE, 224),
    "ResNet152V2": Network(TO_ONE, 224),
    "InceptionV3": Network(TO_ONE, 299, least=75),
    "InceptionResNetV2": Network(TO_ONE, 299, least=75),
    "MobileNet": Network(TO_ONE, 224, ("alpha", "depth_multiplier")),
    "MobileNetV2": Network(TO_ONE, 224, ("alpha",)),
    "MobileNetV3Small": Network(TO_ONE, 224, ("alpha", "minimalistic")),
    "MobileNetV3Large": Network(TO_ONE, 224, ("alpha", "minimalistic")),
    "DenseNet121": Network(STANDARD, 224),
    "DenseNet169": Network(STANDARD, 224),
    "DenseNet201": Network(STANDARD, 224),
    "NASNetMobile": Network(TO_ONE, 224),
    "NASNetLarge": Network(TO_ONE, 331),
    "EfficientNetV2B0": Network(STANDARD, 224),
    "EfficientNetV2B1": Network(STANDARD, 240),
    "EfficientNetV2B2": Network(STANDARD, 260),
    "EfficientNetV2B3": Network(STANDARD, 300),
    "EfficientNetV2S": Network(TO_ONE_BY_128, 384),
    "EfficientNetV2M": Network(TO_ONE_BY_128, 480),
    "EfficientNetV2L": Network(TO_ONE_BY_128, 480),
    "ConvNeXtTiny": Network(STANDARD, 224),
    "ConvNeXtSmall": Network(STANDARD, 224),
    "ConvNeXtBase": Network(STANDARD, 224),
}


def find(name: str) -> str:
    """The network's name as `keras.applications` spells it.

    Raises:
        Problem: there is none of this name.

    Example:
        >>> find("vgg16")
        'VGG16'
    """
    spellings = {each.lower(): each for each in NETWORKS}
    if name.lower() not in spellings:
        raise Problem(
            "No pretrained network has this name.", name, f"Take one of {', '.join(NETWORKS)}."
        )
    return spellings[name.lower()]
