"""How a network is fitted, apart from what it is fitted to."""

from dataclasses import dataclass

from keras_mia.training.fitting.budget import Budget


@dataclass(frozen=True)
class FitSettings:
    """How a network is fitted.

    Args:
        batch_size: examples in a batch of all replicas together.
        budget: how long.
        peak_rate: the highest learning rate; of several optimizers that of the first, and those of
            the others stay in the proportion that they were made with. None: as they were made.
        schedule: how the rate falls, as `learning_rate` takes it.
        patience: stop after so many validations without a better score; None: never.
        tensorboard: whether to write logs for TensorBoard into the run's folder.
    """

    batch_size: int
    budget: Budget
    peak_rate: float | None = None
    schedule: str = "polynomial"
    patience: int | None = None
    tensorboard: bool = False
