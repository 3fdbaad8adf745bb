import shlex
import sys
from dataclasses import replace

import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.report import write_report
from keras_mia.training.runs.provenance import data_fingerprint
from keras_mia.training.runs.repeat import repeated, repeated_folds
from keras_mia.training.runs.run import Run


def cases_of(tmp_path, contents):
    for name, content in contents.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    instances = tmp_path / "masks"
    return Cases(
        (Case("a", {"image": (tmp_path / "a.png",)}, LabelMapFile(instances), "a", "train"),),
        str(tmp_path),
    )


def test_the_fingerprint_is_of_contents_and_names_alone(tmp_path):
    contents = {"a.png": b"image", "masks/1.png": b"one", "masks/2.png": b"two"}
    first = data_fingerprint(cases_of(tmp_path / "x", contents))
    assert first == data_fingerprint(cases_of(tmp_path / "y", contents))
    (tmp_path / "y" / "masks" / "thumbnails").mkdir()
    assert first == data_fingerprint(cases_of(tmp_path / "y", contents)), "a folder is no mask"
    changed = contents | {"masks/2.png": b"TWO"}
    assert first != data_fingerprint(cases_of(tmp_path / "z", changed))


def test_what_may_be_wrong_with_the_data_stands_in_the_report(tmp_path):
    cases = cases_of(tmp_path / "data", {"a.png": b"image", "masks/1.png": b"one"})
    run = Run.start(tmp_path / "run", "segmentation")
    run.accept(replace(cases, warnings=("Same image (1): a.",)))
    assert run.facts["warnings"] == ["Same image (1): a."]
    assert "Same image (1): a." in write_report(run.folder).read_text(encoding="utf-8")


@pytest.mark.parametrize("program", ["/home/me/house/apps/segment.py", "apps/segment.py"])
def test_the_command_that_repeats_a_run(tmp_path, monkeypatch, program):
    arguments = ["--data", "my data", "--minutes=3", "--seed", "4", "--overwrite", "--filters", "8"]
    arguments += ["--output=my runs/one"]
    monkeypatch.setattr(sys, "argv", [program, *arguments])
    run = Run.start(tmp_path / "run", "segmentation", seed=4)
    assert shlex.split(run.facts["command"]) == ["keras-mia", "segment", *arguments]
    run.record(schedule="70+50", validations=2)
    assert shlex.split(run.facts["repeat"]) == [
        *("keras-mia", "segment", "--data", "my data", "--filters", "8"),
        *("--output", "my runs/one-again"),
        *("--seed", "4", "--steps", "70+50", "--validations", "2"),
    ]


def test_a_fold_is_repeated_alone_and_all_of_them_by_one_command_where_that_is_exact():
    command = "keras-mia classify --data D --output runs/all --folds 2 --minutes 3"
    facts = {"command": command, "seed": 0, "validations": 1}
    one, two = ({**facts, "fold": f"{k}/2", "schedule": f"{k}0"} for k in (1, 2))
    exact = "--seed 0 --steps {} --validations 1"
    again = "keras-mia classify --data D --output runs/all-again"
    alone = [f"{again}/fold_{k} --fold {k}/2 {exact.format(f'{k}0')}" for k in (1, 2)]
    assert repeated(two) == alone[1]
    together = {**one, "fold": "all 2", "folds": 2}
    assert repeated_folds([one, two], together).splitlines() == alone
    same = repeated_folds([one, {**two, "schedule": "10"}], together)
    assert same == f"{again} --folds 2 {exact.format('10')}"


def test_any_change_of_a_file_changes_the_fingerprint(tmp_path):
    voxels = bytes(3 * 2**20)
    first = data_fingerprint(cases_of(tmp_path, {"a.png": voxels, "masks/1.png": b"one"}))
    changed = voxels[: 2**21] + b"x" + voxels[2**21 + 1 :]
    assert first != data_fingerprint(cases_of(tmp_path, {"a.png": changed}))
    cases = cases_of(tmp_path, {"a.png": voxels, "region.png": b"1"})
    with_region = Cases(tuple(replace(one, region=tmp_path / "region.png") for one in cases), "")
    before = data_fingerprint(with_region)
    (tmp_path / "region.png").write_bytes(b"2")
    assert data_fingerprint(with_region) != before
    (tmp_path / "a.png").unlink()
    with pytest.raises(Problem, match="cannot be read"):
        data_fingerprint(cases)
