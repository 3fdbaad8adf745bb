"""Medical image analysis with Keras 3 and TensorFlow.

Importing the package is instant: its rooms, and TensorFlow with them, are loaded when first asked
for, as in `keras_mia.models.unet`.
"""

import importlib

from keras_mia.core.problem import Problem

__version__ = "0.1.0"
__all__ = ["Problem", "__version__"]

ROOMS = {
    *("data", "layers", "models", "losses", "metrics", "training"),
    *("inference", "report", "tasks"),
}


def __getattr__(name: str):
    if name in ROOMS:
        return importlib.import_module(f"keras_mia.{name}")
    raise AttributeError(f"module 'keras_mia' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *ROOMS})
