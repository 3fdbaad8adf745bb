"""Builders: functions that return ordinary `keras.Model`s, a file an architecture."""

from keras_mia.core.lazy import lazy

HOMES = {
    "all_convolutional": "classification.all_convolutional",
    "alexnet": "classification.alexnet",
    "densenet": "classification.densenet",
    "dilated": "classification.dilated",
    "lenet": "classification.lenet",
    "mlp": "classification.mlp",
    "resnet": "classification.resnet",
    "unet": "segmentation.unet",
    "vgg": "classification.vgg",
}
__getattr__, __dir__, __all__ = lazy(__name__, HOMES)
