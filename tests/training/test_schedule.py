import pytest

from keras_mia.training.schedule import WARM_UP, learning_rate


@pytest.mark.parametrize("kind", ["polynomial", "cosine", "constant"])
def test_the_first_steps_do_not_depend_on_the_total(kind):
    for step in range(WARM_UP):
        assert learning_rate(step, None, 1e-3, kind) == learning_rate(step, 500, 1e-3, kind)


@pytest.mark.parametrize("kind", ["polynomial", "cosine"])
def test_it_climbs_and_falls_to_nothing(kind):
    rates = [learning_rate(step, 300, 1.0, kind) for step in range(301)]
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[WARM_UP:] == sorted(rates[WARM_UP:], reverse=True)
    assert max(rates) == 1.0
    assert rates[300] < 1e-9


def test_an_unknown_schedule_is_refused():
    with pytest.raises(ValueError, match="sawtooth"):
        learning_rate(50, 100, 1.0, "sawtooth")
