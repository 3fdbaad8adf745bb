"""What is planned for pairs, and for images that are made worse."""

from dataclasses import replace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.augment.degradations import Noise
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.tasks.translation.cases.target_facts import TargetFacts, read_target_facts
from keras_mia.tasks.translation.planning import make_plan, plan
from keras_mia.tasks.translation.translation_plan import SHARED, TranslationPlan
from tests.tasks.translation.images import case_of, cases_of, smooth

FACTS = CaseFacts(
    name="case",
    space=(40, 36, 32),
    nonzero_space=(40, 36, 32),
    spacing=(1.0, 1.0, 1.0),
    axes=(0, 1, 2),
    channels=1,
    dtype="float32",
    low=(0.0,),
    high=(900.0,),
    integer=False,
    modality=None,
    sample=np.arange(100, dtype=np.float32)[:, None],
    digest="",
)
PICTURE = replace(FACTS, space=(40, 36), nonzero_space=(40, 36), spacing=None, axes=(0, 1))
PAIR = TargetFacts(
    modality="MR",
    target_modality="MR",
    ends=(0.0, 900.0),
    target_ends=(20.0, 880.0),
    target_channels=1,
    sample=np.linspace(0, 900, 50, dtype=np.float32)[:, None],
    has_air=False,
    correlation=0.95,
)


def planned(*targets, facts=FACTS, **options) -> TranslationPlan:
    return make_plan([facts] * 2, targets, **options)


def test_what_was_made_worse_is_corrected():
    made = planned(degradation="noise", degradation_options={"level": 0.2})
    assert made.degrading == Noise(0.2)
    assert (made.target_normalization, made.residual, made.loss) == (SHARED, True, "l2")
    assert (made.norm, made.flip, made.masked) == ("none", (0, 1, 2), False)
    assert set(made.rotation_deg) == {0.0}, "turning would smooth the noise"
    assert made.shapes() == ((*made.patch, 1), (*made.patch, 1))
    assert made.reasons["flip"]


def test_values_that_mean_the_same_are_kept():
    made = planned(PAIR, PAIR)
    assert (made.target_normalization, made.residual) == (SHARED, True)
    assert made.degrading is None
    assert made.typical_scale is None
    wide = replace(PAIR, target_channels=3, sample=np.zeros((50, 3), np.float32))
    assert not planned(wide, wide).residual
    assert planned(wide, wide).target_normalization != SHARED, "of other channels"
    with pytest.raises(Problem, match="different numbers of channels"):
        planned(wide, wide, target_values="same")
    assert planned(wide, wide).shapes()[1][-1] == 3


def test_ct_is_learnt_in_hounsfield_units():
    ct = replace(PAIR, target_modality="CT", target_ends=(-1000.0, 700.0), has_air=True)
    made = planned(ct, ct)
    assert (made.target_normalization, made.residual, made.loss) == ("ct", False, "l1")
    assert made.target_intensities[0].mean == pytest.approx(450)
    unknown = replace(ct, modality=None, target_modality=None)
    assert planned(unknown, unknown).target_normalization == "ct", "by air at -1000"
    assert made.masked


def test_of_ct_that_is_corrected_nothing_is_clipped():
    facts = replace(FACTS, low=(-1000.0,), modality="CT")
    made = planned(facts=facts, degradation="noise")
    assert (made.modality, made.normalization, made.intensities) == ("CT", "zscore", ())
    chosen = planned(facts=facts, degradation="noise", overrides={"normalization": "ct"})
    assert chosen.normalization == "ct"
    assert chosen.intensities


@pytest.mark.parametrize(("air", "scheme"), [(True, "body"), (False, "zscore")])
def test_targets_of_another_contrast_have_scales_of_their_own(air, scheme):
    pairs = [
        replace(PAIR, target_ends=(0.0, 9.0 * k), sample=k * PAIR.sample, has_air=air)
        for k in (1, 3)
    ]
    made = planned(*pairs)
    assert (made.target_normalization, made.normalization) == (scheme, scheme)
    assert (made.masked, made.residual, made.loss) == (air, True, "l1")
    assert made.typical_scale.mean == pytest.approx((900.0,))
    assert made.typical_scale.std == pytest.approx((2 * PAIR.sample.std(),))


