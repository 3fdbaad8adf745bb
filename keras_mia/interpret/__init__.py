"""What a network looked at."""

from keras_mia.core.lazy import lazy

EXPORTS = {"grad_cam": "grad_cam_maps", "last_map": "grad_cam_maps"}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
