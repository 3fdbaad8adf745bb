"""Plans: every rule, overriding, writing and reading."""

from dataclasses import fields, replace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.facts import CaseFacts, LabelFacts
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.preprocess.normalize import SCHEMES, normalize
from keras_mia.data.preprocess.patch_plan import patch_divisor
from keras_mia.data.targets.label_map import Classes
from keras_mia.planning import grid_rules, movement_rules, patch_rules
from keras_mia.planning.patches import patch_choices
from keras_mia.tasks.patches import options
from keras_mia.tasks.segmentation.planning import make_plan
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan

CLASSES = Classes(("background", "one", "two"), ((0,), (1,), (2,)))
HIPPOCAMPUS = ((35, 50, 36), (1.0, 1.0, 1.0))


def fact(space=HIPPOCAMPUS[0], spacing=HIPPOCAMPUS[1], **changes) -> CaseFacts:
    usual = {
        "name": "case",
        "axes": tuple(range(len(space))),
        "tilt_deg": 0.0,
        "channels": 1,
        "dtype": "float32",
        "low": (0.0,),
        "high": (900.0,),
        "sample": np.arange(100, dtype=np.float32)[:, None],
        "modality": None,
        "integer": False,
        "digest": "",
    }
    label = {
        "values": {0: 9500, 1: 300, 2: 200},
        "sample": np.arange(100, dtype=np.float32)[:, None],
        "sample_values": np.repeat([1, 2], 50),
        "digest": None,
    }
    label |= {name: changes.pop(name) for name in list(changes) if name in label}
    made = {
        "space": space,
        "nonzero_space": space,
        "spacing": spacing,
        "label": LabelFacts(**label),
    }
    return CaseFacts(**{**usual, **made, **changes})


def plan_of(*facts, classes=CLASSES, **options) -> SegmentationPlan:
    """A plan for these images, for two where none or one is given."""
    found = facts or (fact(),)
    return make_plan(found * 2 if len(found) == 1 else found, classes, **options)


def test_small_volumes_get_a_3d_plan():
    plan = plan_of()
    assert (plan.rank, plan.slice_axis, plan.orientation) == (3, None, "RAS")
    assert (plan.patch, plan.depth, plan.batch_size) == ((32, 48, 32), 3, 2)
    assert (plan.filters, plan.norm, plan.normalization) == (16, "instance", "zscore")
    assert plan.pool == ((2, 2, 2),) * 3
    assert plan.flip == (0,)
    assert "35 x 50 x 36" in plan.reasons["patch"]


def test_oblique_slices_stay_in_the_order_of_their_files():
    straight = fact((240, 1, 260), (1.4, 8, 1.4), axes=(0, 2, 1), tilt_deg=10.0)
    heart = fact((240, 1, 260), (1.4, 8, 1.4), axes=(0, 2, 1), tilt_deg=40.0)
    other = fact((1, 250, 250), (8, 1.4, 1.4), axes=(2, 0, 1), tilt_deg=45.0)
    for plan in (plan_of(heart, other), plan_of(straight, heart)):
        assert (plan.orientation, plan.rank, plan.slice_axis) == (None, 2, 2)
        assert plan.spacing_mm == (1.4, 1.4, 8)
        assert "oblique" in plan.reasons["orientation"]
    plan = plan_of(straight, straight)
    assert (plan.orientation, plan.slice_axis) == ("RAS", 1)


def test_pictures_get_a_2d_plan():
    plan = plan_of(fact((584, 565), None, channels=3))
    assert (plan.rank, plan.spacing_mm, plan.orientation) == (2, None, None)
    assert (plan.patch, plan.depth, plan.batch_size) == ((192, 192), 4, 4)
    assert (plan.filters, plan.norm) == (16, "instance")
    assert (plan.flip, plan.rotation_deg) == ((0, 1), (180.0,))


def test_target_spacing_is_the_median():
    spacings = [(1.0, 1.0, 1.0), (1.0, 1.0, 2.0), (1.0, 1.2, 2.0)]
    value, reason = grid_rules.spacing(spacings, [(50, 50, 50)] * 3)
    assert value == (1.0, 1.0, 2.0)
    assert "3 images" in reason


