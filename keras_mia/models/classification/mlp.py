"""Multilayer perceptron: every value of the image meets every unit.

Rumelhart et al. (1986), Learning Representations by Back-propagating Errors, doi:10.1038/323533a0.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers.nd import space_and_channels
from keras_mia.models.classification.blocks import dense, dense_head
from keras_mia.models.classification.input_checks import check_sizes


def mlp(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    units: Sequence[int] = (512, 256),
    nonlinearity: str = "relu",
    dropout: float = 0.0,
    residual: bool = False,
    activation: str | None = "softmax",
    name: str = "mlp",
) -> keras.Model:
    """Dense layers over the flattened image: what a convolutional network is measured against.

    It knows nothing of neighbours: shuffle the voxels of all images alike, and it learns the same.
    The first layer has a weight for each voxel, channel and unit: 25.7 million for 224 x 224 pixels
    in one channel and 512 units.

    Args:
        input_shape: `(*space, channels)`, every side a number.
        classes: values of the output; 1 goes with `activation="sigmoid"`.
        units: of the hidden layers, one number a layer; none: logistic regression.
        nonlinearity: after each hidden layer: "relu", "tanh", "sigmoid", or another of Keras'.
        dropout: share of each hidden layer's values that is dropped in training.
        residual: whether a hidden layer adds what it takes to what it gives, where both are as
            wide (He et al. 2016, arXiv:1512.03385).
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is None, or no two neighbouring layers are as wide and `residual` is set.

    Source: Rumelhart et al. (1986), doi:10.1038/323533a0.

    Departs from the paper: rectified units for its sigmoids, which `nonlinearity="sigmoid"` brings
    back.

    Example:
        >>> mlp((28, 28, 1), classes=10).count_params()
        535818
    """
    input_shape = space_and_channels(input_shape)
    check_sizes(input_shape[:-1], 1, flattened=True)
    inputs = keras.Input(input_shape, name="image")
    x = keras.layers.Flatten(name="flat")(inputs)
    shortcuts = [
        residual and width == before for before, width in zip((0, *units), units, strict=False)
    ]
    if residual and not any(shortcuts):
        raise ValueError(f"residual needs neighbouring hidden layers of one width, not {units}")
    for number, (width, shortcut) in enumerate(zip(units, shortcuts, strict=True), start=1):
        taken = x
        x = dense(x, width, f"hidden_{number}_{{}}", nonlinearity=nonlinearity, dropout=dropout)
        if shortcut:
            x = keras.layers.Add(name=f"hidden_{number}_add")([taken, x])
    return keras.Model(inputs, dense_head(x, classes, activation), name=name)
