"""Medical image analysis with Keras 3 and TensorFlow.

Importing the package is instant: what lies in it, and TensorFlow with it, is loaded when first
used, as in `keras_mia.models.unet`. Keras then opens saved models with the package's layers,
losses, metrics and optimizers by `keras.models.load_model`.
"""

import importlib

from keras_mia.core.problem import Problem
from keras_mia.core.registering import register_with_keras

__version__ = "0.1.0"
__all__ = ["Problem", "__version__"]

PACKAGES = {
    *("core", "data", "layers", "models", "losses", "metrics", "training"),
    *("doctor", "planning", "inference", "interpret", "report", "tasks", "cli"),
}
register_with_keras()


def __getattr__(name: str):
    if name in PACKAGES:
        return importlib.import_module(f"keras_mia.{name}")
    raise AttributeError(f"module 'keras_mia' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *PACKAGES})
