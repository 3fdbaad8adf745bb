"""What is logged of an epoch of training, the columns of history.csv: which of it are losses."""

from collections.abc import Iterable

PROGRESS = ("epoch", "step", "seconds", "learning_rate")
VALIDATION = "validation_"
"""How names of scores of whole validation cases begin; what is left the model logs itself."""


def losses_in(names: Iterable[str]) -> list[str]:
    """The names of the losses that a model logs; of all that it logs where none is called so, as a
    model with a `train_step` of its own may do.

    Args:
        names: of an epoch's log.

    Example:
        >>> losses_in(["step", "generator_loss", "critic_loss", "accuracy", "validation_loss"])
        ['generator_loss', 'critic_loss']
        >>> losses_in(["step", "generator", "critic", "validation_dice"])
        ['generator', 'critic']
    """
    logged = [name for name in names if name not in PROGRESS and not name.startswith(VALIDATION)]
    return [name for name in logged if "loss" in name] or logged
