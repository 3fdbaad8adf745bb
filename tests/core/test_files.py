import json
import os

import pytest

from keras_mia.core.files import atomic, read_csv, read_json, write_csv, write_json, write_text
from keras_mia.core.problem import Problem


def test_a_file_is_whole_or_not_there(tmp_path):
    path = tmp_path / "folder" / "file.txt"
    with pytest.raises(RuntimeError), atomic(path) as beside:
        beside.write_text("half")
        raise RuntimeError
    assert not path.exists()
    assert list(path.parent.iterdir()) == []
    write_text(path, "old")
    with pytest.raises(RuntimeError), atomic(path) as beside:
        beside.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"


def test_the_name_beside_keeps_its_suffixes(tmp_path):
    with atomic(tmp_path / "scan.nii.gz") as beside:
        assert beside.name.endswith(".nii.gz")
        beside.write_bytes(b"x")
    assert (tmp_path / "scan.nii.gz").read_bytes() == b"x"


def test_permissions_follow_the_mask(tmp_path):
    write_text(tmp_path / "file", "x")
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o666 & ~mask


def test_an_unwritable_place_is_a_problem(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Problem, match="Cannot write"):
        write_text(tmp_path / "file" / "below", "x")


def test_json_holds_no_nan(tmp_path):
    write_json(tmp_path / "a.json", {"a": float("nan"), "b": [1, (2.0, tmp_path)], 3: None})
    found = json.loads((tmp_path / "a.json").read_text())
    assert found == {"a": None, "b": [1, [2.0, str(tmp_path)]], "3": None}
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(Problem, match=r"b\.json"):
        read_json(tmp_path / "b.json")


def test_tables_go_round(tmp_path):
    write_csv(tmp_path / "a.csv", [{"a": 1, "b": "x,y"}, {"a": 2, "c": "z"}])
    assert read_csv(tmp_path / "a.csv") == [
        {"a": "1", "b": "x,y", "c": ""},
        {"a": "2", "b": "", "c": "z"},
    ]
    with pytest.raises(Problem, match="missing"):
        read_csv(tmp_path / "missing.csv")
