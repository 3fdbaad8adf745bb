"""Convolutions of size 1 with strides: the voxels that they look at are taken first.

TensorFlow's gradient of such a convolution of signals and images (2.21, oneDNN, on a CPU) writes
beyond its memory where a side is a multiple of the stride, the batch is odd and there are few
channels: processes end in `munmap_chunk(): invalid pointer` or `corrupted size vs. prev_size`. A
convolution of what the strides leave has the same values, and no such gradient.
"""

import keras
from keras import ops

from keras_mia.layers.convolutions.convolution_op import ByConvolutionOp

SAFE = 16
"""Channels from which on the gradient was not seen to fail; taking voxels first is slower there."""


class _TakenFirst(ByConvolutionOp):
    """Takes the arguments of Keras' layer and has its weights; only how it computes differs."""

    def convolution_op(self, inputs, kernel):
        if inputs.shape[-1] >= SAFE:
            return super().convolution_op(inputs, kernel)
        steps = (slice(None, None, stride) for stride in self.strides)
        return ops.conv(inputs[(slice(None), *steps)], kernel, strides=1, padding="valid")


@keras.saving.register_keras_serializable("keras_mia")
class StridedPointwiseConv1D(_TakenFirst, keras.layers.Conv1D):
    """`keras.layers.Conv1D` with a kernel of size 1 and strides, of channels last."""


@keras.saving.register_keras_serializable("keras_mia")
class StridedPointwiseConv2D(_TakenFirst, keras.layers.Conv2D):
    """`keras.layers.Conv2D` with a kernel of size 1 and strides, of channels last."""
