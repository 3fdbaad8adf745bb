"""Signals are read from arrays of one axis, with as few words as images."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases, read_image
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.preprocess.prepare_image import prepare_image
from keras_mia.data.targets.inference import infer_target
from keras_mia.doctor.diagnosis import diagnose
from keras_mia.tasks.classification.planning import make_plan as make_image_plan

ROOM = np.random.default_rng(0)
BEATS = np.sin(np.linspace(0, 9, 140)) + ROOM.normal(0, 0.01, (24, 140))
BEATS[::2] *= 2


def written(folder, kind):
    """Nearly equal beats of two classes, in one file or in a file each."""
    if kind == "npz":
        numbers = np.arange(24) % 2
        arrays = {"x_train": BEATS[:16], "y_train": numbers[:16]}
        np.savez(folder / "a.npz", x_test=BEATS[16:], y_test=numbers[16:], **arrays)
        return folder / "a.npz"
    for number, beat in enumerate(BEATS):
        path = folder / "ab"[number % 2]
        path.mkdir(exist_ok=True)
        if kind == "npy":
            np.save(path / f"{number}.npy", beat)
        else:
            np.savez(path / f"{number}.npz", image=beat)
    return folder


@pytest.mark.parametrize("kind", ["npz", "npy", "an npz each"])
def test_signals_are_columns_and_no_copies_of_each_other(tmp_path, kind):
    cases = read_cases(written(tmp_path, kind), targets=["multiclass"])
    assert cases[0].image().array.shape == (140, 1, 1)
    assert sum("signals of" in note for note in cases.notes) <= 1
    assert not [one for one in diagnose(cases).findings if one.severity == "wrong"]
    plan = make_image_plan(
        [read_facts(case) for case in cases], infer_target([case.text for case in cases])
    )
    assert (plan.rotation_deg, plan.size[1]) == ((0.0,), 1)
    assert prepare_image(cases[0].image(), plan).shape == (*plan.size, 1)


def test_a_signal_with_and_without_its_channel_is_the_same(tmp_path):
    np.save(tmp_path / "a.npy", BEATS[0])
    np.save(tmp_path / "b.npy", BEATS[0][:, None])
    np.testing.assert_array_equal(
        read_image(tmp_path / "a.npy").array, read_image(tmp_path / "b.npy").array
    )
    np.save(tmp_path / "c.npy", np.float32(3))
    with pytest.raises(Problem, match="single number"):
        read_image(tmp_path / "c.npy")
