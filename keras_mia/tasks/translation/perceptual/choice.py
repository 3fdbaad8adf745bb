"""A classifier whose features the user wants to be alike: checked, planned, made a loss."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.preprocess.normalize import SMALLEST_STD, Scale
from keras_mia.tasks.translation.perceptual.classifier_run import OPTION, ClassifierRun
from keras_mia.tasks.translation.perceptual.record import PerceptualNetwork
from keras_mia.tasks.translation.translation_plan import TranslationPlan

if TYPE_CHECKING:
    from keras_mia.losses import Perceptual

BYTES = (0.0, 255.0)


@dataclass(frozen=True)
class PerceptualChoice:
    """What the user says of features.

    Args:
        run: of the classifier.
        weight: of the features beside the loss.
    """

    run: ClassifierRun
    weight: float

    def planned(self, plan: TranslationPlan, facts: Sequence[CaseFacts]) -> TranslationPlan:
        """The plan with the classifier, and with how normalized intensities become what it takes.

        Outputs are taken for images in the values of the files, as `predict` writes them: where
        each image has a scale of its own, in that of the training images on average. Then they are
        scaled as the classifier's plan has it.

        Args:
            plan: without it.
            facts: of the training images.

        Raises:
            Problem: the network takes volumes and these are pictures or slices, or it knows images
                of other values, or images are normalized by their bodies.
        """
        rank = self.run.rank
        if rank > plan.rank:
            raise Problem(
                f"The classifier takes {rank}D images, what is made is {plan.rank}D.",
                f"{OPTION} {self.run.folder}",
                "Name a classifier of pictures or slices, or take --rank 3.",
            )
        if plan.typical_scale is None and plan.normalization == "body":
            raise Problem(
                "Images are normalized by the voxels of their bodies, whose values a classifier of"
                " whole images is not shown.",
                f"{OPTION} {self.run.folder}",
                "Take --normalization zscore.",
            )
        typical = typical_scale(plan, facts)
        self._check_values(typical)
        normalized, taken = in_file_values(plan, typical), self._taken(typical)
        scale = np.divide(normalized.std, taken.std)
        offset = np.divide(np.subtract(normalized.mean, taken.mean), taken.std)
        axis = self.run.plan.slice_axis
        record = PerceptualNetwork(
            run=self.run.name,
            network=self.run.digest(),
            weight=self.weight,
            scale=tuple(np.atleast_1d(scale).tolist()),
            offset=tuple(np.atleast_1d(offset).tolist()),
            slice_axis=-1 if axis is None else axis,
        )
        reason = (
            f"set by the user; it is shown normalized values times {_text(record.scale)}, plus"
            f" {_text(record.offset)}"
        )
        return replace(plan, perceptual=record, reasons={**plan.reasons, "perceptual": reason})

    def _taken(self, typical: Scale) -> Scale:
        """From values of files to what the classifier takes."""
        plan = self.run.plan
        return typical if plan.normalization == "zscore" else plan.stored_scale

    def _check_values(self, typical: Scale) -> None:
        """Refuses images of quite other values than those that the classifier knows.

        Raises:
            Problem: so.
        """
        plan = self.run.plan
        ends = [BYTES] if plan.bytes else [(one.low, one.high) for one in plan.intensities]
        if plan.normalization == "zscore" or not ends:
            return
        low, high = np.min(ends), np.max(ends)
        span, mean, deviation = high - low, np.mean(typical.mean), np.mean(typical.std)
        fits = low - span / 2 <= mean <= high + span / 2 and span / 100 <= deviation <= span
        if not fits:
            raise Problem(
                f"The classifier knows values from {low:.4g} to {high:.4g}; those of the images"
                f" that are to be made are {mean:.4g} ± {deviation:.4g}.",
                f"{OPTION} {self.run.folder}",
                "Name a classifier of images of the same kind, or train it with --normalization"
                " zscore.",
            )

    def loss(self, plan: TranslationPlan) -> "Perceptual":
        """The loss of a plan's features, of weight 1.

        Args:
            plan: with `perceptual`.

        Raises:
            Problem: the network is another one than when the plan was made, or does not take the
                patches.
        """
        import tensorflow as tf

        from keras_mia.losses import Perceptual
        from keras_mia.training.runs.network_file import load_network

        record, where = plan.perceptual, f"{OPTION} {self.run.folder}"
        assert record is not None
        if self.run.digest() != record.network:
            raise Problem(
                "The classifier is another one than when this run began.",
                where,
                "Put its run back as it was, or begin a new run in another --output.",
            )
        network = load_network(self.run.folder / "best.keras")
        patch = tf.TensorSpec((None, *plan.shapes()[1]), tf.float32)
        try:
            made = Perceptual(
                network,
                scale=record.scale,
                offset=record.offset,
                slice_axis=record.slice_axis,
            )
            tf.function(made).get_concrete_function(patch, patch)
        except ValueError as error:
            raise Problem(
                f"The classifier does not take these images: {str(error).partition(chr(10))[0]}",
                where,
                "Name another one, or take a larger --patch.",
            ) from error
        return made


def typical_scale(plan: TranslationPlan, facts: Sequence[CaseFacts]) -> Scale:
    """Means and deviations, on average, of the images that are to be made, one a channel.

    Args:
        plan: for those of targets with values of their own.
        facts: of the training images, whose values targets share otherwise.
    """
    if plan.typical_scale is not None:
        return plan.typical_scale
    samples = [one.in_channels(plan.channels).sample.astype(np.float64) for one in facts]
    means = np.mean([one.mean(axis=0) for one in samples], axis=0)
    deviations = np.mean([one.std(axis=0) for one in samples], axis=0)
    return Scale(tuple(means.tolist()), tuple(np.maximum(deviations, SMALLEST_STD).tolist()))


def in_file_values(plan: TranslationPlan, typical: Scale) -> Scale:
    """The scale by which normalized intensities of what is made are values of files.

    Args:
        plan: of the translator.
        typical: as `typical_scale` gives it.
    """
    if plan.typical_scale is not None:
        return typical
    if plan.normalization == "ct":
        means, deviations = zip(*((one.mean, one.std) for one in plan.intensities), strict=True)
        return Scale(means, tuple(max(one, SMALLEST_STD) for one in deviations))
    if plan.normalization == "none":
        return Scale((0.0,) * plan.channels, (1.0,) * plan.channels)
    return typical


def _text(values: Sequence[float]) -> str:
    return ", ".join(f"{one:.4g}" for one in values)