def test_target_spacing_of_a_coarse_axis_is_its_finest_tenth():
    spacings = [(0.5, 0.5, z) for z in (2.0, 5.0, 5.0)]
    value, reason = grid_rules.spacing(spacings, [(512, 512, 40)] * 3)
    assert value[:2] == (0.5, 0.5)
    assert value[2] == pytest.approx(np.percentile([2, 5, 5], 10), rel=1e-4)
    assert "axis 2" in reason


def test_no_spacing_means_no_resampling():
    assert grid_rules.spacing([None, None], [(5, 5)] * 2)[0] is None
    value, reason = grid_rules.spacing([None, (1.0, 1.0, 1.0)], [(5, 5, 5)] * 2)
    assert value is None
    assert "1 of 2" in reason


@pytest.mark.parametrize(
    ("image_rank", "target", "size", "expected"),
    [
        (2, None, (500, 500), 2),
        (3, (1, 1, 1), (60, 60, 60), 3),
        (3, (1, 1, 1), (60, 60, 8), 2),
        (3, (1, 1, 5), (200, 200, 20), 2),
        (3, (1, 1, 5), (200, 200, 60), 3),
        (3, None, (512, 512, 30), 2),
        (3, None, (64, 64, 30), 3),
    ],
)
def test_rank(image_rank, target, size, expected):
    assert grid_rules.rank(image_rank, target, size)[0] == expected


def test_slices_lie_along_the_coarse_axis():
    assert grid_rules.slice_axis((1.0, 4.0, 1.0), (90, 20, 80))[0] == 1
    assert grid_rules.slice_axis((1.0, 1.0, 1.0), (90, 20, 80))[0] == 1
    assert grid_rules.slice_axis(None, (64, 64, 64))[0] == 2


def test_a_2d_network_on_volumes_leaves_the_slice_axis_out():
    plan = plan_of(fact((200, 180, 20), (1.0, 1.0, 6.0)))
    assert (plan.rank, plan.slice_axis, plan.image_rank) == (2, 2, 3)
    assert len(plan.patch) == 2
    assert len(plan.spacing_mm) == 3
    assert plan.flip == (0,)
    assert plan.rotation_deg == (30.0,)
    assert plan_of(fact((20, 180, 200), (6.0, 1.0, 1.0))).flip == ()


def hounsfield(**changes):
    return fact(low=(-1024.0,), high=(2000.0,), integer=True, **changes)


def test_ct_is_recognized_by_file_data_set_user_and_values():
    assert plan_of(fact(modality="CT")).normalization == "ct"
    assert plan_of(modality="CT").normalization == "ct"
    assert plan_of(overrides={"modality": "ct"}).modality == "CT"
    assert plan_of(hounsfield()).normalization == "ct"
    assert plan_of(hounsfield(modality="MR")).normalization == "zscore"
    assert plan_of(fact(low=(-1024.0,), high=(2000.0,))).normalization == "zscore"
    assert plan_of(fact(low=(0.0,), integer=True)).normalization == "zscore"
    assert plan_of(fact(modality="CT"), fact(modality="MR")).modality is None


def test_ct_takes_the_statistics_of_the_foreground():
    classes = Classes(("rest", "two"), ((0, 1), (2,)))
    (found,) = plan_of(fact(modality="CT"), classes=classes).intensities
    values = np.repeat(np.arange(50, 100), 2)
    assert found.mean == pytest.approx(values.mean())
    assert found.std == pytest.approx(values.std())
    assert found.low == pytest.approx(np.percentile(values, 0.5))
    nothing = fact(modality="CT", sample=np.zeros((0, 1)), sample_values=np.zeros(0, int))
    with pytest.raises(Problem, match="no training case"):
        plan_of(nothing)


def test_the_patch_grows_with_device_and_minutes():
    assert patch_rules.voxel_budget(3, "cpu", 3)[0] == 40**3
    assert patch_rules.voxel_budget(3, "cpu", 10)[0] == 48**3
    assert patch_rules.voxel_budget(2, "cpu", 10)[0] == 192**2
    assert patch_rules.voxel_budget(2, "cpu", 60)[0] == 256**2
    assert patch_rules.voxel_budget(3, "gpu", 60)[0] == 128**3
    head = fact((78, 92, 79), (2.0, 2.0, 2.0))
    short, long = plan_of(head, minutes=3), plan_of(head, minutes=10)
    assert (short.patch, short.batch_size) == ((40, 40, 40), 2)
    assert (long.patch, long.batch_size) == ((48, 48, 48), 2)


