"""One training loop for one device, several devices, and several machines.

Any compiled Keras model trains through it, those with a `train_step` of their own included. Keras'
`fit` is the same thing on one machine; under `MultiWorkerMirroredStrategy` it fails.
"""

import time
from collections.abc import Callable

import keras
import tensorflow as tf

from keras_mia.core.keras_internals import compile_options
from keras_mia.models.folding import fold_frozen
from keras_mia.training.fitting.hooks import build_optimizers, trainable_state
from keras_mia.training.fitting.variables import build_variables, overrides_train_step


class Loop:
    """Walks a compiled model along an indexed stream of batches.

    Frozen convolutions and batch normalizations are computed as one, so freeze before.

    Args:
        model: compiled, and built within the strategy that is to train it. Of one with a
            `train_step` of its own all variables exist by then, those of its optimizers too.
        batches: a function of `(start, worker, workers)` to a dataset with this worker's part of
            each global batch, beginning with batch number `start`. Batches may have any structure
            that the model's `train_step` takes.
        batch_size: examples in a batch of all replicas together; divides by their number.
        start: number of the first batch.

    Attributes:
        number: the number of the next batch.
        waited: seconds spent so far waiting for data.

    Raises:
        ValueError: the batch does not divide among the replicas, or an optimizer is not built.
    """

    def __init__(self, model, batches: Callable[..., tf.data.Dataset], batch_size: int, start=0):
        strategy = model.distribute_strategy
        if batch_size % strategy.num_replicas_in_sync:
            raise ValueError(
                f"a batch of {batch_size} does not divide among "
                f"{strategy.num_replicas_in_sync} replicas"
            )

        specs = []

        def part(context):
            share = batches(
                start=start, worker=context.input_pipeline_id, workers=context.num_input_pipelines
            )
            specs.append(share.element_spec)
            if strategy.num_replicas_in_sync == 1:
                return share
            return share.rebatch(batch_size // context.num_replicas_in_sync, drop_remainder=True)

        @tf.function
        def step(batch):
            logs = strategy.run(self._step_model.train_step, args=(batch,))
            return {name: strategy.reduce("MEAN", log, axis=None) for name, log in logs.items()}

        self.number, self.waited = start, 0.0
        self._step = step
        self._data = iter(strategy.distribute_datasets_from_function(part))
        with strategy.scope():
            # Before the twin could do it, in another order: a resumed run knows the model's.
            build_optimizers(model)
            self._step_model = _step_model(model)
            build_variables(self._step_model, specs[0])
        self._full_model, self._variables = model, len(trainable_state(model))

    def step(self) -> dict[str, tf.Tensor]:
        """Trains on the next batch and returns the logs of the model's `train_step`.

        Raises:
            ValueError: the first step made variables, which a checkpoint would lack.
        """
        begun = time.perf_counter()
        batch = next(self._data)
        self.waited += time.perf_counter() - begun
        self.number += 1
        logs = self._step(batch)
        if self._variables:
            self._check_variables()
        return logs

    def _check_variables(self) -> None:
        created = len(trainable_state(self._full_model)) - self._variables
        if created:
            raise ValueError(
                f"{self._full_model.name}: train_step made {created} variables. Make them where the"
                " model is made or compiled: a run that goes on reads them before its first step."
            )
        self._variables = 0  # once is enough

    def reset_metrics(self) -> None:
        """The means that the logs are begin again."""
        self._step_model.reset_metrics()


def _step_model(model):
    """The model as steps are taken with it: the same variables that learn, optimizer and losses."""
    if overrides_train_step(model) or not isinstance(model, keras.Function):
        return model
    folded = fold_frozen(model)
    if folded is not model:
        folded.compile(**compile_options(model))
    return folded
