"""Optimizers that Keras does not have, or has slower."""

import re
import warnings
from collections.abc import Mapping

import keras
from keras import ops

from keras_mia.core.keras_internals import DecayInStep, adam_moments, is_decayed, variable_index

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
else:
    tf = None  # type: ignore[assignment]

# A quintic that drives singular values of [0, 1] to about 1 in five steps (Jordan et al.).
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
STEPS = 5
# An orthogonal update of this root mean square moves weights as far as a typical one of Adam.
ADAM_RMS = 0.2
FEWEST_CHANNELS = 8


@keras.saving.register_keras_serializable("keras_mia")
class AdamW(DecayInStep, keras.optimizers.AdamW):
    """Keras' own AdamW, with TensorFlow's fused kernel underneath.

    Same arguments, variables and results. Keras writes a step as a dozen operations a variable,
    each of which reads and writes all of it; the kernel reads and writes it once. What the kernel
    does not do (AMSGrad, sparse gradients), and any other backend, goes Keras' own way.

    Weights decay in their own step, so that the rate of a step is also that of the decay where an
    optimizer that derives from this one has several.

    Source: Loshchilov and Hutter (2019), arXiv:1711.05101.

    Example:
        >>> float(AdamW(1e-3).weight_decay)
        0.004
    """

    def decay(self, variable, learning_rate) -> None:
        """Takes the share of a variable that goes with a step of this rate."""
        if self.weight_decay and is_decayed(self, variable):
            share = ops.cast(learning_rate, variable.dtype) * self.weight_decay
            self.assign_sub(variable, ops.cast(share, variable.dtype) * variable)

    def update_step(self, gradient, variable, learning_rate):
        self.decay(variable, learning_rate)
        if tf is None or self.amsgrad or not isinstance(gradient, tf.Tensor):
            super().update_step(gradient, variable, learning_rate)
            return
        first, second = adam_moments(self, variable_index(self, variable))
        dtype = variable.dtype
        step = tf.cast(self.iterations + 1, dtype)
        beta_1, beta_2 = tf.constant(self.beta_1, dtype), tf.constant(self.beta_2, dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=_handle(variable),
            m=_handle(first),
            v=_handle(second),
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=tf.cast(learning_rate, dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.constant(self.epsilon, dtype),
            grad=tf.cast(gradient, dtype),
        )


@keras.saving.register_keras_serializable("keras_mia")
class Muon(AdamW):
    """Muon for the kernels of convolutions, AdamW for all other variables.

    The gradients' momentum of a kernel, as a matrix from what goes into the convolution to what
    comes out, is replaced by an orthogonal one before it is applied: the kernel moves equally far
    in all directions, not mostly in the few that gradients agree on. `keras.optimizers.Muon` does
    so for the matrices of dense layers and leaves kernels to AdamW.

    Kernels with fewer than 8 channels in or out (the first and the last of a network) have next to
    no directions to be equal in; they too are left to AdamW.

    Args:
        learning_rate: of the kernels.
        adam_ratio: the rate of all other variables, as a share of `learning_rate`.
        momentum: share of the momentum that a step keeps.
        weight_decay: share of the weights that goes with a step, as a factor of their rate.
        name: of the optimizer.
        options: those of `AdamW`.

    Source: K. Jordan et al. (2024), "Muon: an optimizer for hidden layers in neural networks",
    https://kellerjordan.github.io/posts/muon/; the scale of the update as in J. Liu et al. (2025),
    arXiv:2502.16982.

    Example:
        >>> Muon(4e-3).adam_ratio
        0.5
    """

    def __init__(
        self,
        learning_rate: float = 4e-3,
        *,
        adam_ratio: float = 0.5,
        momentum: float = 0.95,
        weight_decay: float = 1e-4,
        name: str = "muon",
        **options,
    ):
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        self.adam_ratio, self.momentum = adam_ratio, momentum

    def update_step(self, gradient, variable, learning_rate):
        if not _is_kernel(variable.shape):
            super().update_step(gradient, variable, learning_rate * self.adam_ratio)
            return
        self.decay(variable, learning_rate)
        momentum, _ = adam_moments(self, variable_index(self, variable))
        gradient = ops.cast(gradient, variable.dtype)
        self.assign(momentum, self.momentum * momentum + gradient)
        ahead = gradient + self.momentum * momentum
        matrix = ops.reshape(ahead, (-1, variable.shape[-1]))
        size = ADAM_RMS * max(matrix.shape) ** 0.5
        update = ops.reshape(orthogonal(matrix) * size, variable.shape)
        self.assign_sub(variable, ops.cast(learning_rate, variable.dtype) * update)

    def get_config(self) -> dict:
        return super().get_config() | {"adam_ratio": self.adam_ratio, "momentum": self.momentum}


def orthogonal(matrix):
    """About the nearest matrix with orthonormal rows or columns, whichever are fewer.

    Args:
        matrix: of shape `(rows, columns)`, not 0 everywhere.

    Returns:
        A matrix of the same shape whose singular values lie between 0.7 and 1.2, those of `matrix`
        that are next to 0 excepted.
    """
    a, b, c = NEWTON_SCHULZ
    tall = matrix.shape[0] > matrix.shape[1]
    x = ops.transpose(matrix) if tall else matrix
    x = x / (ops.sqrt(ops.sum(ops.square(x))) + 1e-7)
    # The polynomials of x all have the form q(x x') x: the short side alone is iterated over.
    gram = x @ ops.transpose(x)
    one = ops.eye(gram.shape[0], dtype=gram.dtype)
    q = one
    for _ in range(STEPS):
        p = a * one + b * gram + c * (gram @ gram)
        q, gram = p @ q, p @ gram @ p
    x = q @ x
    return ops.transpose(x) if tall else x


def _handle(variable):
    """Of Keras' variable or TensorFlow's own."""
    tensor_variable = variable.value if isinstance(variable, keras.Variable) else variable
    return tensor_variable.handle


def _is_kernel(shape) -> bool:
    return len(shape) >= 3 and min(shape[-2:]) >= FEWEST_CHANNELS


@keras.saving.register_keras_serializable("keras_mia")
class GroupedAdamW(AdamW):
    """AdamW whose rate differs between groups of weights, and with it their decay.

    Args:
        learning_rate: of all weights that no group has.
        factors: regular expression -> factor of the rate, for weights whose path it is found in;
            the first that is found counts. A path is `layer/kernel`. One that is found in no path
            of a weight that learns is a warning.
        options: those of `AdamW`.

    Source: Howard and Ruder (2018), arXiv:1801.06146 (rates that fall towards the input).

    Example:
        >>> GroupedAdamW(1e-3, factors={"^block1": 0.1}).factors
        {'^block1': 0.1}
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        *,
        factors: Mapping[str, float] | None = None,
        **options,
    ):
        super().__init__(learning_rate, **options)
        self.factors = dict(factors or {})

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        for part in self.factors:
            if not any(re.search(part, variable.path) for variable in variables):
                warnings.warn(f"No weight that learns has {part!r} in its path.", stacklevel=2)
        self._factors = [self._factor(variable.path) for variable in variables]

    def _factor(self, path: str) -> float:
        matches = (factor for part, factor in self.factors.items() if re.search(part, path))
        return next(matches, 1.0)

    def update_step(self, gradient, variable, learning_rate):
        # TensorFlow hands over a variable of its own, which does not know its path.
        factor = self._factors[variable_index(self, variable)]
        super().update_step(gradient, variable, learning_rate * factor)

    def get_config(self) -> dict:
        return super().get_config() | {"factors": self.factors}
