"""Tables of a run that were cut off, edited or made by something else end in a Problem."""

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv, write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_list import read_case_list, write_cases
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.datasets.tables.run_tables import (
    CASE,
    GRADIENTS,
    read_run_table,
    read_scores,
)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n\n", b"case\n", b"\xff\xfe\x00", b"{}", b"case,patient,class\r\nc,p\r\n"),
        *(b"case,patient,class,dice\r\nc,p,x,high\r\n", b"case,patient,class\r\nc,p,x,1,2\r\n"),
        *(b"case,patient,class,dice\r\n,p,x,1\r\n", b'case,patient,class\r\n"c,p,x\r\n'),
    ],
)
def test_scores_of_label_maps(tmp_path, content):
    path = tmp_path / "scores.csv"
    path.write_bytes(content)
    with pytest.raises(Problem, match=r"scores\.csv"):
        read_scores(path, ())
    path.write_bytes(b"case,patient,class,dice\r\nc,p,x,nan\r\nc,p,y,\r\n")
    assert len(read_scores(path, ())) == 2


@pytest.mark.parametrize("change", [{"split": "tets"}, {"image": ""}, {"name": ""}])
def test_lists_of_cases(tmp_path, change):
    path = tmp_path / "cases.csv"
    cases = [
        Case(f"c{i}", {"image": (tmp_path / f"{i}.png",)}, Texts("ill"), f"p{i}", "test")
        for i in range(3)
    ]
    write_cases(path, Cases(tuple(cases), "data"))
    assert len(read_case_list(path)) == 3
    rows = read_csv(path)
    write_csv(path, [rows[0] | change, *rows[1:]])
    with pytest.raises(Problem, match=r"Line 2(, column| is none of)"):
        read_case_list(path)
    write_csv(path, [*rows, rows[0]])
    with pytest.raises(Problem, match="are both of c0"):
        read_case_list(path)
    write_csv(path, [row | {"region": "axis 0 from x to 1"} for row in rows])
    with pytest.raises(Problem, match="Line 2"):
        read_case_list(path)


def test_gradients_may_be_infinite_but_not_words(tmp_path):
    rows = [{"step": 0, "layer": "a", "norm": value, "weights": 1} for value in (1, np.inf, np.nan)]
    write_csv(tmp_path / "gradients.csv", rows)
    assert len(read_run_table(tmp_path / "gradients.csv", GRADIENTS)) == 3
    write_csv(tmp_path / "gradients.csv", [*rows, rows[0] | {"step": "x"}])
    with pytest.raises(Problem, match="'x' is no number"):
        read_run_table(tmp_path / "gradients.csv", GRADIENTS)


def test_a_table_that_people_write_may_end_without_a_line_end(tmp_path):
    (tmp_path / "predictions.csv").write_text("case\na")
    assert len(read_run_table(tmp_path / "predictions.csv", (CASE,), cut=False)) == 1
    with pytest.raises(Problem, match="ends within a line"):
        read_run_table(tmp_path / "predictions.csv", (CASE,))