def test_what_the_user_sets_is_taken():
    overrides = {"norm": "instance", "filters": 7, "flip": (), "normalization": "none"}
    made = planned(degradation="blur", loss="ssim", overrides=overrides)
    assert (made.norm, made.filters, made.flip) == ("instance", 7, ())
    assert (made.normalization, made.loss) == ("none", "ssim")
    assert made.reasons["loss"] == "set by the user"


def test_patches_smaller_than_the_window_have_no_ssim():
    options = {"loss": "ssim", "overrides": {"patch": (8, 8), "depth": 1}}
    with pytest.raises(Problem, match="window of SSIM, 11"):
        planned(facts=PICTURE, degradation="blur", **options)


def test_a_plan_is_read_as_it_was_written(tmp_path):
    ct = replace(PAIR, target_modality="CT")
    for number, made in enumerate(
        (planned(degradation="blur", degradation_options={"sigma": 2.0}), planned(ct, ct))
    ):
        made.write(tmp_path / f"{number}.json")
        again = TranslationPlan.read(tmp_path / f"{number}.json")
        assert again == made
        assert again.degrading == made.degrading
    assert "450 ±" in made.describe()


def test_pairs_are_read_for_it(tmp_path):
    head = np.zeros((24, 22, 20, 1), np.float32)
    head[5:19, 4:18, 3:17] = 300 + smooth((14, 14, 14))
    cases = cases_of(*(case_of(tmp_path, str(i), head + i, 5000 - 2 * head) for i in range(2)))
    facts = read_target_facts(cases[0])
    assert facts.has_air
    assert facts.target_ends[1] == pytest.approx(5000)
    assert facts.sample.max() < 5000, "of the body alone"
    made = plan(cases, overrides={"patch": 16, "depth": 1})
    assert made.target_normalization == "body"
    assert made.target_intensities[0].mean == pytest.approx(facts.sample.mean(), rel=1e-4)


def test_a_game_is_played_where_the_user_says_so():
    game = {"adversarial": True, "weight": 3.0}
    plain, paired = planned(PAIR), planned(PAIR, overrides=game)
    unpaired, shared = (
        planned(PAIR, unpaired="cyclegan", replicas=replicas) for replicas in (1, 2)
    )
    games = [(one.adversarial, one.unpaired, one.is_game) for one in (plain, paired, unpaired)]
    assert games == [(False, None, False), (True, None, True), (False, "cyclegan", True)]
    assert [one.weight for one in (plain, paired, unpaired)] == [10.0, 3.0, 2.0]
    assert [one.earlier_images for one in (plain, paired, unpaired, shared)] == [0, 0, 50, 0]
    assert "set by the user" in paired.reasons["weight"]
    assert "each device" in shared.reasons["earlier_images"]


def test_games_without_pairs_are_small_and_can_leave_the_identity():
    made = {way: planned(PAIR, unpaired=way) for way in ("cyclegan", "refiner")}
    assert {way: (one.loss, one.weight) for way, one in made.items()} == {
        "cyclegan": ("l2", 2.0),
        "refiner": ("l1", 0.2),
    }
    for one in made.values():
        assert max(one.patch) <= 64
        assert one.norm == "batch"
    given = {"patch": 96, "norm": "none", "weight": 5.0}
    kept = planned(PAIR, unpaired="cyclegan", loss="l1", overrides=given)
    assert (max(kept.patch), kept.norm, kept.weight, kept.loss) == (96, "none", 5.0, "l1")


def test_without_pairs_both_kinds_have_as_many_channels():
    with pytest.raises(Problem, match="as many channels"):
        planned(replace(PAIR, target_channels=3), unpaired="cyclegan", target_values="other")


def test_without_pairs_each_slice_is_seen_alone():
    slices = {"rank": 2, "slice_axis": 2, "neighbours": 1}
    assert planned(PAIR, overrides=slices).neighbours == 1
    with pytest.raises(Problem, match="each slice alone"):
        planned(PAIR, unpaired="cyclegan", overrides=slices)
