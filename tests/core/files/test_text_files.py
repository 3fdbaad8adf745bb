import csv
import json

import pytest

from keras_mia.core.files.text_files import read_csv, read_json, write_csv, write_json
from keras_mia.core.problem import Problem


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


CELLS = ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx", "\r=x", "\n=x", "'=x", "''=x", "-nan", "--1"]


@pytest.mark.parametrize("cell", CELLS)
def test_what_a_spreadsheet_would_run_is_quoted_and_read_as_it_was(tmp_path, cell):
    write_csv(tmp_path / "a.csv", [{"case": cell, cell: "x"}])
    with (tmp_path / "a.csv").open(newline="") as file:
        for row in csv.reader(file):
            assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for text in row)
    assert read_csv(tmp_path / "a.csv") == [{"case": cell, cell: "x"}]


@pytest.mark.parametrize("cell", ["-0.5", "+1e-3", "'quoted'", "a=b", "-inf", "", "x - y"])
def test_other_cells_stay_as_they_are(tmp_path, cell):
    write_csv(tmp_path / "a.csv", [{"case": cell}, {"case": -0.5}])
    assert (tmp_path / "a.csv").read_text().splitlines()[1:] == [cell or '""', "-0.5"]
    assert read_csv(tmp_path / "a.csv") == [{"case": cell}, {"case": "-0.5"}]
