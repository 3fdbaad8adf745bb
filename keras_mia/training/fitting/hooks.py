"""What training needs of a model: what of it changes, and what of it is used afterwards.

A model with a `train_step` of its own (two networks against each other, averaged weights, several
optimizers) defines methods of these names where what is here is not right for it.
"""

from collections.abc import Iterator

import keras
import tensorflow as tf

from keras_mia.core.keras_internals import inner_layers, skip_on_all_replicas


def trainable_state(model: keras.Model) -> list:
    """All variables that a run needs to go on exactly where it stopped, always in the same order.

    A model may define `trainable_state()`, which returns them in any structure. Else they are
    found: weights, those that do not learn and averages of others among them, and the states of
    random generators, which Keras' own formats leave out; TensorFlow's variables in the model's
    attributes, such as a counter; those of all optimizers, with the scale of the loss in float16.
    A number of Python's in an attribute is none: keep a variable where it is needed again.

    Args:
        model: with its optimizers built.

    Returns:
        Variables of Keras or TensorFlow, each once.

    Example:
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        >>> model.compile(keras.optimizers.SGD(momentum=0.9), loss="mse")
        >>> model.optimizer.build(model.trainable_variables)
        >>> [variable.name for variable in trainable_state(model)][:2]
        ['kernel', 'bias']
    """
    if hasattr(model, "trainable_state"):
        return keras.tree.flatten(model.trainable_state())
    variables = [
        *model.variables,
        *(value for value in _attributes(model) if isinstance(value, tf.Variable)),
        *(variable for one in optimizers_of(model) for variable in one.variables),
    ]
    return list({id(variable): variable for variable in variables}.values())


def deployable(model: keras.Model) -> keras.Model:
    """The network that is scored, saved as the best one and used afterwards.

    A model may define `deployable()`, which returns always the same network: a generator with
    averaged weights, for instance. Else it is the model itself. A functional one can be loaded
    without the code of the model that trained it.

    Args:
        model: that is trained.

    Returns:
        A network.

    Example:
        >>> class Pair(keras.Model):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.generator = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        ...     def deployable(self):
        ...         return self.generator
        >>> deployable(Pair()).output_shape
        (None, 2)
    """
    return model.deployable() if hasattr(model, "deployable") else model


def optimizers_of(model: keras.Model) -> list[keras.optimizers.Optimizer]:
    """The optimizers in a model's attributes, then those of the networks inside it.

    The one that `compile` sets counts where it is built or no other is found: Keras makes one for
    models, too, that train by others.
    """
    inside = [layer for layer in inner_layers(model) if isinstance(layer, keras.Model)]
    optimizers = [one for one in _attributes(model) if isinstance(one, keras.optimizers.Optimizer)]
    optimizers += [one for network in inside for one in optimizers_of(network)]
    compiled = getattr(model, "optimizer", None)
    others = [one for one in optimizers if one is not compiled]
    if others and compiled is not None and not compiled.built:
        optimizers = others
    return list({id(one): one for one in optimizers}.values())


def build_optimizers(model: keras.Model) -> None:
    """The variables of optimizers exist before a checkpoint is read and before a step is traced;
    those that scale losses in float16 look at all replicas.

    Raises:
        ValueError: which variables one is for only the model's own `train_step` knows.
    """
    for optimizer in optimizers_of(model):
        if not optimizer.built and optimizer is not getattr(model, "optimizer", None):
            raise ValueError(
                f"{model.name}: the optimizer {optimizer.name} has no variables yet. Call its"
                " build(network.trainable_variables) where the model is compiled."
            )
        if not optimizer.built:
            optimizer.build(model.trainable_variables)
        skip_on_all_replicas(optimizer)


def _attributes(model: keras.Model) -> Iterator:
    """Values of attributes, and those in lists and dictionaries that are attributes."""
    for value in vars(model).values():
        if isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, list | tuple):
            yield from value
        else:
            yield value
