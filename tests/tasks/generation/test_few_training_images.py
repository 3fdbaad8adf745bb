"""The network that reads samples learns from any number of images."""

import numpy as np
import pytest

from keras_mia.data.preprocess.array_cache import save_array
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.tasks.generation.evaluation import evaluator_training
from tests.image_plans import PLAN


@pytest.mark.parametrize("count", [2, 128, 130])
def test_an_order_of_all_steps(tmp_path, monkeypatch, count):
    """Of 130 images, two passes of 128 leave 4 fewer than two batches of a pass each."""
    monkeypatch.setattr(evaluator_training, "FEWEST_STEPS", 150)
    batches = []

    class Network:
        def compile(self, *_, **__):
            pass

        def train_on_batch(self, images, classes):
            batches.append(len(classes))

    save_array(tmp_path / "images.npy", np.zeros((count, 4, 4, 1), np.float32))
    images = ImageArray(tmp_path / "images.npy", np.eye(2)[np.arange(count) % 2], PLAN)
    evaluator_training.fit_evaluator(Network(), images)
    assert batches == [min(count, evaluator_training.BATCH)] * 150
