"""Tables of a run that were cut off, edited or made by something else end in a Problem."""

import numpy as np
import pytest

from keras_mia.core.files.atomic import read_csv, write_csv, write_json
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_list import read_case_list, write_cases
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.datasets.tables.run_tables import (
    CASE,
    CASES,
    GRADIENTS,
    read_run_table,
    read_scores,
    score_columns,
)

CLASS = {"kind": "multiclass", "names": ["ill", "well"]}
FINDINGS = {"kind": "multilabel", "names": ["mass", "air"]}
NUMBER = {"kind": "regression", "names": ["value"]}
BOX = {"kind": "box", "names": ["low_0", "high_0"]}
JOINT = {"kind": "multitask", "columns": ["state", "age"], "parts": [CLASS, NUMBER]}
ROWS = {
    "multiclass": {"truth": "ill", "prediction": "well", "p ill": 0.25, "p well": 0.75},
    "multilabel": {"truth": "mass|air?", "prediction": "none", "p mass": 0.5, "p air": 0.1},
    "regression": {"truth": 61.5, "prediction": -2e-7},
    "box": {f"{what}_{name}": 0.5 for what in ("truth", "prediction") for name in BOX["names"]},
    "multitask": {
        **{f"state: {k}": v for k, v in zip(("truth", "prediction"), ("ill", "ill"), strict=True)},
        **{"state: p ill": 1, "state: p well": 0, "age: truth": 3, "age: prediction": 4},
    },
}


def written(path, told, count=4):
    rows = [{"case": f"c{i}", "patient": f"p{i // 2}", **ROWS[told["kind"]]} for i in range(count)]
    write_csv(path, rows)
    return score_columns(told)


@pytest.mark.parametrize("told", [CLASS, FINDINGS, NUMBER, BOX, JOINT], ids=lambda t: t["kind"])
class TestScores:
    def test_what_a_run_writes_is_read(self, tmp_path, told):
        path = tmp_path / "scores.csv"
        columns = written(path, told)
        assert read_scores(path, columns) == read_csv(path)

    @pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.7, 0.95, 0.999])
    def test_one_that_is_cut_off(self, tmp_path, told, share):
        path = tmp_path / "scores.csv"
        columns = written(path, told)
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content)) - (share > 0.99)])
        with pytest.raises(Problem, match=r"scores\.csv"):
            read_scores(path, columns)

    def test_one_that_ends_too_early(self, tmp_path, told):
        path = tmp_path / "scores.csv"
        columns = written(path, told)
        write_json(tmp_path / "metrics.json", {"cases": 4})
        assert len(read_scores(path, columns)) == 4
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
        with pytest.raises(Problem, match="has 3 cases, metrics"):
            read_scores(path, columns)

    def test_each_cell_that_is_not_what_it_must_be(self, tmp_path, told):
        path = tmp_path / "scores.csv"
        columns = written(path, told)
        rows = read_csv(path)
        for column in columns:
            for cell in ("", "nan", "inf", "0x", "nobody", "1,5"):
                if column.joined and cell in column.among:
                    continue
                write_csv(path, [*rows[:2], rows[2] | {column.name: cell}, rows[3]])
                with pytest.raises(Problem, match="Line 4, column"):
                    read_scores(path, columns)

    def test_lacking_and_doubled_columns_and_rows(self, tmp_path, told):
        path = tmp_path / "scores.csv"
        columns = written(path, told)
        rows = read_csv(path)
        for column in columns:
            write_csv(path, [{k: v for k, v in row.items() if k != column.name} for row in rows])
            with pytest.raises(Problem, match="lacks the column"):
                read_scores(path, columns)
        write_csv(path, [*rows, rows[1]])
        with pytest.raises(Problem, match="Lines 3 and 6 are both of c1"):
            read_scores(path, columns)
        write_csv(path, rows)
        head, _, rest = path.read_text().partition("\n")
        path.write_text(f"{head.strip()},case\n" + rest.replace("\n", ",x\n"))
        with pytest.raises(Problem, match="two columns are called 'case'"):
            read_scores(path, columns)


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
    cases = [Case(f"c{i}", (tmp_path / f"{i}.png",), "ill", f"p{i}", "test") for i in range(3)]
    write_cases(path, Cases(tuple(cases), "data"))
    assert len(read_case_list(path)) == 3
    rows = read_csv(path)
    write_csv(path, [rows[0] | change, *rows[1:]])
    with pytest.raises(Problem, match="Line 2, column"):
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


def test_any_bytes_are_a_table_or_a_problem(tmp_path):
    generator = np.random.default_rng(0)
    columns = written(tmp_path / "whole.csv", CLASS)
    whole = np.frombuffer((tmp_path / "whole.csv").read_bytes(), np.uint8)
    path, problems = tmp_path / "scores.csv", 0
    for _ in range(300):
        broken = whole[: generator.integers(len(whole) + 1)].copy()
        places = generator.integers(max(1, len(broken)), size=generator.integers(4))
        if len(broken):
            broken[places] = generator.integers(256, size=len(places))
        path.write_bytes(broken.tobytes())
        for table in (columns, (), CASES):
            try:
                read_scores(path, table)
            except Problem:
                problems += 1
    assert problems > 800
