"""Builders: functions that return ordinary `keras.Model`s, a file an architecture."""

from keras_mia.core.lazy import lazy

HOMES = {
    "unet": "segmentation.unet",
}
__getattr__, __dir__, __all__ = lazy(__name__, HOMES)
