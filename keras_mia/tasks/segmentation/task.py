"""Segmentation: a class for each voxel."""

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_mia.core.hardware import gpus
from keras_mia.core.text import listing, plural
from keras_mia.data.augment.examples import augmenter
from keras_mia.data.augment.settings import Augmentation, Chance, source_space
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.fingerprint.label_facts import survey
from keras_mia.data.fingerprint.sampling import sample_indices
from keras_mia.data.image import Image, ras_orientation
from keras_mia.data.io.formats import read_label
from keras_mia.data.pipeline.patch_sampler import Patches
from keras_mia.data.pipeline.stream import stream
from keras_mia.data.preprocess.case_store import PreparedCase
from keras_mia.data.preprocess.plan import Plan
from keras_mia.data.targets.label_map import IGNORE, classes_of
from keras_mia.inference.window import SlidingWindow
from keras_mia.losses import CrossEntropy, Dice, WeightedSum
from keras_mia.metrics import most_frequent, otsu_prediction, otsu_side
from keras_mia.models import unet
from keras_mia.planning.label_maps import make_plan
from keras_mia.report.pictures.cases import CasePicture, planes
from keras_mia.tasks.segmentation.evaluation import Judge
from keras_mia.tasks.segmentation.prediction_files import prediction_name
from keras_mia.tasks.segmentation.predictor import Prediction, Predictor
from keras_mia.training import Criterion, Muon, Validation

PEAK_RATE = 3e-3
VALIDATION_OVERLAP = 0.25
TRIVIAL_CASES = 8
"""So many training cases are looked at to find the trivial answers."""


def plan(
    cases: Cases,
    *,
    minutes: float = 10.0,
    replicas: int = 1,
    names: Mapping[int, str] | None = None,
    keep: Sequence[int] | None = None,
    overrides: Mapping | None = None,
) -> Plan:
    """Looks at the training cases and proposes how to prepare them and what to train.

    Args:
        cases: with their splits.
        minutes: of training, which the size of the network follows.
        replicas: how many devices share a batch.
        names: label value to class name.
        keep: the label values that are classes; the rest counts as background.
        overrides: fields of `Plan` that are set by the user.

    Raises:
        Problem: a case cannot be read or does not fit the others, or an override does not fit.
    """
    facts = survey(cases.train, ranges=cases.ranges)
    values = {value for found in facts for value in found.values}
    classes = classes_of(values, cases.names, keep, names, cases.ranges)
    for case, found in zip(cases, survey(cases), strict=True):
        classes.encode(np.array(list(found.values)), case.target)
    return make_plan(
        facts,
        classes,
        minutes=minutes,
        replicas=replicas,
        device="gpu" if gpus() else "cpu",
        modality=cases.modality,
        overrides=overrides or {},
    )


def augmentation(plan: Plan) -> Augmentation:
    """The random changes that a plan's data can bear."""
    angles = plan.rotation_deg
    spacing = plan.spacing_mm
    if plan.slice_axis is not None and spacing is not None:
        spacing = tuple(side for axis, side in enumerate(spacing) if axis != plan.slice_axis)
    return Augmentation(
        rotation_deg=Chance(tuple(-angle for angle in angles), angles, 0.5),
        flip_axes=plan.flip,
        spacing=spacing,
    )


def batches(
    stored: Sequence[PreparedCase],
    plan: Plan,
    *,
    seed: int = 0,
    settings: Augmentation | None = None,
) -> Callable:
    """The training stream.

    Args:
        stored: prepared training cases.
        plan: for patches and the batch size.
        seed: batch number `i` of a seed is always the same.
        settings: what may happen to an example; None: as the plan's data can bear.

    Returns:
        A function of `(start, worker, workers)` to a `tf.data.Dataset` of images
        `(batch, *patch, channels)` float32 and label maps `(batch, *patch)`.
    """
    settings = settings or augmentation(plan)
    window = source_space(plan.patch, settings)
    read = Patches(stored, window, plan.patch, plan.foreground_share)
    specs = [
        tf.TensorSpec((*window, plan.channels), tf.float32),
        tf.TensorSpec(window, tf.uint8),
    ]
    transform = augmenter(settings, plan.patch)
    return functools.partial(
        stream, read, plan.batch_size, specs=specs, seed=seed, transform=transform
    )


def build(plan: Plan, *, network: Callable[..., keras.Model] = unet, **options) -> keras.Model:
    """A compiled network for a plan, with random weights.

    Args:
        plan: patch, channels, classes, filters, depth.
        network: a builder with the signature of `unet`.
        options: passed on to the builder.
    """
    if network is unet:
        options = {
            "filters": plan.filters,
            "depth": plan.depth,
            "norm": None if plan.norm == "none" else plan.norm,
            "pool": plan.pool,
            **options,
        }
    model = network((*plan.patch, plan.channels), len(plan.classes.names), **options)
    loss = WeightedSum(
        [
            (1.0, CrossEntropy(ignore_label=IGNORE)),
            (1.0, Dice(ignore_label=IGNORE, over="batch")),
        ]
    )
    optimizer = Muon(PEAK_RATE, adam_ratio=2 / 3, weight_decay=1e-4, global_clipnorm=5.0)
    model.compile(optimizer, loss=loss, jit_compile=False)
    return model


