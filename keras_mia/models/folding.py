"""What stands beside a convolution folded into it: fewer passes over each tensor."""

from collections.abc import Callable

import keras
import numpy as np

DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)
CONVOLUTIONS = (
    *(keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D, keras.layers.Dense),
    *(keras.layers.SeparableConv1D, keras.layers.SeparableConv2D),
    *DEPTHWISE,
)
PADDINGS = (keras.layers.ZeroPadding1D, keras.layers.ZeroPadding2D, keras.layers.ZeroPadding3D)


def folded(model: keras.Model) -> keras.Model:
    """A network with the same outputs in inference, and no weights in common.

    A trained batch normalization is one factor and one offset a channel; a convolution whose output
    nothing else uses can take both into its kernel and bias, and TensorFlow then computes it, its
    bias and a ReLU behind it in one pass. Zeros that are laid around its input and are those of
    `padding="same"` it lays there itself.

    Args:
        model: functional. It is not changed.

    Returns:
        The folded network; `model` itself where there is nothing to fold.

    Source: Jacob et al. (2018), arXiv:1712.05877, section 3.2.
    """
    return _without(model, _normalizations(model), _paddings(model), share=False)


def folded_where_frozen(model: keras.Model) -> keras.Model:
    """A network to train in place of `model`: what does not learn is folded, all else is shared.

    Training it trains `model`, whose frozen layers take less time this way.

    Args:
        model: functional, its layers' `trainable` set. It is not changed.

    Returns:
        The folded network, not compiled; `model` itself where nothing frozen can be folded.
    """
    norms = {
        name: conv
        for name, conv in _normalizations(model).items()
        if not conv.trainable and not model.get_layer(name).trainable
    }
    paddings = {name: conv for name, conv in _paddings(model).items() if not conv.trainable}
    return _without(model, norms, paddings, share=True)


Folded = dict[str, keras.Layer]
"""Name of a layer -> the convolution that it is folded into."""


def _without(model: keras.Model, norms: Folded, paddings: Folded, *, share: bool) -> keras.Model:
    """The network without these layers; the others are copied, or the model's own."""
    gone = norms | paddings
    if not gone:
        return model
    convs = {conv.name: conv for conv in gone.values()}
    biased, padded = ({conv.name for conv in found.values()} for found in (norms, paddings))

    def copied(layer):
        if share and layer.name not in convs:
            return layer
        config = layer.get_config()
        config |= {"use_bias": True} if layer.name in biased else {}
        config |= {"padding": "same"} if layer.name in padded else {}
        return type(layer).from_config(config)

    def called(layer, inputs, *more, **options):
        return inputs if layer.name in gone else layer(inputs, *more, **options)

    twin = keras.models.clone_model(model, clone_function=copied, call_function=called)
    for layer in convs.values() if share else model.layers:
        if layer.weights and layer.name not in gone and layer.name not in biased:
            twin.get_layer(layer.name).set_weights(layer.get_weights())
    for name, conv in norms.items():
        twin.get_layer(conv.name).set_weights(_together(conv, model.get_layer(name)))
    return twin


def _only(model: keras.Model) -> Callable:
    """A function from a layer's nodes to the one within the network; None where there are more."""
    own = {id(node) for nodes in model._nodes_by_depth.values() for node in nodes}

    def only(nodes):
        inside = [node for node in nodes if id(node) in own]
        return inside[0] if len(inside) == 1 else None

    return only


def _normalizations(model: keras.Model) -> Folded:
    only = _only(model)

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


def _paddings(model: keras.Model) -> Folded:
    only = _only(model)

    def behind(padding):
        node = only(padding._outbound_nodes) if isinstance(padding, PADDINGS) else None
        if node is None or not only(padding._inbound_nodes):
            return None
        conv = node.operation
        spatial = isinstance(conv, CONVOLUTIONS) and not isinstance(conv, keras.layers.Dense)
        if not spatial or not only(conv._inbound_nodes):
            return None
        space = padding.input.shape[1:-1]
        plain = conv.padding == "valid" and conv.data_format == padding.data_format
        if not plain or None in space or conv.data_format != "channels_last":
            return None
        sides = zip(space, conv.kernel_size, conv.strides, conv.dilation_rate, strict=True)
        given = padding.padding if len(space) > 1 else [padding.padding]
        return conv if list(map(tuple, given)) == [_same(*one) for one in sides] else None

    return {padding.name: conv for padding in model.layers if (conv := behind(padding))}


def _same(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """How many zeros `padding="same"` lays before and behind an axis."""
    zeros = max(0, (-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size)
    return zeros // 2, zeros - zeros // 2


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
