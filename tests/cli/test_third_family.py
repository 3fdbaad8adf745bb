"""A line in the register is all that the command line needs of a family."""

from keras_mia.cli.main import main
from keras_mia.core.files.text_files import read_csv, read_json
from keras_mia.tasks import register
from tests.cli.conftest import call, train


def test_it_trains_plans_predicts_and_is_examined(family, table, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "run"
    words = ["--data", table, "--output", folder, "--steps", 20, "--precision", "float32"]
    code, said = call(monkeypatch, capsys, lambda: train(family), *words)
    assert code == 0, said
    assert "The error is" in said
    assert read_json(folder / "run.json")["task"] == "pixel"
    assert read_json(folder / "plan.json")["scale"] == 255
    assert {"case", "prediction"} <= {*read_csv(folder / "scores.csv")[0]}
    assert (folder / "report.html").read_text()
    assert not (folder / "cache").exists()

    code, said = call(monkeypatch, capsys, lambda: train(family), *words, "--resume")
    assert code == 0, said
    assert "The run is finished" in said

    shown = ["predict", "--run", folder, "--data", table.parent, "--output", tmp_path / "new"]
    code, said = call(monkeypatch, capsys, main, *shown)
    assert code == 0, said
    rows = read_csv(tmp_path / "new" / "brightness.csv")
    assert len(rows) == 20
    assert float(rows[-1]["prediction"]) > float(rows[0]["prediction"])

    words[3] = folds = tmp_path / "folds"
    code, said = call(monkeypatch, capsys, lambda: train(family), *words, "--folds", 2)
    assert code == 0, said
    assert read_json(folds / "metrics.json")["cases"] == 20

    code, said = call(monkeypatch, capsys, main, "plan", "--task", "pixel", "--data", table)
    assert code == 0, said
    assert "scale" in said
    code, said = call(monkeypatch, capsys, main, "doctor", "--task", "pixel", "--data", table)
    assert code == 0, said
    assert "20 cases" in said


def test_what_it_leaves_out_is_not_offered(family):
    assert not register.offers("pixel", "compare")
    assert register.offers("segmentation", "compare")
    assert "pixel" not in register.families("evaluate_files")
