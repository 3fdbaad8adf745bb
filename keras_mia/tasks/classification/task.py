"""Classification and its kin: one answer for a whole image."""

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np

from keras_mia.core.hardware import gpus
from keras_mia.core.problem import Problem
from keras_mia.data.augment.images import whole_augmenter
from keras_mia.data.augment.settings import NEVER, Augmentation, Chance
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.fingerprint.image_facts import Look, looks
from keras_mia.data.image import Image
from keras_mia.data.pipeline.image_sampler import Draws
from keras_mia.data.pipeline.stream import stream
from keras_mia.data.preprocess.image_plan import ImagePlan, of_tree
from keras_mia.data.preprocess.image_store import Stack, prepare_image
from keras_mia.data.targets.class_weights import balanced_weights
from keras_mia.data.targets.hierarchy import ClassTree
from keras_mia.data.targets.image_level import ImageTarget, positive_second
from keras_mia.data.targets.kinds import BALANCED
from keras_mia.data.targets.multitask import Multitask, asked_of, parts_of
from keras_mia.inference.whole import predict_function
from keras_mia.inference.window import mirrorings
from keras_mia.models import multi_task
from keras_mia.models.folding import fold_batchnorm
from keras_mia.models.named import named_builder
from keras_mia.planning.images import make_image_plan
from keras_mia.tasks.classification.calibration import Calibration, averaged
from keras_mia.tasks.classification.losses import ACTIVATIONS, compiled, heads
from keras_mia.tasks.classification.validation import validation
from keras_mia.training import Muon, Validation

PEAK_RATE = 3e-3
CHUNK = 64


def plan(
    cases: Cases,
    answers: ImageTarget | Multitask | None = None,
    *,
    tree: ClassTree | None = None,
    minutes: float = 10.0,
    replicas: int = 1,
    overrides: Mapping | None = None,
    seen: Mapping[str, Look] | None = None,
) -> ImagePlan:
    """Looks at the training cases and proposes how to prepare them and what to train.

    Args:
        cases: with their splits.
        answers: what is learnt, as `asked` finds it; None: as the cases' answers look.
        tree: above it, of what is told; None: what is learnt is told.
        minutes: of training, which the size of the images follows.
        replicas: how many devices share a batch.
        overrides: fields of `ImagePlan` that are set by the user; `class_weights` may be
            "balanced", as `balanced_weights` has it.
        seen: looks at the cases by their names, where they were taken before.

    Raises:
        Problem: a case cannot be read or does not fit the others, or an override does not fit.
    """
    answers = asked(cases)[0] if answers is None else answers
    overrides = dict(overrides or {})
    if overrides.get("class_weights") == BALANCED:
        targets = [str(case.target) for case in cases.train]
        overrides["class_weights"] = balanced_weights(answers, targets)
    return make_image_plan(
        [seen[case.name] for case in cases.train] if seen else looks(cases.train),
        answers,
        tree=tree,
        minutes=minutes,
        replicas=replicas,
        device="gpu" if gpus() else "cpu",
        modality=cases.modality,
        overrides=overrides,
    )


def asked(
    cases: Cases,
    *,
    kinds: Sequence[str] = (),
    columns: str | Sequence[str] = (),
    loss_weights: Sequence[float] = (),
    names: Mapping[str, str] | None = None,
    positive: str | None = None,
    tree: str | Path | None = None,
) -> tuple[ImageTarget | Multitask, ClassTree | None]:
    """What is learnt of each image, by the training cases, and the tree of what is told.

    Args:
        cases: with their splits.
        kinds: of target, "multiclass", "multilabel", "regression" or "box", one, or one a column;
            none: as the answers look.
        columns: what the answers are called, where there are several to each image.
        loss_weights: how much the loss of each of several answers counts; none: alike.
        names: text of an answer -> name to show.
        positive: name of the positive one of two classes; None: the second by name.
        tree: a file of fine and coarse classes, as `ClassTree.read` takes it; None: what is learnt
            is told.

    Raises:
        Problem: the answers are not of this kind, or have no such name, or do not fit the tree.
    """
    found = asked_of(
        [str(case.target) for case in cases.train],
        columns,
        kinds=kinds,
        weights=loss_weights,
        names=names,
        others=[str(case.target) for case in cases if case.split != "train"],
        positive=None if tree else positive,
    )
    if tree is None:
        return found, None
    if found.kind != "multiclass":
        raise Problem(
            "A tree is for images that have one class each.", tree, "Leave it out, or see --kind."
        )
    above = ClassTree.read(tree, found.names)
    if positive is not None:
        above = above.in_order(positive_second(of_tree(above), positive).names)
    return found, above


