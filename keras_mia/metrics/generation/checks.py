"""What sets of samples have to be, checked once for every metric of them."""

import numpy as np


def feature_sets(*, fewest: int = 2, **sets: np.ndarray) -> list[np.ndarray]:
    """Sets of features as float64.

    Args:
        fewest: how many examples each has to have.
        **sets: by name, `(examples, features)` each, with as many features.

    Returns:
        The sets in their order, `(examples, features)`.

    Raises:
        ValueError: a shape that does not fit, too few examples, or a value that is not finite.
    """
    arrays = {name: np.asarray(values, np.float64) for name, values in sets.items()}
    for name, values in arrays.items():
        if values.ndim != 2 or not values.shape[1]:
            raise ValueError(
                f"The features of {name} have shape {values.shape}; they are (examples, features)."
            )
    check_sets(arrays, fewest)
    return list(arrays.values())


def flat_sets(*, fewest: int = 1, **sets: np.ndarray) -> list[np.ndarray]:
    """Sets of images or of features, as a row an example and in the type that they have.

    Args:
        fewest: how many examples each has to have.
        **sets: by name, `(examples, ...)` each, of one shape an example.

    Returns:
        The sets in their order, `(examples, values)`.

    Raises:
        ValueError: shapes that differ, too few examples, or a value that is not finite.
    """
    arrays = {name: np.asarray(values) for name, values in sets.items()}
    check_sets(arrays, fewest)
    return [values.reshape(len(values), -1) for values in arrays.values()]


def check_sets(sets: dict[str, np.ndarray], fewest: int) -> None:
    """Refuses sets that cannot be compared.

    Args:
        sets: by name, `(examples, ...)`.
        fewest: how many examples each has to have.

    Raises:
        ValueError: shapes that differ, too few examples, or a value that is not finite.
    """
    first = next(iter(sets.values())).shape[1:]
    for name, values in sets.items():
        if values.shape[1:] != first:
            shapes = ", ".join(f"{key} {one.shape}" for key, one in sets.items())
            raise ValueError(f"Examples of these sets differ in shape: {shapes}.")
        if values.ndim < 2 or (not values[:1].size and len(values)):
            raise ValueError(f"{name} has shape {values.shape}; it is (examples, values).")
        if len(values) < fewest:
            raise ValueError(f"{name} has {len(values)} examples; at least {fewest} are needed.")
        if not np.isfinite(values).all():
            raise ValueError(f"A value of {name} is not finite.")
