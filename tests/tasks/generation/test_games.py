"""The names of games that options offer without TensorFlow are those of the losses."""

from keras_mia.losses import adversarial
from keras_mia.tasks.generation import games


def test_options_offer_the_games_that_there_are():
    assert set(games.GAMES) == set(adversarial.GAMES)


def test_those_with_labels_take_smoothing():
    smoothed = {name for name, kind in adversarial.GAMES.items() if kind().get_config()}
    assert set(games.SMOOTHED) == smoothed
