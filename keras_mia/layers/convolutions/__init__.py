"""Convolutions that compute otherwise than Keras' own, with its arguments and weights."""