def test_sides_are_near_a_cube_in_mm_within_the_budget():
    assert patch_rules.largest_box((100, 100, 100), (1, 1, 1), 64**3) == (64, 64, 64)
    assert patch_rules.largest_box((100, 100, 20), (1, 1, 1), 50_000) == (50, 50, 20)
    wide, _, high = patch_rules.largest_box((200, 200, 200), (1, 1, 4), 64**3)
    assert wide == pytest.approx(4 * high, rel=0.1)
    assert patch_rules.largest_box((10, 20), (1, 1), 10**6) == (10, 20)


def test_pooling_follows_the_spacing():
    levels, _ = patch_rules.pool((64, 64, 32), (1, 1, 4), 4)
    assert levels == ((2, 2, 1), (2, 2, 1), (2, 2, 2), (2, 2, 2))
    assert patch_divisor(levels, 3) == (16, 16, 4)
    assert patch_rules.pool((128, 128, 16), (1, 1, 1), 4)[0][-1] == (2, 2, 1)
    assert patch_rules.pool((48, 48), (1, 1), 5)[0] == ((2, 2),) * 3


@pytest.mark.parametrize("size", [(5, 7), (31, 200), (33, 47, 61), (90, 13, 200)])
@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_any_patch_divides_and_is_not_much_larger_than_the_image(size, device):
    plan = plan_of(fact(size, (1.0,) * len(size) if len(size) == 3 else None), device=device)
    by = patch_divisor(plan.pool, plan.rank)
    for side, step, most in zip(plan.patch, by, size, strict=True):
        assert side % step == 0
        assert side / step >= 4
        assert side < max(most, 8) + step


def test_batch_size_filters_and_norm():
    sizes = [
        patch_rules.batch_size(*one)[0] for one in ((2, "cpu"), (3, "cpu"), (2, "gpu"), (3, "gpu"))
    ]
    assert sizes == [4, 2, 8, 4]
    assert [patch_rules.filters(device)[0] for device in ("cpu", "gpu")] == [16, 32]
    assert [patch_rules.norm(images)[0] for images in (1, 2, 100)] == [
        "none",
        "instance",
        "instance",
    ]


def test_sides_of_the_body_are_not_mirrored():
    assert movement_rules.flip(["heart", "Left_lung"], 3, None, True, 9)[0] == ()
    assert movement_rules.flip(["anterior", "posterior"], 3, None, True, 9)[0] == (0,)
    assert movement_rules.flip(["anterior"], 2, None, False, 9)[0] == ()
    assert movement_rules.flip(["cleft"], 2, None, False, 9)[0] == (0, 1)


def test_rotation():
    assert movement_rules.rotation(["a"], 2, (1, 1), False, 9)[0] == (180.0,)
    assert movement_rules.rotation(["top"], 2, (1, 1), False, 9)[0] == (15.0,)
    assert movement_rules.rotation(["a"], 3, (1, 1, 1), True, 9)[0] == (15.0, 15.0, 15.0)
    assert movement_rules.rotation(["a"], 3, (1, 1, 3), True, 9)[0] == (0.0, 0.0, 30.0)
    assert movement_rules.rotation(["a"], 3, (1, 1, 1), False, 9)[0] == (15.0, 15.0, 180.0)
    assert movement_rules.rotation(["a"], 3, (1, 1, 1), False, 9, 0)[0] == (180.0, 15.0, 15.0)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([fact((256, 256, 64), (1, 1, 5)), fact((256, 256, 64), None)], (0, 0, 180)),
        ([fact((64, 256, 256), (5, 1, 1)), fact((64, 256, 256), None)], (180, 0, 0)),
        ([fact((20, 200, 200), None)] * 2, (180, 0, 0)),
        ([fact((200, 200, 20), None)] * 2, (0, 0, 180)),
        ([fact((80, 90, 90), None)] * 2, (180, 15, 15)),
        ([fact((60, 60, 60), None)] * 2, (15, 15, 180)),
    ],
)
def test_volumes_that_keep_their_voxels_are_not_tilted_out_of_coarse_slices(facts, expected):
    """Where one file of many gives no spacing, 15 degrees were 56 of voxels of 1 x 1 x 5 mm; and of
    slices along the first axis rows and slices were turned into each other."""
    plan = make_plan(facts, CLASSES, overrides={"rank": 3})
    assert plan.spacing_mm is None
    assert plan.rotation_deg == expected


