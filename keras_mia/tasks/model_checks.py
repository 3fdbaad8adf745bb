"""Whether networks can be built, and those of the user's own fit their plan."""

import contextlib
from collections.abc import Iterator

import keras

from keras_mia.core.problem import Problem
from keras_mia.data.preprocess.plan import Plan
from keras_mia.training.runs.model_shapes import check_shapes


@contextlib.contextmanager
def building(name: str) -> Iterator[None]:
    """A block that calls a builder, whose errors are the user's to mend.

    Args:
        name: of the builder.

    Raises:
        Problem: it does not take the images or the options.
    """
    try:
        yield
    except (ValueError, TypeError) as error:
        raise Problem(
            f"The network cannot be built: {str(error).strip().partition(chr(10))[0]}",
            name,
            "Choose another --network, --option or --size.",
        ) from error


def check_custom_network(model: keras.Model, plan: Plan, name: str) -> None:
    """Sees to it that a network of the user's own fits the plan.

    Args:
        model: that the user's builder made.
        plan: that it was built for.
        name: `FILE.py:FUNCTION`, for messages.

    Raises:
        Problem: it takes or gives other shapes.
    """
    space, output = (" x ".join(map(str, shape)) for shape in plan.shapes())
    check_shapes(model, plan, name, f"Return a model that takes {space} and gives {output}.")
