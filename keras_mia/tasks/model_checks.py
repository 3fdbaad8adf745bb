"""Whether a network of the user's own fits its plan."""

import keras

from keras_mia.data.preprocess.plan import Plan
from keras_mia.training.runs.model_shapes import check_shapes


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
