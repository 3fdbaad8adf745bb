"""The games that a generator and a discriminator play: what each of them makes small.

A discriminator gives logits, of the image as a whole or of each patch of it; a game turns them into
a value an example for either player.
"""

import abc

import keras
from keras import ops


class Game(abc.ABC):
    """What the two players make small."""

    @abc.abstractmethod
    def discriminator(self, real_logits, fake_logits):
        """The discriminator's loss.

        Args:
            real_logits: of real examples, `(batch, ...)`.
            fake_logits: of samples, likewise.

        Returns:
            `(batch,)`: the mean over what is behind the batch.
        """

    @abc.abstractmethod
    def generator(self, fake_logits):
        """The generator's loss, `(batch,)`."""

    def get_config(self) -> dict:
        """The arguments that make the same game."""
        return {}

    @classmethod
    def from_config(cls, config: dict) -> "Game":
        """The game that `get_config` was taken of."""
        return cls(**config)


class _Smoothed(Game):
    """A game whose discriminator may be kept from being too sure of what is real."""

    def __init__(self, label_smoothing: float = 0.0):
        if not 0 <= label_smoothing < 0.5:
            raise ValueError(f"label_smoothing is 0 or more and below 0.5, not {label_smoothing}.")
        self.label_smoothing = label_smoothing

    def get_config(self) -> dict:
        return {"label_smoothing": self.label_smoothing}


@keras.saving.register_keras_serializable("keras_mia")
class Minimax(_Smoothed):
    """Both players have one objective: the cross-entropy of telling real from fake.

    The generator makes log(1 - D(G(z))) small. Where the discriminator is sure of its samples this
    is flat, and the generator learns next to nothing.

    Args:
        label_smoothing: how far below 1 the probability lies that the discriminator is to give real
            examples; fakes stay at 0 (one-sided, Salimans et al. 2016, arXiv:1606.03498).

    Source: Goodfellow et al. (2014), arXiv:1406.2661, equation 1.

    Example:
        >>> logits = ops.convert_to_tensor([[0.0], [2.0]])
        >>> [round(float(value), 3) for value in Minimax().generator(logits)]
        [-0.693, -2.127]
    """

    def discriminator(self, real_logits, fake_logits):
        """As `Game.discriminator`."""
        real, fake = _wide(real_logits), _wide(fake_logits)
        share = self.label_smoothing
        of_real = (1 - share) * ops.softplus(-real) + share * ops.softplus(real)
        return _by_example(of_real) + _by_example(ops.softplus(fake))

    def generator(self, fake_logits):
        """As `Game.generator`."""
        return _by_example(-ops.softplus(_wide(fake_logits)))


@keras.saving.register_keras_serializable("keras_mia")
class NonSaturating(Minimax):
    """The generator makes -log D(G(z)) small: its gradient is strong where it loses.

    Args:
        label_smoothing: as of `Minimax`.

    Source: Goodfellow et al. (2014), arXiv:1406.2661, section 3.

    Example:
        >>> logits = ops.convert_to_tensor([[0.0], [2.0]])
        >>> [round(float(value), 3) for value in NonSaturating().generator(logits)]
        [0.693, 0.127]
    """

    def generator(self, fake_logits):
        """As `Game.generator`."""
        return _by_example(ops.softplus(-_wide(fake_logits)))


@keras.saving.register_keras_serializable("keras_mia")
class LeastSquares(_Smoothed):
    """Squared distances of outputs to 1 for real and 0 for fake; the generator's samples to 1.

    Args:
        label_smoothing: how far below 1 the aim of real examples lies.

    Source: Mao et al. (2017), arXiv:1611.04076, equation 9.

    Example:
        >>> logits = ops.convert_to_tensor([[0.0], [2.0]])
        >>> LeastSquares().generator(logits).numpy().tolist()
        [0.5, 0.5]
    """

    def discriminator(self, real_logits, fake_logits):
        """As `Game.discriminator`."""
        real, fake = _wide(real_logits), _wide(fake_logits)
        aim = 1 - self.label_smoothing
        return (_by_example(ops.square(real - aim)) + _by_example(ops.square(fake))) / 2

    def generator(self, fake_logits):
        """As `Game.generator`."""
        return _by_example(ops.square(_wide(fake_logits) - 1)) / 2


@keras.saving.register_keras_serializable("keras_mia")
class Hinge(Game):
    """The discriminator learns where it is not sure yet, by a margin of 1.

    Source: Lim and Ye (2017), arXiv:1705.02894; Miyato et al. (2018), arXiv:1802.05957.

    Example:
        >>> real, fake = ops.convert_to_tensor([[2.0]]), ops.convert_to_tensor([[0.5]])
        >>> Hinge().discriminator(real, fake).numpy().tolist()
        [1.5]
    """

    def discriminator(self, real_logits, fake_logits):
        """As `Game.discriminator`."""
        real, fake = _wide(real_logits), _wide(fake_logits)
        return _by_example(ops.relu(1 - real)) + _by_example(ops.relu(1 + fake))

    def generator(self, fake_logits):
        """As `Game.generator`."""
        return _by_example(-_wide(fake_logits))


@keras.saving.register_keras_serializable("keras_mia")
class Wasserstein(Game):
    """The difference of mean outputs; its critic has to be kept smooth by a gradient penalty.

    Source: Arjovsky et al. (2017), arXiv:1701.07875; Gulrajani et al. (2017), arXiv:1704.00028.

    Example:
        >>> real, fake = ops.convert_to_tensor([[2.0]]), ops.convert_to_tensor([[0.5]])
        >>> Wasserstein().discriminator(real, fake).numpy().tolist()
        [-1.5]
    """

    def discriminator(self, real_logits, fake_logits):
        """As `Game.discriminator`."""
        return _by_example(_wide(fake_logits)) - _by_example(_wide(real_logits))

    def generator(self, fake_logits):
        """As `Game.generator`."""
        return _by_example(-_wide(fake_logits))


GAMES = {
    "minimax": Minimax,
    "non_saturating": NonSaturating,
    "least_squares": LeastSquares,
    "hinge": Hinge,
    "wasserstein": Wasserstein,
}


def game(name: "str | Game") -> Game:
    """A game by its name; one that is given is returned.

    Raises:
        ValueError: there is no such game.

    Example:
        >>> type(game("hinge")).__name__
        'Hinge'
    """
    if isinstance(name, Game):
        return name
    if name not in GAMES:
        raise ValueError(f"A game is one of {', '.join(GAMES)}, not {name!r}.")
    return GAMES[name]()


def _wide(logits):
    """In float32: differences of logits are small."""
    return ops.cast(logits, "float32")


def _by_example(values):
    return ops.mean(ops.reshape(values, (ops.shape(values)[0], -1)), axis=1)
