"""A kernel of its own for each channel, at any rank."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_mia")
class DepthwiseConv(keras.Layer):
    """Filters each channel by a kernel of its own; the border is padded with zeros.

    Keras has it for signals and images only, and grouped convolutions of volumes, which would be
    the same, take TensorFlow many times as long on a CPU. So the slices of a volume pass the
    convolution of images, once for each slice of the kernel.

    Args:
        kernel_size: side of the kernel.
        kernel_initializer: what the kernel starts with.
        **options: those of `keras.Layer`.

    Source: Chollet (2016), Xception, arXiv:1610.02357.

    Example:
        >>> import numpy as np
        >>> line = np.array([1.0, 2.0, 3.0], "float32").reshape(1, 3, 1)
        >>> np.ravel(DepthwiseConv(3, kernel_initializer="ones")(line)).tolist()
        [3.0, 6.0, 5.0]
    """

    # Keras' own have them, and who looks at layers asks for them.
    strides = dilation_rate = 1

    def __init__(
        self, kernel_size: int = 3, kernel_initializer="glorot_uniform", **options
    ) -> None:
        super().__init__(**options)
        self.kernel_size = kernel_size
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        # The shape of Keras' own depthwise kernels: weights can go from one to the other.
        shape = (self.kernel_size,) * (len(input_shape) - 2) + (input_shape[-1], 1)
        self.kernel = self.add_weight(
            name="kernel", shape=shape, initializer=self.kernel_initializer
        )

    def call(self, inputs):
        if len(inputs.shape) < 5:
            return ops.depthwise_conv(inputs, self.kernel, padding="same")
        _, depth, *plane = ops.shape(inputs)
        before, after = (self.kernel_size - 1) // 2, self.kernel_size // 2
        x = ops.pad(inputs, ((0, 0), (before, after), *[(0, 0)] * 3))
        total = 0
        for i in range(self.kernel_size):
            slices = ops.reshape(x[:, i : i + depth], (-1, *plane))
            total += ops.depthwise_conv(slices, self.kernel[i], padding="same")
        return ops.reshape(total, (-1, depth, *plane))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict:
        initializer = keras.initializers.serialize(self.kernel_initializer)
        return super().get_config() | {
            "kernel_size": self.kernel_size,
            "kernel_initializer": initializer,
        }
