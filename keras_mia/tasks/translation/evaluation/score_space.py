"""In which values, and over which voxels, images are scored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.geometry.nonzero_box import nonzero_box
from keras_mia.data.image import Image
from keras_mia.data.preprocess.body_mask import body_mask
from keras_mia.data.preprocess.normalize import Scale, scale_of
from keras_mia.metrics import image_quality_scores
from keras_mia.tasks.translation.translation_plan import OF_EACH, TranslationPlan

BYTES = 255.0


@dataclass(frozen=True, eq=False)
class ScoreSpace:
    """How a case is scored.

    Args:
        truth: the target in the values that are scored, `(*space, channels)`.
        typical: the scale of outputs, where each target has a scale of its own; None: outputs are
            in the target's values.
        mask: `(*space)`, the voxels that count; None: all.
        data_range: for PSNR and SSIM.
        about_truth: `truth_mean` of the target's own values that count, by which runs tell one
            truth from another whatever values they score it in, and `truth_range`, which is
            `data_range` in the target's own values.
    """

    truth: np.ndarray
    typical: Scale | None
    mask: np.ndarray | None
    data_range: float
    about_truth: Mapping[str, float]

    @classmethod
    def of(cls, truth: Image, source: Image, plan: TranslationPlan) -> "ScoreSpace":
        """That of a case.

        Args:
            truth: the image that is to be made.
            source: the one that it is made from, in which the body is found, and what is not
                empty, of which the target's statistics are, as for training.
            plan: of the run.
        """
        mask = body_mask(source.array) if plan.masked else None
        array, typical = np.asarray(truth.array, np.float32), None
        if plan.target_normalization in OF_EACH:
            box = nonzero_box(source.array) if source.rank == 3 else ()
            cut = array[tuple(slice(*edges) for edges in box)]
            array = scale_of(cut, plan.target_normalization).apply(array)
            typical = plan.typical_scale
        in_bytes = typical is None and _is_in_bytes(truth)
        data_range = BYTES if in_bytes else _range(array, mask)
        raw_range = data_range if typical is None else _range(truth.array, mask)
        return cls(array, typical, mask, data_range, _about(truth, mask, raw_range))

    @classmethod
    def plain(cls, truth: Image) -> "ScoreSpace":
        """That of a case of which no run is known: all voxels, in the values that they have.

        Args:
            truth: the image that is to be made.
        """
        array = np.asarray(truth.array, np.float32)
        data_range = BYTES if _is_in_bytes(truth) else _range(array, None)
        return cls(array, None, None, data_range, _about(truth, None, data_range))

    def values(self, prediction: np.ndarray) -> np.ndarray:
        """A prediction as it is scored.

        Args:
            prediction: in the values that it is written in.
        """
        return prediction if self.typical is None else self.typical.apply(prediction)

    def scores(self, prediction: np.ndarray) -> dict[str, Any]:
        """`mae`, `rmse`, `psnr` and `ssim` of a prediction in the values that it is written in.

        Args:
            prediction: `(*space, channels)`.
        """
        return self.scores_of(self.values(prediction))

    def scores_of(self, values: np.ndarray) -> dict[str, Any]:
        """The same of a prediction in the values that are scored.

        Args:
            values: `(*space, channels)`.
        """
        return image_quality_scores(self.truth, values, data_range=self.data_range, mask=self.mask)


def _is_in_bytes(truth: Image) -> bool:
    """Whether it is a picture whose values may be 0 to 255, whichever of them it has."""
    return truth.rank == 2 and truth.array.dtype == np.uint8


def _range(array: np.ndarray, mask: np.ndarray | None) -> float:
    """That of the values of the truth which count."""
    values = array if mask is None else array[mask]
    return float(values.max()) - float(values.min()) or 1.0


def _about(truth: Image, mask: np.ndarray | None, raw_range: float) -> dict[str, float]:
    values = truth.array if mask is None else truth.array[mask]
    return {"truth_mean": float(values.mean(dtype=np.float64)), "truth_range": raw_range}


def stated_range(plan: TranslationPlan | None) -> str:
    """What the range is that PSNR and SSIM are relative to, in words.

    Args:
        plan: of the run; None: no run is known.
    """
    where = "in the body" if plan and plan.masked else "of a case"
    if plan and plan.target_normalization in OF_EACH:
        return f"the range of the true values {where}, in its standard deviations"
    return f"the range of the true values {where} (255 for pictures of 8 bits)"


def unit_of(plan: TranslationPlan) -> str:
    """The unit of errors.

    Args:
        plan: of the run.

    Returns:
        "HU", "standard deviations" where each target has a scale of its own, or "" for the data's
        own values.
    """
    if plan.target_normalization in OF_EACH:
        return "standard deviations"
    is_ct = plan.target_normalization == "ct" or plan.modality == "CT"
    return "HU" if is_ct else ""


def check_one_unit(plans: Sequence[TranslationPlan], folders: Sequence[Path]) -> None:
    """Refuses runs whose scores are not taken together.

    Args:
        plans: of the runs.
        folders: of the runs.

    Raises:
        Problem: they took values of images, or the air around them, differently.
    """
    if len({(plan.target_normalization, plan.masked, unit_of(plan)) for plan in plans}) > 1:
        raise Problem(
            "Folds took values of images and targets, or the air around them, differently: their"
            " scores have no common unit.",
            ", ".join(map(str, folders)),
            "Say by --target-values same or other what they are, and train again.",
        )
