"""LeNet-5, the convolutional network that read cheques.

LeCun et al. (1998), Gradient-based Learning Applied to Document Recognition, doi:10.1109/5.726791.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers.nd import conv, pool, space_and_channels
from keras_mia.models.classification.blocks import dense, dense_head
from keras_mia.models.classification.input_checks import check_choice, check_sizes, least_size

# Feature maps of the two convolutions, and how each is pooled.
VARIANTS = {
    "paper": ((6, 16), "average"),
    "lecture": ((8, 16), "max"),
}


def lenet(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    variant: str = "paper",
    pooling: str | None = None,
    nonlinearity: str = "tanh",
    activation: str | None = "softmax",
    name: str = "lenet",
) -> keras.Model:
    """Two convolutions of size 5, each pooled by 2, then dense layers of 120 and 84 units.

    Almost all of the weights are in the first dense layer, which takes the flattened maps: 48,120
    of 61,706 for images of 32 x 32, and 5.4 million for 224 x 224.

    Args:
        input_shape: `(*space, channels)`, every side a number and at least 16. The paper's images
            have 32 x 32 pixels, its digits 20 x 20 in their middle.
        classes: values of the output; 1 goes with `activation="sigmoid"`.
        variant: "paper": 6 and 16 feature maps, pooled by their mean; "lecture": the lecture's
            table of layers: 8 and 16, pooled by their maximum.
        pooling: "max", "average" or "l2"; None: the variant's.
        nonlinearity: after each layer but the last: "tanh", "relu", or another of Keras'.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is None or below 16, or an option has an unknown value.

    Source: LeCun et al. (1998), doi:10.1109/5.726791.

    Departs from the paper: its 60,000 weights are 61,706 here. Each of its 16 later maps sees some
    of the 6 before (its table I, which saved time and broke symmetry: 900 weights fewer), its
    poolings have a weight and a bias a map (44 more), and its outputs are distances to codes that
    are fixed (850 fewer). The tanh is not scaled. The lecture's table counts one bias for each
    dense layer; here each unit has one.

    Example:
        >>> lenet((32, 32, 1), classes=10).count_params()
        61706
    """
    input_shape = space_and_channels(input_shape)
    check_choice("variant", variant, tuple(VARIANTS))
    widths, usual = VARIANTS[variant]
    check_sizes(input_shape[:-1], least_size(*[(5, 1), (2, 2)] * len(widths)), flattened=True)

    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for number, width in enumerate(widths, start=1):
        x = conv(x, width, 5, padding="valid", name=f"conv_{number}")
        x = keras.layers.Activation(nonlinearity, name=f"conv_{number}_{nonlinearity}")(x)
        x = pool(x, pooling or usual, name=f"pool_{number}")
    x = keras.layers.Flatten(name="flat")(x)
    for number, units in enumerate((120, 84), start=1):
        x = dense(x, units, f"hidden_{number}_{{}}", nonlinearity=nonlinearity)
    return keras.Model(inputs, dense_head(x, classes, activation), name=name)
