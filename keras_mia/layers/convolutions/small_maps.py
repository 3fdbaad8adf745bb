"""Keras' own convolutions of images and volumes, which learn faster deep in a network.

Same arguments, weights and results as the layers of Keras that they derive from; only how the
gradient of the weights is computed differs, see `weight_gradients`.
"""

import keras
from keras import ops

if keras.backend.backend() == "tensorflow":
    from keras_mia.layers.convolutions import weight_gradients
else:
    weight_gradients = None  # type: ignore[assignment]


class _Convolution:
    def convolution_op(self, inputs, kernel):
        space = self.compute_output_shape(inputs.shape)[1:-1]
        if self.groups > 1 or not _by_products(self, space, kernel):
            return super().convolution_op(inputs, kernel)
        return weight_gradients.convolution(inputs, kernel, self.strides, self.padding.upper())


class _Transposed:
    def call(self, inputs):
        space = inputs.shape[1:-1]
        if self.output_padding is not None or not _by_products(self, space, self.kernel):
            return super().call(inputs)
        shape = self.compute_output_shape((ops.shape(inputs)[0], *inputs.shape[1:]))
        padding = self.padding.upper()
        x = weight_gradients.conv_transpose(inputs, self.kernel, shape, self.strides, padding)
        x = x + self.bias if self.use_bias else x
        return x if self.activation is None else self.activation(x)


def _by_products(layer, space, kernel) -> bool:
    return (
        weight_gradients is not None
        and layer.data_format == "channels_last"
        and weight_gradients.pays(space, kernel, layer.dilation_rate)
    )


@keras.saving.register_keras_serializable("keras_mia")
class Conv2D(_Convolution, keras.layers.Conv2D):
    """`keras.layers.Conv2D`."""


@keras.saving.register_keras_serializable("keras_mia")
class Conv3D(_Convolution, keras.layers.Conv3D):
    """`keras.layers.Conv3D`."""


@keras.saving.register_keras_serializable("keras_mia")
class Conv2DTranspose(_Transposed, keras.layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose`."""


@keras.saving.register_keras_serializable("keras_mia")
class Conv3DTranspose(_Transposed, keras.layers.Conv3DTranspose):
    """`keras.layers.Conv3DTranspose`."""
