"""AlexNet, the network with which learned features overtook hand-made ones.

Krizhevsky et al. (2012), ImageNet Classification with Deep Convolutional Neural Networks,
https://papers.nips.cc/paper/4824.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers.local_response import LocalResponseNormalization
from keras_mia.layers.nd import pool, space_and_channels
from keras_mia.models.classification.blocks import conv_relu, dense, dense_head
from keras_mia.models.classification.input_checks import check_sizes, least_size

LEAST = least_size((11, 4), (3, 2), (3, 2), (3, 2))


def alexnet(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    filters: int = 96,
    units: int = 4096,
    groups: int = 1,
    pooling: str = "max",
    dropout: float = 0.5,
    activation: str | None = "softmax",
    name: str = "alexnet",
) -> keras.Model:
    """Five convolutions, three poolings whose windows overlap, three dense layers.

    The dense layers take the flattened maps, and most of the weights: 58.6 of 62.4 million at
    227 x 227 x 3 with 1000 classes; in 3D the first of them alone would have 226 million.

    Args:
        input_shape: `(*space, channels)`, every side a number and at least 67. The paper's are
            227 x 227 x 3 (it says 224, which its own numbers of units contradict).
        classes: values of the output; 1 goes with `activation="sigmoid"`.
        filters: feature maps of the first convolution; the others have 8/3, 4, 4 and 8/3 of them.
        units: of each of the two dense layers before the last.
        groups: parts into which the channels of the second, fourth and fifth convolution are cut;
            each part sees itself alone. 2 in the paper, a part a GPU.
        pooling: "max", "average" or "l2".
        dropout: share of the dense layers' values that is dropped in training.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is None or too short, or an option has an unknown value.

    Source: Krizhevsky et al. (2012), https://papers.nips.cc/paper/4824.

    Departs from the paper: `groups=2` brings its 60,965,224 weights; by default every convolution
    sees all channels.

    Example:
        >>> model = alexnet((128, 128, 1), classes=2, filters=24, units=64)
        >>> model.get_layer("layer_5_pool").output.shape
        (None, 2, 2, 64)
    """
    input_shape = space_and_channels(input_shape)
    check_sizes(input_shape[:-1], LEAST, flattened=True)
    middle, most = filters * 8 // 3, filters * 4

    inputs = keras.Input(input_shape, name="image")
    x = conv_relu(inputs, filters, 11, "layer_1_{}", strides=4, padding="valid")
    x = LocalResponseNormalization(name="layer_1_response")(x)
    x = pool(x, pooling, 3, strides=2, name="layer_1_pool")
    x = conv_relu(x, middle, 5, "layer_2_{}", groups=groups)
    x = LocalResponseNormalization(name="layer_2_response")(x)
    x = pool(x, pooling, 3, strides=2, name="layer_2_pool")
    x = conv_relu(x, most, 3, "layer_3_{}")
    x = conv_relu(x, most, 3, "layer_4_{}", groups=groups)
    x = conv_relu(x, middle, 3, "layer_5_{}", groups=groups)
    x = pool(x, pooling, 3, strides=2, name="layer_5_pool")
    x = keras.layers.Flatten(name="flat")(x)
    for number in (1, 2):
        x = dense(x, units, f"hidden_{number}_{{}}", dropout=dropout)
    return keras.Model(inputs, dense_head(x, classes, activation), name=name)