def validate(stored: Sequence[PreparedCase], plan: Plan) -> Validation:
    """The mean Dice of a model over whole prepared cases, by which the best one is chosen.

    Where validation cases lack classes it is chosen by `dice_empty_as_1`, in which a class counts 1
    where it is rightly left empty, and 0 where it is invented: by the Dice alone, which is
    undefined there, the network that invents would be the better one.
    """
    windows: dict[int, SlidingWindow] = {}
    names = plan.classes.names[1:]
    lacking = [case.name for case in stored if len(case.held) < len(names)]
    note = ""
    if lacking:
        note = (
            f"{len(lacking)} of {plural(len(stored), 'validation case')} lack classes"
            f" ({listing(lacking, 3)}). The best network is the one whose Dice is best where a"
            " class that is rightly left empty counts 1 (dice_empty_as_1)."
        )

    def score(model: keras.Model) -> dict[str, float]:
        window = windows.setdefault(
            id(model),
            SlidingWindow(
                model, plan.patch, overlap=VALIDATION_OVERLAP, batch_size=plan.batch_size
            ),
        )
        dice = np.array([_dice(window, case, plan) for case in stored])
        empty = {"dice_empty_as_1": float(np.nan_to_num(dice, nan=1.0).mean())} if lacking else {}
        cases = [one[~np.isnan(one)].mean() for one in dice if not np.isnan(one).all()]
        return empty | {"dice": float(np.mean(cases)) if cases else np.nan}

    return Validation(score, Criterion("dice_empty_as_1" if lacking else "dice"), note)


def _dice(window: SlidingWindow, case: PreparedCase, plan: Plan) -> np.ndarray:
    """Of each class but the background, NaN where neither truth nor prediction hold it."""
    count = len(plan.classes.names)
    table = np.zeros((count, count), np.int64)
    for row, block in window.blocks(case.image):
        truth = np.asarray(case.label[row : row + len(block)])
        counts = truth != IGNORE
        pairs = truth[counts].astype(np.int64) * count + block.argmax(-1)[counts]
        table += np.bincount(pairs, minlength=count**2).reshape(count, count)
    sizes = table.sum(0) + table.sum(1)
    with np.errstate(invalid="ignore"):
        return (2 * np.diag(table) / sizes)[1:]


def truth(case: Case, plan: Plan) -> np.ndarray:
    """A case's classes `(*space)` uint8 on its own grid, `IGNORE` outside its region.

    Raises:
        Problem: it holds a label value that training did not have.
    """
    classes = plan.classes.encode(case.label().array[..., 0], _where(case))
    region = case.region_mask()
    if region is not None:
        classes = np.where(region, classes, np.uint8(IGNORE))
    return classes


def _where(case: Case) -> object:
    return case.target or case.name


def trivial(cases: Sequence[Case], plan: Plan) -> Callable[[Image], list[np.ndarray]]:
    """Answers that need no network, to read scores by: the most frequent class everywhere, and
    Otsu's threshold with the most frequent structure on the side that training cases show.

    Args:
        cases: of training; a few are looked at.
        plan: for the classes.

    Returns:
        A function from an image to these answers, `(*space)` each.
    """
    chosen = [cases[number] for number in sample_indices(len(cases), TRIVIAL_CASES)]
    truths = [truth(case, plan) for case in chosen]
    counts = np.sum(
        [np.bincount(one[one != IGNORE], minlength=len(plan.classes)) for one in truths], axis=0
    )
    structure = 1 + most_frequent(dict(enumerate(counts[1:].tolist())))
    bright = otsu_side(
        (case.image().array, one == structure) for case, one in zip(chosen, truths, strict=True)
    )
    usual = most_frequent(dict(enumerate(counts.tolist())))

    def answers(image: Image) -> list[np.ndarray]:
        threshold = otsu_prediction(image.array, bright=bright, structure=structure)
        return [np.full(image.space, usual, np.uint8), threshold]

    return answers


def score(
    judge: Judge,
    case: Case,
    predictor: Predictor,
    *,
    trivial: Callable[[Image], Sequence[np.ndarray]] = lambda image: (),
) -> tuple[Image, Prediction]:
    """Predicts a case and adds its scores; of its probabilities never more than a part is held.

    Args:
        judge: that they are added to.
        case: with its label map.
        predictor: of the trained network.
        trivial: from an image to answers without a network, to read the scores by.

    Returns:
        The image and the prediction, to be saved and drawn.

    Raises:
        Problem: the label map holds a value that training did not have.
    """
    image, expected = case.image(), truth(case, predictor.plan)

    def count(take: Callable[[np.ndarray], np.ndarray], probabilities: np.ndarray) -> None:
        judge.count(take(expected), probabilities)

    prediction = predictor(image, watch=count, where=case.images[0])
    judge.add(
        case.name,
        case.patient,
        expected,
        prediction.classes,
        spacing_mm=image.spacing_mm,
        trivial=trivial(image),
    )
    return image, prediction


def draw(case: Case, folder: Path, plan: Plan, *, title: str) -> CasePicture:
    """A judged case to look at: image, truth, and the prediction that `save` wrote to `folder`."""
    image = case.image()
    prediction = read_label(folder / prediction_name(case, image.rank))
    found = plan.classes.encode(prediction.array[..., 0])
    expected = truth(case, plan)
    turn, placed = ras_orientation(image), image.rank == 3 and image.affine is not None
    spacing = turn.permute(image.spacing) if placed else None
    return planes(
        turn.apply(image.array),
        turn.apply(expected),
        turn.apply(found),
        names=plan.classes.names,
        title=title,
        spacing=spacing,
    )