def augmentation(plan: ImagePlan) -> Augmentation:
    """The random changes that a plan's images can bear."""
    angles = plan.rotation_deg
    numbers = any(one.kind == "regression" for one in parts_of(plan.target))
    measured = plan.spacing_mm is not None and numbers
    unit = max(one.std for one in plan.intensities) if plan.normalization == "pixels" else 1.0
    if plan.normalization == "pixels" and not plan.bytes:
        unit *= 255 / max(one.high - one.low for one in plan.intensities)
    return Augmentation(
        rotation_deg=Chance(tuple(-angle for angle in angles), angles, 0.5),
        scale=NEVER if measured else Chance(0.9, 1.1, 0.5),  # it may be a volume
        shift=Chance(-0.08, 0.08, 0.5),
        flip_axes=plan.flip,
        elastic=NEVER,
        bias=NEVER,
        noise=Chance(0.0, 0.3 * unit, 0.15),
        spacing=tuple(plan.voxel_sides[axis] for axis in plan.shown.axes if plan.voxel_sides)
        or None,
    )


def batches(
    stack: Stack, plan: ImagePlan, *, seed: int = 0, settings: Augmentation | None = None
) -> Callable:
    """The training stream.

    Args:
        stack: of the training images.
        plan: for the batch size and the sampling.
        seed: batch number `i` of a seed is always the same.
        settings: what may happen to an image; None: as the plan's images can bear.

    Returns:
        A function of `(start, worker, workers)` to a `tf.data.Dataset` of images
        `(batch, *space, channels)`, as the plan's view shows them, and answers
        `(batch, outputs)`, both float32; of several answers a dictionary of them.
    """
    import tensorflow as tf

    settings = settings or augmentation(plan)
    if plan.target.placed:  # a box would have to move along
        settings = settings.still()
    shapes, asked = plan.shapes(), plan.target
    change = whole_augmenter(
        settings, shapes[0][:-1], mixup=plan.mixup, findings=asked.kind == "multilabel"
    )

    def apart(keys, images, answers):
        images, answers = change(keys, images, answers)
        return images, dict(zip(asked.places, asked.split(answers), strict=True))

    return functools.partial(
        stream,
        Draws(stack, plan.sampling),
        plan.batch_size,
        specs=[tf.TensorSpec(shape, tf.float32) for shape in shapes],
        seed=seed,
        transform=apart if isinstance(asked, Multitask) else change,
        together=True,
    )


def build(plan: ImagePlan) -> keras.Model:
    """A compiled network for a plan, with random weights.

    Raises:
        Problem: the builder does not take the images or the options.
    """
    try:
        model = named_builder(plan.network, "classification")(
            plan.shapes()[0],
            len(plan.target),
            activation=ACTIVATIONS.get(plan.target.kind),
            **plan.options,
        )
    except (ValueError, TypeError) as error:
        raise Problem(
            f"The network cannot be built: {str(error).strip().partition(chr(10))[0]}",
            plan.network,
            "Choose another --network, --option or --size.",
        ) from error
    if len(model.outputs) > 1:
        raise Problem(
            f"The network gives {len(model.outputs)} answers, one was expected.",
            plan.network,
            "Leave out the option that adds some.",
        )
    if isinstance(plan.target, Multitask):
        model = multi_task(model, heads(plan.target))
    optimizer = Muon(PEAK_RATE, adam_ratio=2 / 3, weight_decay=1e-4, global_clipnorm=5.0)
    return compiled(model, plan, optimizer)


