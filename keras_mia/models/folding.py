"""Normalization and padding folded into convolutions: fewer passes over each tensor."""

import keras
import numpy as np

from keras_mia.core.keras_internals import Call, calls_of
from keras_mia.layers import normalization
from keras_mia.layers.convolutions import grouped, small_maps, strided_pointwise
from keras_mia.layers.network_copies import functional_graph, rebuild

DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)
CONVOLUTIONS = (
    *(keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D, keras.layers.Dense),
    *(small_maps.Conv2D, small_maps.Conv3D),
    *(keras.layers.SeparableConv1D, keras.layers.SeparableConv2D),
    *(grouped.GroupedConv1D, grouped.GroupedConv2D, grouped.GroupedConv3D),
    *(strided_pointwise.StridedPointwiseConv1D, strided_pointwise.StridedPointwiseConv2D),
    *DEPTHWISE,
)
NORMALIZATIONS = (keras.layers.BatchNormalization, normalization.BatchNormalization)
PADDINGS = (keras.layers.ZeroPadding1D, keras.layers.ZeroPadding2D, keras.layers.ZeroPadding3D)


def fold_batchnorm(model: keras.Model) -> keras.Model:
    """A network with the same outputs in inference, and no weights in common.

    A trained batch normalization is one factor and one offset a channel; a convolution whose output
    nothing else uses, and which is no output of the network, can take both into its kernel and
    bias, and TensorFlow then computes it, its bias and a ReLU behind it in one pass. Zeros that are
    laid around its input and are those of `padding="same"` it lays there itself.

    Args:
        model: functional or sequential. It is not changed. Networks inside it stay as they are.

    Returns:
        The folded network; `model` itself where there is nothing to fold.

    Source: Jacob et al. (2018), arXiv:1712.05877, section 3.2.
    """
    graph = _Graph(model)
    return _without(model, graph.normalizations(), graph.paddings(), share=False)


def fold_frozen(model: keras.Model) -> keras.Model:
    """A network to train in place of `model`: what does not learn is folded, all else is shared.

    Training it trains `model`, whose frozen layers take less time this way.

    Args:
        model: functional, its layers' `trainable` set. It is not changed.

    Returns:
        The folded network, not compiled; `model` itself where nothing frozen can be folded.
    """
    graph = _Graph(model)
    norms = {
        name: conv
        for name, conv in graph.normalizations().items()
        if not conv.trainable and not model.get_layer(name).trainable
    }
    paddings = {name: conv for name, conv in graph.paddings().items() if not conv.trainable}
    return _without(model, norms, paddings, share=True)


Folded = dict[str, keras.Layer]
"""Name of a layer -> the convolution that it is folded into."""


def _without(model: keras.Model, norms: Folded, paddings: Folded, *, share: bool) -> keras.Model:
    """The network without these layers; the others are copied, or the model's own."""
    removed = norms | paddings
    if not removed:
        return model
    convs = {conv.name: conv for conv in removed.values()}
    biased, padded = ({conv.name for conv in layers.values()} for layers in (norms, paddings))

    def clone(layer):
        if share and layer.name not in convs:
            return layer
        config = layer.get_config()
        config |= {"use_bias": True} if layer.name in biased else {}
        config |= {"padding": "same"} if layer.name in padded else {}
        return type(layer).from_config(config)

    def call(layer, inputs, *more, **options):
        return inputs if layer.name in removed else layer(inputs, *more, **options)

    twin = rebuild(model, clone, call)
    for layer in convs.values() if share else model.layers:
        if layer.weights and layer.name not in removed and layer.name not in biased:
            twin.get_layer(layer.name).set_weights(layer.get_weights())
    for name, conv in norms.items():
        twin.get_layer(conv.name).set_weights(_merged_weights(conv, model.get_layer(name)))
    return twin


class _Graph:
    """Which layers of a network stand alone behind one another."""

    def __init__(self, model: keras.Model):
        graph = functional_graph(model)
        self.layers = [] if graph is None else graph.layers
        self.outputs = set() if graph is None else {id(tensor) for tensor in graph.outputs}
        self.calls: dict[int, list[Call]] = {}
        self.producers: dict[int, Call] = {}
        self.users: dict[int, list[Call]] = {}
        for call in [] if graph is None else calls_of(graph):
            self.calls.setdefault(id(call.layer), []).append(call)
            self.producers |= {id(tensor): call for tensor in call.outputs}
            for tensor in call.inputs:
                self.users.setdefault(id(tensor), []).append(call)

    def normalizations(self) -> Folded:
        """Each batch normalization that has a convolution before it to be folded into."""
        convs = {layer.name: self._before(layer) for layer in self.layers}
        return {name: conv for name, conv in convs.items() if conv is not None}

    def paddings(self) -> Folded:
        """Each layer of zeros that has a convolution behind it to be folded into."""
        convs = {layer.name: self._behind(layer) for layer in self.layers}
        return {name: conv for name, conv in convs.items() if conv is not None}

    def _only(self, layer: keras.Layer) -> Call | None:
        """The only call of a layer in the network; None where there are more."""
        calls = self.calls.get(id(layer), [])
        return calls[0] if len(calls) == 1 else None

    def _next(self, layer: keras.Layer) -> Call | None:
        """The call that alone uses what the layer gives; None where anything else does."""
        call = self._only(layer)
        if call is None or any(id(tensor) in self.outputs for tensor in call.outputs):
            return None
        users = [user for tensor in call.outputs for user in self.users.get(id(tensor), [])]
        return users[0] if len(users) == 1 else None

    def _before(self, norm: keras.Layer) -> keras.Layer | None:
        call = self._only(norm) if type(norm) in NORMALIZATIONS else None
        if call is None or any(value is True for value in call.arguments):  # training=True
            return None
        x = call.inputs[0]
        conv = self.producers[id(x)].layer
        if type(conv) not in CONVOLUTIONS or self._next(conv) is not call:
            return None
        linear = conv.activation is keras.activations.linear
        last = norm.axis in (-1, len(x.shape) - 1) and _channels_last(conv)
        alike = conv.compute_dtype == norm.compute_dtype
        return conv if linear and last and alike else None

    def _behind(self, padding: keras.Layer) -> keras.Layer | None:
        call = self._next(padding) if isinstance(padding, PADDINGS) else None
        if call is None or not self._only(call.layer):
            return None
        conv = call.layer
        if type(conv) not in CONVOLUTIONS or isinstance(conv, keras.layers.Dense):
            return None
        # Not `padding.input`: that is its first call, which may be in another network.
        space = self.calls[id(padding)][0].inputs[0].shape[1:-1]
        if conv.padding != "valid" or None in space or not _channels_last(conv, padding):
            return None
        axes = zip(space, conv.kernel_size, conv.strides, conv.dilation_rate, strict=True)
        given = padding.padding if len(space) > 1 else [padding.padding]
        return conv if list(map(tuple, given)) == [_same(*one) for one in axes] else None


def _channels_last(*layers: keras.Layer) -> bool:
    return all(getattr(one, "data_format", "channels_last") == "channels_last" for one in layers)


def _same(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """How many zeros `padding="same"` lays before and behind an axis."""
    zeros = max(0, (-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size)
    return zeros // 2, zeros - zeros // 2


def _merged_weights(conv: keras.Layer, norm: keras.Layer) -> list[np.ndarray]:
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
