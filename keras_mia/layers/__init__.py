"""What Keras lacks: layers of any rank, fast normalization, resizing, mirrored borders."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "BatchNormalization": "normalization",
    "DataConsistency": "data_consistency",
    "DepthwiseConv": "depthwise",
    "GroupNormalization": "normalization",
    "GroupedConv1D": "grouped",
    "GroupedConv2D": "grouped",
    "GroupedConv3D": "grouped",
    "InstanceNormalization": "normalization",
    "L2Pooling": "pooling",
    "LocalResponseNormalization": "local_response",
    "MirrorPadding": "borders",
    "StridedPointwiseConv1D": "strided_pointwise",
    "StridedPointwiseConv2D": "strided_pointwise",
    "TakeChannels": "channels",
    "Upsampling": "upsampling",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
