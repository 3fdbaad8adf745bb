"""The features of a frozen network, and a linear classifier of them."""

from collections.abc import Sequence

import keras
import numpy as np

from keras_mia.core.problem import Problem


def linear_probe(
    features: np.ndarray,
    classes: np.ndarray,
    *,
    strengths: Sequence[float] = (1e-3, 1e-2, 1e-1, 1.0, 10.0),
    class_weights: Sequence[float] = (),
    validation: tuple[np.ndarray, np.ndarray],
):
    """Logistic regression on features of frozen layers: the cheap first try.

    Args:
        features: `(n, d)` of the training images.
        classes: `(n,)` integers.
        strengths: inverse strengths of the penalty to choose from.
        class_weights: how much an image of each class counts; none: alike.
        validation: features and classes of validation images, whose log-likelihood chooses one.

    Returns:
        scikit-learn's pipeline of standardization and regression, fitted.

    Source: scikit-learn's `LogisticRegression`.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    present = np.unique(classes)
    best = None
    for strength in strengths:
        weights = {name: class_weights[name] for name in present} if class_weights else None
        regression = LogisticRegression(C=strength, max_iter=2000, class_weight=weights)
        probe = make_pipeline(StandardScaler(), regression)
        probe.fit(features, classes)
        rows = np.isin(validation[1], present)
        cost = log_loss(
            validation[1][rows], probe.predict_proba(validation[0][rows]), labels=present
        )
        if best is None or cost < best[0]:
            best = cost, probe
    assert best is not None
    return best[1]


def set_head(model: keras.Model, probe) -> None:
    """Gives the last layer, dense with a softmax over all classes, what a probe has learned.

    Args:
        model: whose last layer takes the features that the probe was fitted to.
        probe: as `linear_probe` gives it.

    Raises:
        ValueError: they do not fit.
    """
    scaler, regression = (step for _, step in probe.steps)
    kernel = regression.coef_.T / scaler.scale_[:, None]
    bias = regression.intercept_ - scaler.mean_ @ kernel
    if kernel.shape[1] == 1:  # scikit-learn has one column for two classes
        kernel, bias = np.hstack([-kernel / 2, kernel / 2]), np.hstack([-bias / 2, bias / 2])
    head = model.layers[-1]
    shapes = [tuple(weight.shape) for weight in head.weights]
    if shapes != [kernel.shape, bias.shape]:
        raise ValueError(f"The last layer has weights of {shapes}, the probe {kernel.shape}.")
    head.set_weights([kernel, bias])


def trunk(model: keras.Model) -> keras.Model:
    """The network up to what its last layer takes: its features.

    Raises:
        Problem: the last layer is a network.

    Example:
        >>> layers = [keras.Input((4,)), keras.layers.Dense(8), keras.layers.Dense(2)]
        >>> model = keras.Sequential(layers)
        >>> trunk(model).output_shape
        (None, 8)
    """
    last = model.layers[-1]
    if isinstance(last, keras.Model):
        raise Problem(
            f"The last layer, {last.name}, is a network itself.",
            model.name,
            "Build the network so that its last layer alone makes the predictions.",
        )
    return keras.Model(model.inputs, last.input, name=f"{model.name}_features")
