"""When a game is over, and when it is not."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from keras_mia.tasks.generation.callbacks.players import PlayerWatch


class Recorder(SimpleNamespace):
    """A run that keeps what is said of it."""

    def __init__(self, folder=Path("none"), resumed=False):
        super().__init__(folder=folder, resumed=resumed, said=[], facts={})

    def warn(self, text):
        self.said.append(text)

    def record(self, **facts):
        self.facts |= facts


def play(rows, *, classes=0, loss_reaches_zero=True, run=None):
    """What is said of a game with these epochs, and after how many it ended."""
    run = run or Recorder()
    watch = PlayerWatch(run, loss_reaches_zero=loss_reaches_zero, classes=classes)
    watch.set_model(SimpleNamespace(stop_training=False, moves=400))
    watch.on_train_begin()
    for epoch, row in enumerate(rows, start=1):
        watch.on_epoch_end(epoch, row)
        if watch.model.stop_training:
            return run.said[0], epoch
    return "", len(rows)


def rows(discriminator, generator, **more):
    return [
        {"discriminator_loss": float(one), "generator_loss": float(other), **more}
        for one, other in zip(discriminator, generator, strict=True)
    ]


@pytest.mark.parametrize("spread", [1e-3, 1e-4])
def test_a_game_at_its_equilibrium_goes_on(spread):
    random = np.random.default_rng(0)
    steady = 2 * np.log(2) + spread * random.normal(size=200)
    assert play(rows(steady, steady / 2)) == ("", 200)


def test_a_discriminator_that_wins_for_a_while_goes_on():
    low = [0.5, 3e-5, 2e-5, 0.02, 4e-5, 2e-5, 0.4]
    assert play(rows(low, np.linspace(2, 9, 7)))[0] == ""


def test_a_loss_that_stays_ends_it():
    said, epoch = play(rows(np.linspace(1, 0.5, 9), [0.7] * 9))
    assert epoch == 5
    assert "the generator's loss has stayed at 0.7 for 5 epochs" in said
    assert "after epoch 5" in said


def test_a_discriminator_that_nothing_deceives_ends_it():
    said, epoch = play(rows(1e-6 * np.arange(1, 9), np.linspace(5, 9, 8)))
    assert epoch == 3
    assert "tells every sample from real images" in said


def test_a_loss_near_zero_means_nothing_in_the_game_of_wasserstein():
    losses = 1e-5 * np.random.default_rng(0).normal(size=30) + 1e-4 * np.arange(30)
    assert play(rows(losses, losses), loss_reaches_zero=False)[0] == ""


def test_samples_of_one_class_end_it_after_five_validations():
    losses = np.linspace(1, 2, 20)
    game = rows(losses, losses, validation_classes_covered=1)
    said, epoch = play(game, classes=10)
    assert epoch == 5
    assert "one class of 10" in said
    assert play(game, classes=1)[0] == ""
    game[3]["validation_classes_covered"] = 2
    assert play(game[:8], classes=10)[0] == ""


def test_a_game_that_goes_on_knows_its_epochs(tmp_path):
    lines = ["epoch,step,discriminator_loss,generator_loss,validation_classes_covered"]
    lines += [f"{epoch},{100 * epoch},{epoch / 9},0.7,1" for epoch in range(1, 6)]
    (tmp_path / "history.csv").write_text("\n".join(lines) + "\n")
    run = Recorder(tmp_path, resumed=True)
    said, epoch = play(rows([0.9], [0.7]), run=run)
    assert (epoch, "for 5 epochs" in said) == (1, True)
