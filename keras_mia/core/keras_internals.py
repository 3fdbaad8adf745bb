"""All that the package uses of what Keras keeps to itself, each with the reason why.

tests/core/test_keras_internals.py fails where a release of Keras changes one of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a layer in the graph of a network.

    Attributes:
        layer: what is called.
        inputs: the tensors that it takes, one that it takes twice twice.
        outputs: the tensors that it gives.
        arguments: all that it is called with, by position and then by name.
    """

    layer: keras.Operation
    inputs: tuple[keras.KerasTensor, ...]
    outputs: tuple[keras.KerasTensor, ...]
    arguments: tuple[Any, ...]


def calls_of(graph: keras.Function) -> list[Call]:
    """The calls of layers that a network consists of, inputs among them, each before what takes its
    outputs.

    `operations` and `layers` do not say which tensors a layer takes where it is called twice or in
    another network too, and `get_config` needs layers that can be written down.

    Args:
        graph: a functional network.
    """
    levels = graph._nodes_by_depth  # depth is counted from the output
    nodes = [node for depth in sorted(levels, reverse=True) for node in levels[depth]]
    return [
        Call(
            node.operation,
            tuple(node.input_tensors),
            tuple(node.outputs),
            (*node.arguments.args, *node.arguments.kwargs.values()),
        )
        for node in nodes
    ]


def run_through(graph: keras.Function, inputs, layer: Callable, call: Callable):
    """The outputs of a network on other inputs, by other layers, called in another way.

    `keras.models.clone_model` does so for a network alone, not for one inside another, and compiles
    what it makes.

    Args:
        graph: a functional network.
        inputs: tensors in the structure of its own.
        layer: from a layer of the network to the one that takes its place.
        call: from that layer and its arguments to its outputs.

    Returns:
        The outputs, in the structure of the network's own.
    """
    return graph._run_through_graph(inputs, operation_fn=layer, call_fn=call)


def inner_layers(layer: keras.Layer) -> list[keras.Layer]:
    """The layers that a layer holds in its attributes, as a block of one's own does; `layers` has
    them for models only.

    Args:
        layer: any.
    """
    return list(layer._flatten_layers(include_self=False, recursive=False))


def compile_options(model: keras.Model) -> dict[str, Any]:
    """What a model was compiled with, to compile another one alike: the very same objects.

    `get_compile_config` gives them written down, without losses that are plain functions. The
    optimizer is the one that the model trains with: in float16 it scales the loss, and compiling
    the one inside it would make a second scale.

    Args:
        model: compiled.
    """
    return model._compile_config.config | {"optimizer": model.optimizer}


def cached_logits(probabilities) -> Any:
    """The logits that Keras keeps beside the output of its softmax or sigmoid, for losses that are
    exact by them; None: there are none.

    Args:
        probabilities: the output of a softmax or sigmoid.
    """
    return getattr(probabilities, "_keras_logits", None)


def mask_of(tensor) -> Any:
    """The mask that Keras keeps beside a tensor, as its own losses take it; None: there is none.

    Args:
        tensor: any.
    """
    return getattr(tensor, "_keras_mask", None)


def variable_index(optimizer: keras.optimizers.Optimizer, variable) -> int:
    """The position of a variable among those of an optimizer.

    `update_step` is given TensorFlow's variable, which does not know its path.

    Args:
        optimizer: that is built.
        variable: a trainable one of TensorFlow or Keras.
    """
    return optimizer._get_variable_index(variable)


def adam_moments(optimizer: keras.optimizers.Adam, index: int) -> tuple:
    """The first and the second moment that Adam keeps of a variable, to update them in place.

    Args:
        optimizer: that is built.
        index: of the variable, by `variable_index`.

    Returns:
        Two variables of the shape of that variable.
    """
    return optimizer._momentums[index], optimizer._velocities[index]


def skip_on_all_replicas(optimizer: keras.optimizers.Optimizer) -> None:
    """An optimizer that scales losses skips a step where the gradients of any replica are infinite.

    Keras looks at those of the first replica, before they are added up: infinite ones of another
    would make all weights infinite.

    Args:
        optimizer: any; only a `LossScaleOptimizer` is changed.
    """
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return
    import tensorflow as tf

    def check_finite(gradients):
        finite = type(optimizer).check_finite(optimizer, gradients)
        context = tf.distribute.get_replica_context()
        if context.num_replicas_in_sync == 1:
            return finite
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.cast(~finite, tf.float32)) == 0

    optimizer.check_finite = check_finite


def is_decayed(optimizer: keras.optimizers.Optimizer, variable) -> bool:
    """Whether a variable decays, by what `exclude_from_weight_decay` was given.

    Args:
        optimizer: any.
        variable: a trainable one.
    """
    return optimizer._use_weight_decay(variable)


class DecayInStep:
    """For optimizers whose `update_step` lets weights decay: Keras' own decay, by one rate for all
    variables, is left out, and no option turns it off."""

    def _apply_weight_decay(self, variables) -> None:
        """Nothing."""
