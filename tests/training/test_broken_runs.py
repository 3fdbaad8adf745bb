"""Files of a run that are cut off, empty, or not what they should be: a Problem, never more."""

import json
import tracemalloc

import keras
import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import read_run_facts
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan
from keras_mia.training.fitting import checkpoint
from keras_mia.training.fitting.state import TrainingState

NESTED = "[" * 100_000
BROKEN = ["", "{", "{}", "[]", "null", "3", '{"format": 1}', '{"format": 1, "size": null}', NESTED]


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:20])
@pytest.mark.parametrize("name", ["plan.json", "calibration.json", "run.json"])
def test_a_broken_file_is_a_problem_that_names_it(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    readers = {
        "plan.json": [
            lambda: SegmentationPlan.read(tmp_path / name),
            lambda: ClassificationPlan.read(tmp_path / name),
        ],
        "calibration.json": [lambda: Calibration.read(tmp_path)],
        "run.json": [lambda: read_run_facts(tmp_path)],
    }
    for read in readers[name]:
        if (name, text) == ("calibration.json", "{}"):
            continue  # all its fields have defaults
        with pytest.raises(Problem, match=name):
            read()


@pytest.mark.parametrize(
    "change", [{"task": 3}, {"task": None}, {"seconds": [1]}, {"notes": "x"}, {"warnings": [1]}]
)
def test_facts_of_another_kind_are_a_problem(tmp_path, change):
    facts = {"format": 1, "task": "segmentation", "seconds": {}, "notes": []}
    (tmp_path / "run.json").write_text(json.dumps(facts | change))
    with pytest.raises(Problem, match=r"run\.json"):
        read_run_facts(tmp_path)


def test_a_checkpoint_that_is_cut_off_is_a_problem(tmp_path):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    model.compile("sgd", loss="mse", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    path = tmp_path / "last.npz"
    checkpoint.save(path, model, TrainingState(step=3))
    assert checkpoint.restore(path, model).step == 3
    content = path.read_bytes()
    for broken in (b"", content[:1], content[: len(content) // 2], content[:-30], b"PK\x03\x04"):
        path.write_bytes(broken)
        with pytest.raises(Problem, match="checkpoint cannot be read"):
            checkpoint.restore(path, model)
    for state in ('{"step": null}', '{"steps": 1}', "[]", "3", "x"):
        np.savez(path, state=state)
        with pytest.raises(Problem, match=r"last\.npz"):
            checkpoint.restore(path, model)


def test_a_checkpoint_of_another_network_is_refused_before_it_is_read(tmp_path):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    model.compile("sgd", loss="mse", jit_compile=False)
    path = tmp_path / "last.npz"
    np.savez_compressed(path, state='{"step": 1}', **{"0": np.zeros((4000, 1000))})
    tracemalloc.start()
    with pytest.raises(Problem, match="another network"):
        checkpoint.restore(path, model)
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert memory < 8e6
