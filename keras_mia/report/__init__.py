"""A finished run as pictures and one page."""

from keras_mia.core.lazy import lazy

HOMES = {
    "CasePicture": "pictures",
    "planes": "pictures",
    "write_report": "page",
}
__getattr__, __dir__, __all__ = lazy(__name__, HOMES)
