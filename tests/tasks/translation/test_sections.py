"""What the report shows."""

import math

import pytest

from keras_mia.core.files.text_files import write_csv, write_json
from keras_mia.report.sections import Text
from keras_mia.report.table import Cell, Table
from keras_mia.tasks.translation.sections import report_content
from tests.tasks.translation.test_evaluator import evaluated, scores


def content_of(folder, evaluator, **changes):
    metrics = {k: v for k, v in (evaluator.metrics() | changes).items() if v is not None}
    write_csv(folder / "scores.csv", evaluator.rows)
    write_json(folder / "metrics.json", metrics)
    return report_content(folder)


def blocks(content, kind):
    return [one for section in content.sections for one in section.blocks if isinstance(one, kind)]


def heads(table):
    return [row.head.text if isinstance(row.head, Cell) else row.head for row in table.rows]


def test_network_and_baselines_with_the_range_stated(tmp_path):
    content = content_of(tmp_path, evaluated())
    scored, cases = blocks(content, Table)
    assert heads(scored) == ["Network", "Identity", "Mean"]
    network, identity, _ = scored.rows
    assert [cell.text for cell in network.cells[:4]] == ["1.000", "1.200", "32.500", "0.900"]
    assert " to " in network.cells[2].note
    assert identity.cells[-1].text == "4.000"
    assert heads(cases) == ["c4", "c1", "c3", "c5", "c2", "c0"]
    text = " ".join(one.text for one in blocks(content, Text))
    assert "PSNR and SSIM are relative to the range." in text
    assert (content.headline.metric, content.headline.baseline) == ("psnr", pytest.approx(28.5))


def test_cases_without_a_score_are_the_last(tmp_path):
    evaluator = evaluated()
    evaluator.add("empty", "q", scores(math.nan))
    evaluator.add("equal", "r", scores(math.inf))
    (_, cases) = blocks(content_of(tmp_path, evaluator), Table)
    assert heads(cases)[0] == "equal"
    assert heads(cases)[-1] == "empty"


def test_of_one_patient_the_report_says_that_there_is_no_interval(tmp_path):
    evaluator = evaluated((30.0,))
    content = content_of(tmp_path, evaluator)
    assert content.headline.interval == "none can be given"
    text = " ".join(one.text for one in blocks(content, Text))
    assert "fewer than 5 patients" in text


@pytest.mark.parametrize(
    "key", ["baselines", "baseline", "gains", "interval", "data_range", "unit", "mean"]
)
def test_any_key_may_be_missing(tmp_path, key):
    assert content_of(tmp_path, evaluated(), **{key: None}).sections


def test_nothing_scored_is_an_empty_report(tmp_path):
    content = report_content(tmp_path)
    assert content.headline is None
    assert not any(table.rows for table in blocks(content, Table))


def test_all_images_equal(tmp_path):
    evaluator = evaluated()
    for row in evaluator.rows:
        row["psnr"] = math.inf
    content = content_of(tmp_path, evaluator)
    assert content.headline is None
