"""Fitting a trained network to one's own images: which layers learn, how fast, and in stages."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mia.core.problem import Problem
from keras_mia.models.copying import every_layer, layers_with_weights
from keras_mia.training.optimizers import GroupedAdamW


def freeze(model: keras.Model, until: int | str = 0, *, statistics: bool = False) -> int:
    """The first layers keep their weights; all others learn.

    Layers that normalize by running statistics (batch normalization) stay as they are, wherever
    they lie, in networks inside the network too: their statistics would move even where nothing
    else does, and those of a few small batches are worse than those that the network was trained
    with.

    Compile the model afterwards: Keras looks at `trainable` then.

    Args:
        model: a network, whose layers may be networks.
        until: so many layers, counted as `model.layers` has them, a network among them with all of
            its own; or the name of the last one that is frozen, with all before it. That may be a
            layer of a network inside it, by `network/layer` where several have its name.
        statistics: whether those of batch normalization behind the frozen layers are learnt after
            all, as those of a network from scratch have to be.

    Returns:
        How many of the layers from there on learn.

    Raises:
        Problem: there is no such layer, several have its name, or nothing would be left to learn.

    Example:
        >>> layers = [keras.Input((4,)), *(keras.layers.Dense(4, name=name) for name in "abc")]
        >>> model = keras.Sequential(layers)
        >>> freeze(model, "b"), [layer.trainable for layer in model.layers]
        (1, [False, False, True])
    """
    layers = every_layer(model)
    last = _last_frozen(model, layers, until)
    decided: dict[int, bool] = {}
    for number, (path, layer) in enumerate(layers):
        inside = [one for one, _ in layers[number + 1 :] if one.startswith(f"{path}/")]
        learns = number + len(inside) > last and (statistics or not has_statistics(layer))
        # One that is called twice does what it does at the first call. All that is inside the
        # layer is set with it, and comes afterwards.
        layer.trainable = decided.setdefault(id(layer), learns)
    learning = sum(bool(layer.trainable_weights) for layer in layers_with_weights(model))
    if not learning:
        raise Problem(
            f"All up to {until!r} is frozen, and none of {len(model.layers)} layers is left that"
            " learns.",
            model.name,
            "Freeze fewer.",
        )
    return learning


def _last_frozen(model: keras.Model, layers: Sequence[tuple], until: int | str) -> int:
    """The index of the last layer that is frozen, with all layers that are inside it; -1: none."""
    if isinstance(until, str):
        paths = list(dict.fromkeys(path for path, _ in layers))
        matches = [one for one in paths if one == until]
        matches = matches or [one for one in paths if one.endswith(f"/{until}")]
        if not matches:
            raise Problem(
                f"The network has no layer {until!r}.",
                model.name,
                f"`keras-mia describe` lists its layers: {paths[0]}, ..., {paths[-1]}.",
            )
        if len(matches) > 1:
            raise Problem(
                f"Several layers are called {until!r}: {', '.join(matches)}.",
                model.name,
                f"Name one of them with its network: {matches[0]!r}.",
            )
        last = matches[0]
    else:
        names = [layer.name for layer in model.layers[: max(until, 0)]]
        last = names[-1] if names else ""
    inside = [
        n for n, (path, _) in enumerate(layers) if path == last or path.startswith(f"{last}/")
    ]
    return max(inside, default=-1)


def has_statistics(layer: keras.Layer) -> bool:
    """Whether a layer normalizes by running statistics."""
    return hasattr(layer, "moving_mean")


def fine_tune(
    model: keras.Model,
    train,
    validation=None,
    *,
    stages: Sequence[tuple[int | str, float, int]],
    loss,
    factors: Mapping[str, float] | None = None,
    metrics: Sequence = (),
    **options: Any,
) -> list[keras.callbacks.History]:
    """Trains in stages, each with other layers frozen and a rate of its own.

    Args:
        model: with weights from elsewhere.
        train: what `model.fit` takes.
        validation: what `model.fit` takes as `validation_data`.
        stages: `(until, learning_rate, epochs)` each; `until` as `freeze` takes it.
        loss: as `model.compile` takes it.
        factors: of the rate, by what a weight's path holds; see `GroupedAdamW`.
        metrics: as `model.compile` takes them.
        options: passed on to `model.fit`.

    Returns:
        Keras' history of each stage.

    Raises:
        Problem: as `freeze`, or a factor is of no weight.

    Example:
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="trunk"),
        ...                           keras.layers.Dense(1, name="head")])
        >>> x, y = keras.ops.ones((8, 4)), keras.ops.ones((8, 1))
        >>> stages = [("trunk", 1e-2, 1), (0, 1e-3, 1)]
        >>> len(fine_tune(model, x, stages=stages, loss="mse", y=y, verbose=0))
        2
    """
    histories = []
    for until, rate, epochs in stages:
        freeze(model, until)
        optimizer = GroupedAdamW(rate, factors=_of_those_that_learn(model, factors or {}))
        model.compile(optimizer, loss=loss, metrics=list(metrics))
        histories.append(model.fit(train, validation_data=validation, epochs=epochs, **options))
    return histories


def _of_those_that_learn(model: keras.Model, factors: Mapping[str, float]) -> dict[str, float]:
    """The factors of weights that learn.

    Raises:
        Problem: one is of no weight of the network.
    """
    paths = [weight.path for weight in model.weights]
    for part in factors:
        if not any(re.search(part, path) for path in paths):
            raise Problem(
                f"No weight has {part!r} in its path.",
                "factors",
                f"Paths are {paths[0]}, ..., {paths[-1]}; of a network inside the network they"
                " begin with its layers' names.",
            )
    learning = [weight.path for weight in model.trainable_weights]
    return {
        part: factor
        for part, factor in factors.items()
        if any(re.search(part, path) for path in learning)
    }
