"""A family whose models train by steps of their own and log nothing called `loss`."""

import keras
import pytest

from keras_mia.core.files.text_files import read_csv, read_json
from keras_mia.tasks import register
from keras_mia.training import end_training
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


class Watch(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.rates = []

    def on_train_begin(self, logs=None):
        self.rates = [float(one.learning_rate.numpy()) for one in self.model.optimizers]


def test_a_family_watches_its_training_and_has_a_diagnosis_of_its_own(start, rivalry, monkeypatch):
    watch, given = Watch(), []

    def callbacks(task, run, model, prepared, plan, batches, *, diagnose=False):
        images, _ = next(iter(batches()))
        given.append((run.folder.name, model.name, images.shape[0], plan.batch_size, diagnose))
        return [watch]

    monkeypatch.setattr(rivalry, "callbacks", callbacks)
    monkeypatch.setattr(rivalry, "check_diagnosable", lambda task, model: None)
    for words, diagnose in (((), False), (("--overwrite", "--diagnose"), True)):
        code, text = start("--steps", 20, *words)
        assert code == 0, text
        assert given.pop() == ("run", "rivals", 4, 4, diagnose)
    assert watch.rates == pytest.approx([0.05, 0.005])


class Dies(keras.callbacks.Callback):
    def __init__(self, run):
        super().__init__()
        self.run = run

    def on_epoch_end(self, epoch, logs=None):
        end_training(self.run, self.model, "The discriminator has died.")


def test_a_training_that_ends_itself_is_evaluated_and_its_report_says_why(
    start, rivalry, tmp_path, monkeypatch
):
    monkeypatch.setattr(rivalry, "callbacks", lambda task, run, *_, **__: [Dies(run)])
    code, text = start()
    assert code == 0, text
    assert "The discriminator has died." in text
    assert "The error is" in text
    page = tmp_path / "run" / "report.html"
    assert "The discriminator has died." in page.read_text()
    assert read_json(tmp_path / "run" / "run.json")["steps_done"] == 100
    page.unlink()
    code, text = start("--resume")
    assert code == 0, text
    assert "ended itself at step 100 of 600: The discriminator has died." in text
    assert "The discriminator has died." in page.read_text()
    assert read_json(tmp_path / "run" / "run.json")["steps_done"] == 100


@pytest.mark.parametrize(("peak", "highest"), [(None, 0.05), (0.1, 0.1)])
def test_rates_are_those_that_optimizers_were_made_with_or_in_proportion(
    start, rivalry, tmp_path, monkeypatch, peak, highest
):
    monkeypatch.setattr(rivalry, "peak_rate", peak)
    code, text = start("--steps", 20, "--schedule", "constant")
    assert code == 0, text
    (row,) = read_csv(tmp_path / "run" / "history.csv")
    assert float(row["learning_rate"]) == pytest.approx(highest)
