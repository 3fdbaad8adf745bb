"""What a network takes and gives is what its plan asks for."""

from collections.abc import Sequence

import keras

from keras_mia.core.problem import Problem
from keras_mia.data.preprocess.plan import Plan


def check_shapes(model: keras.Model, plan: Plan, where: object, remedy: str) -> None:
    """Sees to it that a model is one of a plan.

    Args:
        model: of any builder.
        plan: that it is to be applied with.
        where: its file.
        remedy: what to do if it is none.

    Raises:
        Problem: it takes or gives other shapes.
    """
    shapes = [tuple(model.inputs[0].shape[1:]), tuple(model.outputs[0].shape[1:])]
    several = not isinstance(model, keras.Sequential) and isinstance(model.output, dict)
    if several:  # heads, each of the whole image
        shapes[1] = (sum(one.shape[-1] for one in model.outputs),)
    for what, shape, planned in zip(("takes", "gives"), shapes, plan.shapes(), strict=True):
        if not _fits(shape, planned):
            raise Problem(
                f"The network {what} {_text(shape)}, the plan of its run asks for"
                f" {_text(planned)}.",
                where,
                remedy,
            )


def _fits(shape: tuple[int | None, ...], planned: tuple[int, ...]) -> bool:
    return len(shape) == len(planned) and all(
        a in (None, b) for a, b in zip(shape, planned, strict=True)
    )


def _text(shape: Sequence[int | None]) -> str:
    return " x ".join("any" if size is None else str(size) for size in shape)