def test_the_parts_of_a_single_image_may_lie_any_way():
    plan = make_plan([fact()], CLASSES)
    assert (plan.norm, plan.flip, plan.rotation_deg) == ("none", (0, 1, 2), (180.0,) * 3)
    assert movement_rules.flip(["a"], 3, None, True, 1)[0] == (0, 1, 2)
    assert movement_rules.flip(["left"], 3, None, True, 1)[0] == ()
    assert movement_rules.rotation(["a"], 2, (1, 1), True, 1)[0] == (180.0,)
    assert movement_rules.rotation(["a"], 3, (1, 1, 1), True, 1)[0] == (180.0, 180.0, 180.0)
    assert movement_rules.rotation(["a"], 3, (1, 1, 3), True, 1)[0] == (0.0, 0.0, 180.0)
    assert movement_rules.rotation(["upper"], 3, (1, 1, 1), True, 1)[0] == (15.0, 15.0, 15.0)


@pytest.mark.parametrize(
    ("count", "expected"), [(5000, 0.33), (300, 0.5), (5, 0.67)], ids=["common", "some", "rare"]
)
def test_rare_foreground_is_drawn_more_often(count, expected):
    facts = [fact(values={0: 10_000 - count, 1: count, 9: 10**6})]
    classes = Classes(("background", "one"), ((0,), (1,)), (9,))
    value, reason = patch_rules.foreground_share(facts, classes)
    assert value == expected
    assert f"{count / 100:.2g} %" in reason


