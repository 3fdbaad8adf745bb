"""Penalties on large weights."""

import keras


def penalize(model: keras.Model, *, l1: float = 0.0, l2: float = 0.0) -> None:
    """Adds `l1 * sum |w| + l2 * sum w^2` of all kernels that learn to the model's loss.

    Args:
        model: built; its biases and normalizations are left alone.
        l1: drives single weights to zero.
        l2: keeps all of them small. Unlike the weight decay of AdamW it goes through the
            optimizer, which scales it as it scales the gradient.

    Source: Krogh and Hertz (1991), A simple weight decay can improve generalization; the
        difference to weight decay: Loshchilov and Hutter (2019), arXiv:1711.05101.

    Example:
        >>> twos = keras.initializers.Constant(2.0)
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "relu", True, twos)])
        >>> penalize(model, l1=0.1, l2=0.01)
        >>> print(f"{float(sum(model.losses)):.3f}")  # 0.1 * 4 + 0.01 * 8
        0.480
    """
    if l1 or l2:
        for variable in model.weights:
            if variable.name.endswith("kernel"):
                variable.regularizer = keras.regularizers.L1L2(l1, l2)
