"""Tables of scores that were cut off or edited end in a Problem, whatever the kind of target."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv, write_csv, write_json
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.tables.run_tables import CASES, read_scores
from keras_mia.data.targets.box import Box
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multilabel import Multilabel
from keras_mia.data.targets.multitask import Multitask
from keras_mia.data.targets.regression import Regression
from keras_mia.tasks.kinds.table import kind_of
from tests.image_plans import PLAN

CLASS = Multiclass(("ill", "well"), ("ill", "well"))
FINDINGS = Multilabel(("mass", "air"), ("mass", "air"))
NUMBER = Regression()
BOX = Box(("low_0", "high_0"))
JOINT = Multitask(("state", "age"), (CLASS, NUMBER), (1.0, 1.0))
ROWS = {
    "multiclass": {"truth": "ill", "prediction": "well", "p ill": 0.25, "p well": 0.75},
    "multilabel": {"truth": "mass|air?", "prediction": "none", "p mass": 0.5, "p air": 0.1},
    "regression": {"truth": 61.5, "prediction": -2e-7},
    "box": {f"{what}_{name}": 0.5 for what in ("truth", "prediction") for name in BOX.names},
    "multitask": {
        **{f"state: {k}": v for k, v in zip(("truth", "prediction"), ("ill", "ill"), strict=True)},
        **{"state: p ill": 1, "state: p well": 0, "age: truth": 3, "age: prediction": 4},
    },
}


def written(path, target, count=4):
    rows = [{"case": f"c{i}", "patient": f"p{i // 2}", **ROWS[target.kind]} for i in range(count)]
    write_csv(path, rows)
    return kind_of(replace(PLAN, target=target)).columns()


@pytest.mark.parametrize("target", [CLASS, FINDINGS, NUMBER, BOX, JOINT], ids=lambda t: t.kind)
class TestScores:
    def test_what_a_run_writes_is_read(self, tmp_path, target):
        path = tmp_path / "scores.csv"
        columns = written(path, target)
        assert read_scores(path, columns) == read_csv(path)

    @pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.7, 0.95, 0.999])
    def test_one_that_is_cut_off(self, tmp_path, target, share):
        path = tmp_path / "scores.csv"
        columns = written(path, target)
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content)) - (share > 0.99)])
        with pytest.raises(Problem, match=r"scores\.csv"):
            read_scores(path, columns)

    def test_one_that_ends_too_early(self, tmp_path, target):
        path = tmp_path / "scores.csv"
        columns = written(path, target)
        write_json(tmp_path / "metrics.json", {"cases": 4})
        assert len(read_scores(path, columns)) == 4
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
        with pytest.raises(Problem, match="has 3 cases, metrics"):
            read_scores(path, columns)

    def test_each_cell_that_is_not_what_it_must_be(self, tmp_path, target):
        path = tmp_path / "scores.csv"
        columns = written(path, target)
        rows = read_csv(path)
        for column in columns:
            for cell in ("", "nan", "inf", "0x", "nobody", "1,5"):
                if column.joined and cell in column.among:
                    continue
                write_csv(path, [*rows[:2], rows[2] | {column.name: cell}, rows[3]])
                with pytest.raises(Problem, match="Line 4, column"):
                    read_scores(path, columns)

    def test_lacking_and_doubled_columns_and_rows(self, tmp_path, target):
        path = tmp_path / "scores.csv"
        columns = written(path, target)
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


def test_any_bytes_are_a_table_or_a_problem(tmp_path):
    generator = np.random.default_rng(0)
    columns = written(tmp_path / "whole.csv", CLASS)
    whole = np.frombuffer((tmp_path / "whole.csv").read_bytes(), np.uint8)
    path, problems = tmp_path / "scores.csv", 0
    for _ in range(300):
        broken = whole[: generator.integers(len(whole) + 1)].copy()
        positions = generator.integers(max(1, len(broken)), size=generator.integers(4))
        if len(broken):
            broken[positions] = generator.integers(256, size=len(positions))
        path.write_bytes(broken.tobytes())
        for table in (columns, (), CASES):
            try:
                read_scores(path, table)
            except Problem:
                problems += 1
    assert problems > 800
