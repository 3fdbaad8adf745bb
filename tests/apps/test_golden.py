"""Runs that earlier versions wrote can still be read."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv
from keras_mia.data.datasets.sources.samples import sample_file
from keras_mia.data.io.image_io import read_image, read_label

GOLDEN = Path(__file__).parent.parent / "golden" / "digits"


@pytest.fixture
def page() -> Path:
    return sample_file("digits")[0].parent / "page_00.png"


def test_an_old_run_predicts_what_it_predicted(app, page, tmp_path):
    said = app("predict", "--run", GOLDEN, "--data", page, "--output", tmp_path, "--no-mirror")
    assert said.code == 0, said.err
    now = read_label(tmp_path / "page_00.png").array
    then = read_label(GOLDEN / "unmirrored.png").array
    assert now.shape == then.shape == (*read_image(page).space, 1)
    assert 0.1 < (then > 0).mean() < 0.9
    # Another processor rounds otherwise.
    assert np.mean(now != then) < 0.002


def test_its_scores_come_out_again(app, page, tmp_path):
    truth = tmp_path / "truth"
    truth.mkdir()
    shutil.copy(page.with_name("page_00_label.png"), truth / "page_00.png")
    said = app(
        *("evaluate", "--prediction", GOLDEN / "predictions", "--truth", truth),
        *("--run", GOLDEN, "--output", tmp_path / "scores"),
    )
    assert said.code == 0, said.err
    then = next(row for row in read_csv(GOLDEN / "scores.csv") if row["case"] == "page_00")
    now = read_csv(tmp_path / "scores" / "scores.csv")[0]
    for metric in ("dice", "jaccard", "surface_dice"):
        assert float(now[metric]) == pytest.approx(float(then[metric]))
    # That version called pixels of no known size millimetres.
    assert float(now["hd95_px"]) == pytest.approx(float(then["hd95_mm"]))


def test_a_run_of_another_format_is_named(app, page, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(GOLDEN, run)
    facts = json.loads((run / "run.json").read_text()) | {"format": 999}
    (run / "run.json").write_text(json.dumps(facts))
    said = app("predict", "--run", run, "--data", page, "--output", tmp_path / "out")
    assert said.code == 2
    assert "format 999" in said.err
    assert str(run / "run.json") in said.err
    assert not (tmp_path / "out").exists()
