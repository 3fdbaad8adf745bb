"""Convolutions of groups of channels, one after the other.

Keras' own run through XLA on a CPU, since TensorFlow has no kernel for them there: a grouped 3D
convolution and its gradient took sixty times as long as its groups by themselves.
"""

import keras
from keras import ops

from keras_mia.layers.convolutions.convolution_op import ByConvolutionOp


class _GroupByGroup(ByConvolutionOp):
    """Takes the arguments of Keras' layer and has its weights; only how it computes differs."""

    def convolution_op(self, inputs, kernel):
        convolve = super().convolution_op
        channels = ops.split(inputs, self.groups, axis=-1)
        filters = ops.split(kernel, self.groups, axis=-1)
        return ops.concatenate([convolve(x, k) for x, k in zip(channels, filters, strict=True)], -1)


@keras.saving.register_keras_serializable("keras_mia")
class GroupedConv1D(_GroupByGroup, keras.layers.Conv1D):
    """`keras.layers.Conv1D` with `groups`."""


@keras.saving.register_keras_serializable("keras_mia")
class GroupedConv2D(_GroupByGroup, keras.layers.Conv2D):
    """`keras.layers.Conv2D` with `groups`."""


@keras.saving.register_keras_serializable("keras_mia")
class GroupedConv3D(_GroupByGroup, keras.layers.Conv3D):
    """`keras.layers.Conv3D` with `groups`."""
