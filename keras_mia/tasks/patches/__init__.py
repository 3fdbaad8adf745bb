"""What families share that predict a value for each voxel, from patches."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "PEAK_RATE": "network",
    "Member": "ensemble",
    "augmentation": "training_stream",
    "batches": "training_stream",
    "members_of": "ensemble",
    "view_options": "ensemble",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
