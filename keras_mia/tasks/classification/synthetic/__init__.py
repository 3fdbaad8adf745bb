"""Samples of a generator among the training images of a classifier, or in their stead."""