def validate(stack: Stack, plan: ImagePlan) -> Validation:
    """The scores of a model on prepared images, and by which of them the best is chosen."""
    tell = functools.lru_cache(maxsize=1)(predict_function)  # traced once, not each epoch
    return validation(stack.answers, lambda model: outputs(tell(model), stack, mirror=()), plan)


def outputs(tell: Callable, stack: Stack, *, mirror: Sequence[int]) -> np.ndarray:
    """What a network gives for all images of a stack, `(n, outputs)`, as `over_views` has it."""
    step = max(1, CHUNK // stack.plan.shown.count)
    parts = [
        over_views(
            tell,
            stack.views(range(start, min(start + step, len(stack)))),
            mirror,
            stack.plan.target,
        )
        for start in range(0, len(stack), step)
    ]
    return np.concatenate(parts)


def over_views(
    tell: Callable, views: np.ndarray, mirror: Sequence[int], answers: ImageTarget | Multitask
) -> np.ndarray:
    """The mean of a network's outputs over an image's views and all ways to mirror them.

    Args:
        tell: a network that answers each view, as `predict_function` makes it.
        views: `(n, views, *space, channels)`.
        mirror: axes of space along which they are mirrored.
        answers: what is asked.

    Returns:
        `(n, outputs)`; those of several answers side by side.
    """
    flat = views.reshape(-1, *views.shape[2:])
    found = [tell(np.flip(flat, tuple(1 + axis for axis in axes))) for axes in mirrorings(mirror)]
    if isinstance(answers, Multitask):
        found = [np.concatenate([told[one] for one in answers.places], -1) for told in found]
    return np.mean(found, axis=0).reshape(*views.shape[:2], -1).mean(1)


class Predictor:
    """Answers images with one trained network or with several.

    Of several, each network's probabilities are taken at its own temperature and then averaged, and
    what is said follows from the mean of their thresholds. No case was kept back from all networks
    of folds to decide on the average itself, so these decisions are near what it asks for, not
    chosen for it: an average of networks that each are as sure as they are right is rather less
    sure than it is right (Rahaman and Thiery 2021, arXiv:2007.08792). The scores of folds are those
    of one network a case; the average has been judged on none of their cases.

    Args:
        models: whose answers are averaged.
        plans: the plan that each was trained with.
        decisions: what each run decided on its validation cases.
        mirror: whether mirrored images count too, along the plan's flips.

    Attributes:
        plan: of the first, for what is asked.
        decision: the runs' decisions together, as `averaged` gives it.

    Raises:
        Problem: the plans differ in what is asked.
    """

    def __init__(
        self,
        models: Sequence[keras.Model],
        plans: Sequence[ImagePlan],
        decisions: Sequence[Calibration],
        *,
        mirror: bool = True,
    ):
        asked = {(one.target.kind, one.target.names, one.tree) for one in plans}
        if len(asked) > 1:
            raise Problem(
                "The runs cannot be averaged: they answer different questions.",
                "plan.json",
                "Name runs that were trained on the same kind of data.",
            )
        tells = [predict_function(fold_batchnorm(model)) for model in models]
        self.members = list(zip(tells, plans, decisions, strict=True))
        self.mirror, self.plan = mirror, plans[0]
        self.decision = averaged(decisions)

    def __call__(self, image: Image, where: object = None) -> np.ndarray:
        """What is learnt to tell of an image, `(outputs,)`, as `Calibration.applied` gives it."""
        found = []
        for tell, plan, decision in self.members:
            views = plan.scaled(plan.shown.all(prepare_image(image, plan, where)))[None]
            mirror = mirrored(plan) if self.mirror else ()
            values = over_views(tell, views, mirror, plan.target)
            found.append(decision.applied(values, plan.target)[0])
        return np.mean(found, axis=0)


def mirrored(plan: ImagePlan) -> tuple[int, ...]:
    """The axes along which views of images are mirrored when they are judged."""
    return () if plan.target.placed else plan.flip
