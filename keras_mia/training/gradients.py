"""Why deep networks train, or do not: how large the gradient is in each layer."""

import numpy as np
import tensorflow as tf
from keras import Model, callbacks

from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.tables.run_tables import GRADIENTS, read_run_table
from keras_mia.models.copying import layers_with_weights
from keras_mia.training.fitting.variables import build_variables, overrides_train_step
from keras_mia.training.runs.run import Run

FILE = "gradients.csv"


def check_gradients(model: Model) -> None:
    """Sees to it that the model has one loss whose gradient can be looked at.

    Raises:
        Problem: it trains by a `train_step` of its own.
    """
    if overrides_train_step(model):
        raise Problem(
            f"{model.name} trains by steps of its own, not along the gradient of one loss.",
            "--diagnose",
            "Leave it out.",
        )


def gradient_norms(model: Model, images, targets) -> list[dict]:
    """The norm of the loss' gradient by the kernels of each layer, on one batch, as in training.

    Nothing of the model changes: statistics of batches and random states are put back.

    Args:
        model: compiled with a loss.
        images: a batch, `(batch, *space, channels)`.
        targets: as the loss takes them.

    Returns:
        A row a layer that learns kernels, from the image to the output: `layer`, `norm` of the
        gradient, and `weights`, the norm of the kernels.

    Source: Hochreiter (1998), The Vanishing Gradient Problem, doi:10.1142/S0218488598000094;
    Glorot and Bengio (2010), who look at it layer by layer,
    https://proceedings.mlr.press/v9/glorot10a.html.

    Example:
        >>> from keras_mia.models import mlp
        >>> model = mlp((4, 4, 1), 2, units=(8,))
        >>> model.compile(loss="sparse_categorical_crossentropy")
        >>> [row["layer"] for row in gradient_norms(model, np.ones((2, 4, 4, 1)), np.zeros(2))]
        ['hidden_1_dense', 'head']
    """
    layers = [
        (layer.name, kernels)
        for layer in layers_with_weights(model)
        if (kernels := [w for w in layer.trainable_weights if len(w.shape) > 1])
    ]

    def gradients(images, targets):
        with tf.GradientTape() as tape:
            outputs = model(images, training=True)
            loss = model.compute_loss(images, targets, outputs)
        return tape.gradient(loss, [[weight.value for weight in kernels] for _, kernels in layers])

    strategy = model.distribute_strategy
    with strategy.scope():
        changing = [*model.non_trainable_variables, *model.metrics_variables]
        kept = [(variable, np.array(variable)) for variable in changing]
        batch = tf.nest.map_structure(tf.convert_to_tensor, (images, targets))
        build_variables(model, tf.nest.map_structure(tf.TensorSpec.from_tensor, batch))
        replicas = strategy.run(gradients, args=batch)
        model.reset_metrics()
        for variable, array in kept:
            variable.assign(array)
    first = strategy.experimental_local_results(replicas)[0]
    return [
        {"layer": name, "norm": _norm(grads), "weights": _norm(kernels)}
        for (name, kernels), grads in zip(layers, first, strict=True)
    ]


def _norm(arrays) -> float:
    parts = [np.asarray(one, np.float64).ravel() for one in arrays if one is not None]
    return float(np.linalg.norm(np.concatenate(parts))) if parts else 0.0


class GradientLogger(callbacks.Callback):
    """Writes `gradients.csv`: the norms of all layers before training and after each epoch.

    Args:
        run: whose folder it goes to; a run that is resumed goes on with it.
        model: before training.
        batch: images and targets, always the same ones.
    """

    def __init__(self, run: Run, model: Model, batch: tuple):
        super().__init__()
        self.run, self.batch = run, batch
        path = run.folder / FILE
        goes_on = run.resumed and path.exists()
        self.rows: list[dict] = read_run_table(path, GRADIENTS) if goes_on else []
        if not self.rows:
            self.note(model, 0)

    def note(self, model: Model, step: int) -> None:
        """Adds the norms as they are now."""
        rows = gradient_norms(model, *self.batch)
        self.rows += [{"step": step, **row} for row in rows]
        if self.run.writes:
            write_csv(self.run.folder / FILE, self.rows)

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        """Once an epoch, and so at the end of training too."""
        self.note(self.model, int((logs or {})["step"]))
