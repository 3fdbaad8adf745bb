"""How a run was made, in a few words."""

from keras_mia.report.run_sections import facts


def test_the_score_that_chose_the_network_is_named():
    rows = dict(facts({"chosen_by": "dice_empty_as_1"}))
    assert rows["Best network by"] == "Dice (rightly empty: 1)"
    assert "Best network by" not in dict(facts({}))
