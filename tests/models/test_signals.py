"""A signal's shape may leave out its one channel."""

import numpy as np
import pytest

from keras_mia.models import dilated, lenet, mlp, resnet, unet, vgg


@pytest.mark.parametrize("builder", [lenet, mlp, resnet, dilated, vgg, unet])
def test_a_shape_of_samples_alone_has_one_channel(builder):
    options = {"filters": 4, "depth": 2} if builder is unet else {}
    model = builder((128,), 2, **options)
    assert model.input_shape == (None, 128, 1)
    result = model.predict(np.zeros((3, 128), np.float32), verbose=0)
    assert result.shape == ((3, 128, 2) if builder is unet else (3, 2))
