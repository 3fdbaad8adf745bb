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
    return _without(model, _pairs(model), share=False)


def folded_where_frozen(model: keras.Model) -> keras.Model:
    """A network to train in place of `model`: what does not learn is folded, all else is shared.

    Training it trains `model`, whose frozen layers take less time this way.

    Args:
        model: functional, its layers' `trainable` set. It is not changed.

    Returns:
        The folded network, not compiled; `model` itself where nothing frozen can be folded.
    """
    pairs = {
        name: conv
        for name, conv in _pairs(model).items()
        if not conv.trainable and not model.get_layer(name).trainable
    }
    return _without(model, pairs, share=True)


def _without(model: keras.Model, pairs: dict[str, keras.Layer], *, share: bool) -> keras.Model:
    """The network without the normalizations that `pairs` names, each beside its convolution; the
    other layers are copied, or the model's own."""
    if not pairs:
        return model
    convs = {conv.name for conv in pairs.values()}

    def copied(layer):
        if share and layer.name not in convs:
            return layer
        config = layer.get_config()
        if layer.name in convs:
            config["use_bias"] = True
        return type(layer).from_config(config)

    def called(layer, inputs, *more, **options):
        return inputs if layer.name in pairs else layer(inputs, *more, **options)

    twin = keras.models.clone_model(model, clone_function=copied, call_function=called)
    for layer in () if share else model.layers:
        if layer.name not in pairs and layer.name not in convs:
            twin.get_layer(layer.name).set_weights(layer.get_weights())
    for name, conv in pairs.items():
        twin.get_layer(conv.name).set_weights(_together(conv, model.get_layer(name)))
    return twin


def _pairs(model: keras.Model) -> dict[str, keras.Layer]:
    """Name of a normalization -> the convolution that it can be folded into."""
    own = {id(node) for nodes in model._nodes_by_depth.values() for node in nodes}

    def only(nodes):
        inside = [node for node in nodes if id(node) in own]
        return inside[0] if len(inside) == 1 else None

    def before(norm):
        node = only(norm._inbound_nodes)
        if not isinstance(norm, keras.layers.BatchNormalization) or node is None:
            return None
        x = node.input_tensors[0]
        conv = x._keras_history.operation
        alone = only(conv._inbound_nodes) and only(conv._outbound_nodes)
        linear = getattr(conv, "activation", None) is keras.activations.linear
        last = norm.axis in (-1, len(x.shape) - 1)
        return conv if isinstance(conv, CONVOLUTIONS) and alone and linear and last else None

    return {norm.name: conv for norm in model.layers if (conv := before(norm))}


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
