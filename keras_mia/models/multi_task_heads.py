"""Several outputs of one shared network.

Caruana (1997), Multitask Learning, doi:10.1023/A:1007379606734.
"""

import math
from collections.abc import Mapping

import keras

from keras_mia.layers import nd
from keras_mia.models.output_activation import output_activation


def multi_task(
    model: keras.Model,
    heads: Mapping[str, tuple[int, str | None]],
    *,
    layer: str | None = None,
    keep: str | None = None,
    dropout: float = 0.0,
    name: str | None = None,
) -> keras.Model:
    """A network whose features serve several targets of the whole image.

    Each output has a loss, a weight and metrics of its own in Keras' `compile`, by its name:
    `compile(loss={"sex": ..., "age": ...}, loss_weights={"sex": 1.0, "age": 0.5})`.

    Args:
        model: a classifier, or a network that predicts every voxel, such as `unet`.
        heads: name of an output -> how many values it has, and their activation: `(3, "softmax")`
            of three classes, `(14, "sigmoid")` of findings, `(1, None)` of a number.
        layer: name of the layer whose output all heads take, the mean over space where it has any.
            None: what the last dense layer of a classifier takes; the deepest maps of other
            networks.
        keep: the name under which the model's output stays as one of the outputs; None: it is
            left out.
        dropout: share of the features that are dropped in training.
        name: the model's name; None: that of `model`.

    Returns:
        A model from `(batch, *space, channels)` to a dictionary: the model's output where it is
        kept, and float32 `(batch, values)` a head. The weights of `model` are shared, not copied.

    Raises:
        ValueError: there is no such layer, an output is named twice, or the model has several
            outputs.

    Source: Caruana (1997), doi:10.1023/A:1007379606734 (hidden layers that several tasks share).

    Departs from the paper: heads are linear in the features. Maps that are normalized an image each
    (`norm="instance"`) have lost how strong they were, and their mean tells a head little: take
    `norm="batch"` for a U-Net.

    Example:
        >>> from keras_mia.models import unet
        >>> shared = unet((32, 32, 1), 2, filters=4, depth=2, norm="batch")
        >>> model = multi_task(shared, {"volume": (1, None)}, keep="mask")
        >>> {name: output.shape for name, output in model.output.items()}
        {'mask': (None, 32, 32, 2), 'volume': (None, 1)}
    """
    if len(model.outputs) != 1:
        raise ValueError(f"{model.name} has {len(model.outputs)} outputs, one was expected.")
    if keep in heads:
        raise ValueError(f"The output {keep!r} is named twice.")
    shared = _shared(model, layer)
    if nd.rank(shared) > 0:
        shared = nd.global_average_pool(shared, name="shared_mean")
    if dropout:
        shared = keras.layers.Dropout(dropout, name="shared_dropout")(shared)
    outputs = {} if keep is None else {keep: model.outputs[0]}
    for output_name, (values, activation) in heads.items():
        activation = output_activation(values, activation)
        options = {"activation": activation, "dtype": "float32", "name": f"head_{output_name}"}
        outputs[output_name] = keras.layers.Dense(values, **options)(shared)
    return keras.Model(model.inputs[0], outputs, name=name or model.name)


def _shared(model: keras.Model, layer: str | None):
    """The tensor that all heads take."""
    if layer is not None:
        return model.get_layer(layer).output
    if len(model.outputs[0].shape) == 2:
        dense = [one for one in model.layers if isinstance(one, keras.layers.Dense)]
        return (dense or model.layers)[-1].input
    maps = [one.output for one in model.layers if not isinstance(one.output, list | dict)]
    maps = [one for one in maps if len(one.shape) == len(model.outputs[0].shape)]
    if any(length is None for one in maps for length in one.shape[1:-1]):
        raise ValueError("Sides are not known: name the layer that the heads take.")
    # the last of the smallest ones, since a level has several
    return min(reversed(maps), key=lambda one: math.prod(one.shape[1:-1]))
