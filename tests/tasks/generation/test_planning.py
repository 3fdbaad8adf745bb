"""What is planned for images with classes and without, and what is refused."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases
from keras_mia.data.io.image_io import write_image
from keras_mia.data.targets.kinds import KINDS
from keras_mia.tasks.generation.planning import plan, split_cases
from keras_mia.tasks.generation.task import Generation
from tests.tasks.generation.plans import stripes


def cases_of(source):
    return read_cases(source, targets=KINDS, targets_required=False)


def npz(path, images, labels=None):
    np.savez(path, images=images, **({} if labels is None else {"labels": labels}))
    return path


def planned(source, *, limit=None, names=None, **options):
    cases = split_cases(Generation().examine(cases_of(source)), (1, 5), limit=limit, names=names)
    made = plan(cases, names=names, overrides=options)
    return made, Generation().plan_notes(made, cases)


@pytest.fixture
def labelled(tmp_path):
    return npz(tmp_path / "a.npz", *stripes(40))


def test_classes_are_known_and_judge(labelled):
    made, notes = planned(labelled)
    assert (made.class_names, made.conditional) == (("0", "1"), False)
    assert sum(made.class_shares) == pytest.approx(1)
    assert made.value_text("class_shares") == "0 48.3 %, 1 51.7 %"
    assert "of no class in particular; the game is non saturating" in notes[0]
    assert "samples are judged by them" in notes[1]
    assert (made.normalization, made.size, made.bytes) == ("range", (8, 8), True)


def test_images_alone_will_do(tmp_path):
    made, notes = planned(npz(tmp_path / "a.npz", stripes(30)[0]))
    assert (made.target, made.class_shares, len(notes)) == (None, (), 1)


@pytest.mark.parametrize("labels", [np.linspace(0, 1, 40), np.eye(4, dtype=int)[np.arange(40) % 4]])
def test_what_is_no_class_is_said_and_not_used(tmp_path, labels):
    labels = labels | (np.arange(40) % 3 == 0)[:, None] if labels.ndim == 2 else labels
    made, notes = planned(npz(tmp_path / "a.npz", stripes(40)[0], labels))
    assert made.target is None
    assert any("no classes" in note for note in notes)


def test_few_images_of_a_class_are_enough(tmp_path):
    labels = np.array([0] * 38 + [1] * 2)
    made, _ = planned(npz(tmp_path / "a.npz", stripes(40)[0], labels), network="conditional")
    assert made.conditional
    assert made.class_shares[1] > 0


def test_numbers_are_made_by_dense_layers(tmp_path):
    values = np.random.default_rng(0).normal(4, 2, (60, 1, 1, 1)).astype(np.float32)
    made, _ = planned(npz(tmp_path / "a.npz", values))
    assert (made.network, made.normalization, made.size) == ("mlp_gan", "set", (1, 1))
    assert made.latent == planned(tmp_path / "a.npz", network="mlp_gan")[0].latent


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((140,), (128, 1)),
        ((30, 22), (32, 24)),
        ((28, 28), (28, 28)),
        ((200, 100), (64, 32)),
        ((40, 40, 20), (32, 32, 16)),
    ],
)
def test_sizes_are_those_that_doubling_makes(tmp_path, shape, size):
    images = np.random.default_rng(0).random((20, *shape, 1) if len(shape) > 1 else (20, *shape))
    made, notes = planned(npz(tmp_path / "a.npz", images.astype(np.float32)))
    assert made.size == size
    assert (size == shape) == (not any("are resized to" in note for note in notes))


def refusal(source, **options):
    with pytest.raises(Problem) as caught:
        planned(source, **options)
    return str(caught.value)


def test_what_cannot_be_is_refused(labelled, tmp_path):
    unlabelled = npz(tmp_path / "b.npz", stripes(30)[0])
    assert "none are known" in refusal(unlabelled, network="conditional")
    assert "none are known" in refusal(unlabelled, names={"0": "thin"})
    assert "The train part has 1 image" in refusal(unlabelled, limit=1)
    assert "no labels to smooth" in refusal(labelled, loss="hinge", label_smoothing=0.1)
    said = refusal(labelled, batch_size=5, discriminator_steps=2)
    assert "among 2 moves" in said
    assert "devices" not in said
    assert "No training case has the target 7" in refusal(labelled, names={"0": "a", "7": "b"})


def test_a_limit_holds_without_classes(tmp_path):
    cases = cases_of(npz(tmp_path / "b.npz", stripes(30)[0]))
    assert len(split_cases(cases, (1, 5), limit=7).train) == 7


@pytest.mark.parametrize(("count", "part"), [(4, "validation"), (12, "validation")])
def test_each_part_needs_two_images(tmp_path, count, part):
    said = refusal(npz(tmp_path / "a.npz", stripes(count)[0]))
    assert f"The {part} part has 1 image" in said


def test_one_image_is_refused(tmp_path):
    write_image(tmp_path / "images" / "a.png", stripes(1)[0][0])
    assert "too few patients" in refusal(tmp_path / "images")
