"""What is wrong with a data set, and how to correct it."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "Diagnosis": "diagnosis",
    "diagnose": "diagnosis",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
