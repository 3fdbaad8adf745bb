"""Batch normalization folded into the convolutions before it: fewer passes over each tensor."""

import keras
import numpy as np

DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)
CONVOLUTIONS = (
    *(keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D, keras.layers.Dense),
    *(keras.layers.SeparableConv1D, keras.layers.SeparableConv2D),
    *DEPTHWISE,
)


def folded(model: keras.Model) -> keras.Model:
    """A network with the same outputs in inference, and no weights in common.

    A trained batch normalization is one factor and one offset a channel; a convolution whose output
    nothing else uses can take both into its kernel and bias, and TensorFlow then computes it, its
    bias and a ReLU behind it in one pass.

    Args:
        model: functional. It is not changed.

    Returns:
        The folded network; `model` itself where there is nothing to fold.

    Source: Jacob et al. (2018), arXiv:1712.05877, section 3.2.
    """
    norms = {norm.name: before for norm in model.layers if (before := _convolution(norm))}
    if not norms:
        return model
    convs = {conv.name for conv in norms.values()}

    def copied(layer):
        config = layer.get_config()
        if layer.name in convs:
            config["use_bias"] = True
        return type(layer).from_config(config)

    def called(layer, inputs, *more, **options):
        return inputs if layer.name in norms else layer(inputs, *more, **options)

    twin = keras.models.clone_model(model, clone_function=copied, call_function=called)
    for layer in model.layers:
        if layer.name not in norms and layer.name not in convs:
            twin.get_layer(layer.name).set_weights(layer.get_weights())
    for name, conv in norms.items():
        twin.get_layer(conv.name).set_weights(_together(conv, model.get_layer(name)))
    return twin


def _convolution(norm: keras.Layer) -> keras.Layer | None:
    """The convolution that a layer can be folded into."""
    if not isinstance(norm, keras.layers.BatchNormalization) or len(norm._inbound_nodes) != 1:
        return None
    (node,) = norm._inbound_nodes
    before = node.input_tensors[0]._keras_history.operation
    alone = len(before._inbound_nodes) == 1 and len(before._outbound_nodes) == 1
    linear = getattr(before, "activation", None) is keras.activations.linear
    last = norm.axis in (-1, len(node.input_tensors[0].shape) - 1)
    return before if isinstance(before, CONVOLUTIONS) and alone and linear and last else None


def _together(conv: keras.Layer, norm: keras.Layer) -> list[np.ndarray]:
    """The weights of a convolution that does what both did: those before the last kernel as they
    were, that kernel, and a bias."""
    *first, kernel = conv.get_weights()[: -1 if conv.use_bias else None]
    bias = np.asarray(conv.bias) if conv.use_bias else 0
    channels = norm.moving_mean.shape[0]
    gamma = np.ones(channels) if norm.gamma is None else np.asarray(norm.gamma)
    beta = np.zeros(channels) if norm.beta is None else np.asarray(norm.beta)
    mean, variance = np.asarray(norm.moving_mean), np.asarray(norm.moving_variance)
    factor = gamma / np.sqrt(variance + norm.epsilon)
    # A depthwise kernel's outputs are its last two axes, as one.
    spread = factor.reshape(kernel.shape[-2:]) if isinstance(conv, DEPTHWISE) else factor
    return [*first, kernel * spread, (bias - mean) * factor + beta]