def test_what_is_set_is_kept_and_the_rest_follows():
    plan = plan_of(overrides={"patch": 32, "filters": 24, "depth": None})
    assert (plan.patch, plan.depth, plan.filters) == ((32, 32, 32), 3, 24)
    assert plan.reasons["patch"] == plan.reasons["filters"] == "set by the user"
    assert plan.reasons["depth"] != "set by the user"
    flat = plan_of(fact((60, 80, 70)), overrides={"rank": 2, "slice_axis": 1})
    assert (flat.slice_axis, flat.patch, flat.norm) == (1, (56, 64), "instance")
    assert plan_of(overrides={"spacing_mm": 0.5}).spacing_mm == (0.5, 0.5, 0.5)
    assert plan_of(overrides={"depth": 2, "rotation_deg": 0}).rotation_deg == (0.0, 0.0, 0.0)
    assert plan_of(overrides={"flip": ()}).flip == ()


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"colour": 3}, "no field 'colour'"),
        ({"channels": 3}, "no field 'channels'"),
        ({"patch": (40, 50, 40)}, "48 or 56 instead of 50"),
        ({"patch": (40, 40)}, "2 numbers"),
        ({"patch": 4}, "cannot be halved"),
        ({"depth": 6}, "at most 3"),
        ({"norm": "layer"}, "'layer' was given"),
        ({"batch_size": 0}, "1 or more"),
        ({"batch_size": "many"}, "1 or more"),
        ({"spacing_mm": (1, 2)}, "2 numbers"),
        ({"rank": 4}, "2 or 3"),
        ({"slice_axis": 1}, "Only a 2D network"),
        ({"rotation_deg": (5, 5)}, "2 numbers"),
        ({"rank": 2, "flip": (2,)}, "Axis 2"),
        ({"foreground_share": 2}, "between 0 and 1"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_what_does_not_fit_is_a_problem(overrides, words):
    with pytest.raises(Problem) as caught:
        plan_of(overrides=overrides)
    assert words in str(caught.value)


def test_cases_must_go_together():
    with pytest.raises(Problem, match=r"1 channels, 1 have others[\s\S]*odd"):
        plan_of(fact(), fact(), fact(channels=3, name="odd"))
    with pytest.raises(Problem, match="pictures"):
        plan_of(fact((64, 64), None), overrides={"rank": 3})
    with pytest.raises(Problem, match="no spacing"):
        plan_of(fact((64, 64), None), overrides={"spacing_mm": 1})
    with pytest.raises(Problem, match="no cases"):
        make_plan([], CLASSES)


@pytest.mark.parametrize(
    "facts", [fact(modality="CT"), fact((99, 99), None), fact((99, 99, 15), (1.0, 1.0, 7.0))]
)
def test_a_plan_comes_back_from_its_file(tmp_path, facts):
    plan = plan_of(facts)
    plan.write(tmp_path / "plan.json")
    assert SegmentationPlan.read(tmp_path / "plan.json") == plan
    assert '"format": 1' in (tmp_path / "plan.json").read_text()


def test_other_files_are_no_plan(tmp_path):
    path = tmp_path / "plan.json"
    for text in ("{}", "[]", '{"format": 2}', '{"format": 1}', "no"):
        path.write_text(text)
        with pytest.raises(Problem, match="plan"):
            SegmentationPlan.read(path)


def test_every_field_is_described_with_a_reason():
    plan = plan_of(fact(modality="CT"))
    shown = plan.describe()
    for name in (field.name for field in fields(SegmentationPlan)):
        if name not in ("reasons", "task"):
            assert f"\n{name} " in shown
            assert plan.reasons[name]
    assert "32 x 48 x 32" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_preparing_depends_on_some_fields_only():
    plan = plan_of()
    assert replace(plan, patch=(8, 8, 8)).preparing() == plan.preparing()
    assert replace(plan, spacing_mm=(2.0, 1.0, 1.0)).preparing() != plan.preparing()


def test_normalization_by_hand():
    array = np.array([[[-2000.0], [0.0]], [[50.0], [5000.0]]])
    ct = normalize(array, "ct", [Intensity(-100, 100, 10, 20)])
    assert ct.ravel().tolist() == [-5.5, -0.5, 2.0, 4.5]
    two = np.concatenate([array, 3 * array + 7], axis=-1)
    zscore = normalize(two, "zscore")
    np.testing.assert_allclose(zscore[..., 0], zscore[..., 1], atol=1e-5)
    np.testing.assert_allclose(zscore.std(axis=(0, 1)), 1, atol=1e-5)
    assert np.array_equal(normalize(np.full((3, 3, 1), 7), "zscore"), np.zeros((3, 3, 1)))
    assert np.array_equal(normalize(array, "none"), array)
    with pytest.raises(ValueError, match="scheme"):
        normalize(array, "minmax")
    with pytest.raises(ValueError, match="channels"):
        normalize(array, "ct")


def test_images_whose_values_are_corrected_stay_on_their_grid():
    facts = [fact((64, 64, 16), (1.0, 1.0, 5.0)), fact((80, 80, 16), (0.8, 0.8, 5.0))]
    usual, kept = (patch_choices(facts, resample=resample) for resample in (True, False))
    assert usual["spacing_mm"] == (0.9, 0.9, 5.0)
    assert kept["spacing_mm"] is None
    assert kept["pool"] == usual["pool"]
    with_own = patch_choices(facts, resample=False, overrides={"spacing_mm": 1.0})
    assert with_own["spacing_mm"] == (1.0, 1.0, 1.0)


def test_every_scheme_can_be_set():
    assert options.SCHEMES == SCHEMES
    for scheme in SCHEMES:
        assert plan_of(overrides={"normalization": scheme}).normalization == scheme


def test_neighbours_are_of_slices():
    thin = [fact((128, 128, 12), (1.0, 1.0, 6.0))]
    assert patch_choices(thin, overrides={"neighbours": 2})["neighbours"] == 2
    for facts in ([fact()], [fact((64, 64), None, axes=(0, 1))]):
        with pytest.raises(Problem, match="goes through the slices"):
            patch_choices(facts, overrides={"neighbours": 1})
