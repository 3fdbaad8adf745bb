"""A family whose models train by steps of their own and log nothing called `loss`."""

import pytest

from keras_mia.core.files.text_files import read_csv
from keras_mia.tasks import register
from tests.cli.conftest import call, train
from tests.cli.rival_task import Rivalry


@pytest.fixture
def rivalry(family, monkeypatch):
    monkeypatch.setitem(register.REGISTER, "pixel", "tests.cli.rival_task:Rivalry")
    return Rivalry


@pytest.fixture
def start(rivalry, table, tmp_path, monkeypatch, capsys):
    def start(*more):
        words = ["--data", table, "--output", tmp_path / "run", "--steps", 600, *more]
        return call(monkeypatch, capsys, lambda: train(rivalry), *words, "--precision", "float32")

    return start


@pytest.mark.parametrize(
    "logged", [("generator_loss", "discriminator_loss"), ("painter", "critic")]
)
def test_losses_of_any_name_are_in_the_bar_and_in_the_report(
    start, rivalry, tmp_path, monkeypatch, logged
):
    monkeypatch.setattr(rivalry, "logged", logged)
    code, text = start()
    assert code == 0, text
    history = read_csv(tmp_path / "run" / "history.csv")
    assert set(logged) <= set(history[0])
    page = (tmp_path / "run" / "report.html").read_text()
    for name in logged:
        shown = name.replace("_", " ")
        assert f"{shown} {float(history[-1][name]):.3f}" in text
        assert shown.capitalize() in page
    assert page.count(">Loss</") == 1


def test_gradients_of_one_loss_are_not_to_be_had(start, tmp_path):
    code, text = start("--diagnose")
    assert code == 2
    assert "--diagnose" in text
    assert not (tmp_path / "run").exists()
