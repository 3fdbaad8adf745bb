"""What Keras lacks: layers of any rank, fast normalization, resizing, mirrored borders."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "BatchNormalization": "normalization",
    "Conv2D": "convolutions.small_maps",
    "Conv2DTranspose": "convolutions.small_maps",
    "Conv3D": "convolutions.small_maps",
    "Conv3DTranspose": "convolutions.small_maps",
    "DataConsistency": "data_consistency",
    "DepthwiseConv": "convolutions.depthwise",
    "GroupNormalization": "normalization",
    "GroupedConv1D": "convolutions.grouped",
    "GroupedConv2D": "convolutions.grouped",
    "GroupedConv3D": "convolutions.grouped",
    "InstanceNormalization": "normalization",
    "L2Pooling": "pooling",
    "LocalResponseNormalization": "local_response",
    "MirrorPadding": "borders",
    "StridedPointwiseConv1D": "convolutions.strided_pointwise",
    "StridedPointwiseConv2D": "convolutions.strided_pointwise",
    "TakeChannels": "channels",
    "Upsampling": "upsampling",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
