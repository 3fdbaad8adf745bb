"""From the targets of whole images to a plan."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from keras_mia.core.hardware import gpus
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.preprocess.image_plan import ImagePlan, of_tree
from keras_mia.data.targets.hierarchy import ClassTree
from keras_mia.data.targets.inference import infer_target
from keras_mia.data.targets.kinds import BALANCED
from keras_mia.data.targets.multitask import AnyTarget
from keras_mia.planning.images import make_image_plan


def plan(
    cases: Cases,
    answers: AnyTarget | None = None,
    *,
    tree: ClassTree | None = None,
    minutes: float = 10.0,
    replicas: int = 1,
    overrides: Mapping | None = None,
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

    Raises:
        Problem: a case cannot be read or does not fit the others, or an override does not fit.
    """
    answers = asked(cases)[0] if answers is None else answers
    overrides = dict(overrides or {})
    if overrides.get("class_weights") == BALANCED:
        texts = [case.text for case in cases.train]
        overrides["class_weights"] = answers.balanced_weights(texts)
    facts = survey(cases, cases.train).facts
    return make_image_plan(
        [facts[case] for case in cases.train],
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
) -> tuple[AnyTarget, ClassTree | None]:
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
    found = infer_target(
        [case.text for case in cases.train],
        columns,
        kinds=kinds,
        weights=loss_weights,
        names=names,
        others=[case.text for case in cases if case.split != "train"],
        positive=None if tree else positive,
    )
    if tree is None:
        return found, None
    if not found.is_exclusive:
        raise Problem(
            "A tree is for images that have one class each.", tree, "Leave it out, or see --kind."
        )
    above = ClassTree.read(tree, found.names)
    if positive is not None:
        above = above.in_order(of_tree(above).with_positive(positive).names)
    return found, above
