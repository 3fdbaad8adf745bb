"""The part that convolutions share which compute by an operation of their own."""


class ByConvolutionOp:
    """Computes by `convolution_op` at every rank; Keras' 1D convolution never calls its own."""

    def build(self, input_shape):
        if self.padding == "causal" or self.data_format != "channels_last":
            raise ValueError(
                f"{self.name}: padding {self.padding!r} and {self.data_format} are not computed;"
                " padding is 'same' or 'valid', and channels are last."
            )
        super().build(input_shape)

    def call(self, inputs):
        outputs = self.convolution_op(inputs, self.kernel)
        outputs = outputs + self.bias if self.use_bias else outputs
        return outputs if self.activation is None else self.activation(outputs)
