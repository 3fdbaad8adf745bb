"""Grouped convolutions are computed group by group at every rank."""

import keras
import numpy as np
import pytest

from keras_mia import layers


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_each_group_is_convolved_by_itself(axes, monkeypatch):
    sizes = []
    convolve = keras.ops.conv

    def watched(x, kernel, *others, **options):
        sizes.append((x.shape[-1], kernel.shape[-2:]))
        return convolve(x, kernel, *others, **options)

    monkeypatch.setattr("keras.src.ops.conv", watched)
    layer = getattr(layers, f"GroupedConv{axes}D")(6, 3, groups=2, padding="same")
    layer(np.zeros((1, *[5] * axes, 4), "float32"))
    assert sizes == [(2, (2, 3)), (2, (2, 3))]
