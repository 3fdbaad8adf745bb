"""The file of a trained network: written, loaded again, or refused."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.models import unet
from keras_mia.training.runs.network_file import load_network, save_network


@pytest.mark.parametrize(
    "options", [{"upsampling": "resize"}, {"padding": "mirror"}, {"norm": "batch"}]
)
def test_every_unet_can_be_loaded_again(tmp_path, options):
    model = unet((16, 16, 1), 2, filters=2, depth=1, **options)
    save_network(model, tmp_path / "best.keras")
    x = np.random.default_rng(0).normal(size=(1, 16, 16, 1)).astype(np.float32)
    again = load_network(tmp_path / "best.keras")(x)
    assert again.shape == (1, 16, 16, 2)
    np.testing.assert_array_equal(again, model(x))


def test_a_broken_network_is_a_problem(tmp_path):
    with pytest.raises(Problem, match="missing"):
        load_network(tmp_path / "best.keras")
    (tmp_path / "best.keras").write_bytes(b"nothing")
    with pytest.raises(Problem, match="cannot be loaded"):
        load_network(tmp_path / "best.keras")
