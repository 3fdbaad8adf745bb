"""From facts about data to a plan with a reason for each value."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "image_choices": "images",
    "patch_choices": "patches",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
