"""Images that training refuses are refused by `predict`, and the others predicted."""

import csv
import os
from dataclasses import asdict, replace

import nibabel as nib
import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv, write_json
from keras_mia.data.datasets.case_list import write_cases
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.tasks.kinds.calibration import Calibration
from tests.image_plans import PLAN as ANSWER_PLAN

SPACE = (8, 8, 8)


@pytest.fixture
def answering(tmp_path):
    """The folder of a run that answers volumes: ill, where their mean is above 0.5."""
    import keras

    folder = tmp_path / "answering"
    plan = replace(ANSWER_PLAN, size=SPACE, spacing_mm=(1.0, 1.0, 1.0), view="volume", flip=())
    inputs = keras.Input((*SPACE, 1))
    pooled = keras.layers.GlobalAveragePooling3D()(inputs)
    layer = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(inputs, layer(pooled))
    layer.set_weights([np.array([[0.0, 40.0]]), np.array([0.0, -20.0])])
    folder.mkdir()
    model.save(folder / "best.keras")
    plan.write(folder / "plan.json")
    write_json(folder / "calibration.json", asdict(Calibration(1.0, (0.5,))))
    write_json(folder / "run.json", {"format": 1, "task": "classification"})
    cases = Cases(
        (Case("a", {"image": (folder / "a.nii.gz",)}, Texts("0"), "a", "train"),), "there"
    )
    write_cases(folder / "cases.csv", cases)
    return folder


@pytest.fixture
def volumes(tmp_path, write_volume):
    """Good volumes and others that training would refuse, or warn of."""
    good = np.random.default_rng(0).random(SPACE).astype(np.float32)
    affine = np.eye(4)
    for name, value in (("nan", np.nan), ("infinite", -np.inf)):
        odd = good.copy()
        odd[1, 2, 3] = value
        write_volume(tmp_path / "in" / f"{name}.nii.gz", odd, affine)
    write_volume(tmp_path / "in" / "a_good.nii.gz", good, affine)
    write_volume(tmp_path / "in" / "flat.nii.gz", np.full(SPACE, 3, np.float32), affine)
    write_volume(tmp_path / "in" / "in_metres.nii.gz", good, np.diag([1e-3, 1e-3, 1e-3, 1]))
    write_volume(tmp_path / "in" / "series.nii.gz", np.stack([good] * 3, -1), affine)
    write_volume(tmp_path / "in" / "z_good.nii.gz", good, affine)
    return tmp_path / "in"


ODD = ("nan", "infinite", "in_metres", "series")


@pytest.mark.parametrize("shard", [[], ["--shard", "1/1"]])
def test_label_maps_are_written_of_all_but_what_training_refuses(
    app, stand_in, volumes, tmp_path, shard
):
    runs = [stand_in(tmp_path / "runs" / f"fold_{number}").parent for number in (1, 2)]
    done = app("predict", "--run", runs[0], "--data", volumes, "--output", tmp_path / "out", *shard)
    assert done.code == 2
    assert sorted(os.listdir(tmp_path / "out")) == ["a_good.nii.gz", "flat.nii.gz", "z_good.nii.gz"]
    assert "3 label maps written" in done.out
    assert "Warning: Constant image (1)" in done.out
    assert "4 of 7 images could not be predicted" in done.err
    for name in ODD:
        assert str(volumes / f"{name}.nii.gz") in done.err
    assert "not numbers" in done.err
    assert "by the header" in done.err
    for remedy in (
        "Replace them, for instance by 0",
        "Correct the voxel size",
        "Give images of the",
    ):
        assert done.err.count(remedy) == 1


def test_answers_are_given_to_all_but_what_training_refuses(app, answering, volumes, tmp_path):
    done = app("predict", "--run", answering, "--data", volumes, "--output", tmp_path / "out")
    assert done.code == 2
    rows = read_csv(tmp_path / "out" / "predictions.csv")
    assert [row["case"] for row in rows] == ["a_good", "flat", "z_good"]
    assert "Warning: Constant image (1)" in done.out
    for name in ODD:
        assert str(volumes / f"{name}.nii.gz") in done.err


def test_a_mask_that_is_not_a_number_is_not_judged(app, tmp_path, write_volume):
    mask = np.zeros(SPACE, np.float32)
    mask[:4] = 1
    for side in ("truth", "prediction"):
        for number in range(2):
            odd = mask.copy()
            odd[0, 0, 0] = np.nan if (side, number) == ("prediction", 1) else 1
            write_volume(tmp_path / side / f"c{number}.nii.gz", odd, np.eye(4))
    folders = ["--prediction", tmp_path / "prediction", "--truth", tmp_path / "truth"]
    done = app("evaluate", *folders)
    assert done.code == 2
    assert str(tmp_path / "prediction" / "c1.nii.gz") in done.err
    nib.save(nib.Nifti1Image(mask, np.eye(4)), tmp_path / "prediction" / "c1.nii.gz")
    assert app("evaluate", *folders).code == 0


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda row: row.pop("p ill"), "lacks the column p ill"),
        (lambda row: row.update({"p ill": ""}), "nothing stands there"),
        (lambda row: row.update({"p ill": "nan"}), "no number"),
        (lambda row: row.update({"p ill": "1.7"}), "between 0 and 1"),
    ],
)
def test_a_table_of_answers_is_checked(app, answering, volumes, tmp_path, spoil, what):
    app("predict", "--run", answering, "--data", volumes, "--output", tmp_path / "out")
    rows = read_csv(tmp_path / "out" / "predictions.csv")
    names = [row["case"] for row in rows]
    truth = tmp_path / "truth.csv"
    lines = [f"in/{name}.nii.gz,{number % 2}" for number, name in enumerate(names)]
    truth.write_text("\n".join(["image,label", *lines]))
    spoil(rows[1])
    with (tmp_path / "out" / "predictions.csv").open("w", newline="") as file:
        writer = csv.DictWriter(
            file, [name for name in rows[0] if name in rows[1]], extrasaction="ignore"
        )
        writer.writeheader()
        writer.writerows(rows)
    table = ["--prediction", tmp_path / "out", "--truth", truth]
    done = app("evaluate", "--run", answering, *table)
    assert done.code == 2
    assert what in done.err
    assert "predictions.csv" in done.err
