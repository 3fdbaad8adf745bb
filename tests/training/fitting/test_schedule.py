import itertools

import pytest

from keras_mia.training.fitting.schedule import WARM_UP, learning_rate


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


@pytest.mark.parametrize("kind", ["polynomial", "cosine"])
def test_a_turn_in_the_middle_changes_nothing_and_another_leaves_no_jump(kind):
    def rates(total, middle):
        return [learning_rate(step, total, 1.0, kind, middle) for step in range(total + 1)]

    assert rates(320, 170) == pytest.approx(rates(320, 0))  # the middle of what follows warm-up
    short = rates(250, 170)
    assert short[:170] == rates(320, 170)[:170]
    falls = [before - after for before, after in itertools.pairwise(short)]
    assert max(falls[WARM_UP:-5]) < 0.02
    assert short[-1] < 1e-9
