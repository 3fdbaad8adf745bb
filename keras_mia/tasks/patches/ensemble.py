"""Networks that go over an image window by window, one or several whose outputs are averaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import keras
import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image
from keras_mia.data.preprocess.patch_plan import PatchPlan
from keras_mia.data.preprocess.prepare import prepare
from keras_mia.inference.window import SlidingWindow
from keras_mia.models.folding import fold_batchnorm

VALIDATION_OVERLAP = 0.25
"""Share of a window that the next one covers again while networks are validated."""

AnyPatchPlan = TypeVar("AnyPatchPlan", bound=PatchPlan)


@dataclass(frozen=True, eq=False)
class Member(Generic[AnyPatchPlan]):
    """Networks whose plans prepare images alike, and go over them together.

    Args:
        plan: of all of them.
        share: of the ensemble's outputs that are theirs.
        window: that goes over a prepared image.
    """

    plan: AnyPatchPlan
    share: float
    window: SlidingWindow

    def restored(self, image: Image, where: object = None, **options: Any) -> np.ndarray:
        """What they predict of an image, on its own grid.

        Args:
            image: as read.
            where: the file or case, for messages.
            **options: of `Grid.restore`.

        Returns:
            `(*space)` or `(*space, outputs)`, as `Grid.restore` has it.

        Raises:
            Problem: the plan is not for such an image.
        """
        prepared = prepare(image, self.plan, where)
        outputs = self.plan.shapes()[1][-1]
        return prepared.restore(self.window.blocks(prepared.array), outputs, **options)


def members_of(
    models: keras.Model | Sequence[keras.Model],
    plans: AnyPatchPlan | Sequence[AnyPatchPlan],
    *,
    mirror: bool = True,
    alike: Sequence[str] = ("channels", "image_rank"),
) -> list[Member[AnyPatchPlan]]:
    """The members of an ensemble, with their windows compiled once, for many images.

    Args:
        models: one, or several whose outputs are averaged.
        plans: the plan that they were trained with, or a plan a model. Models whose plans prepare
            images differently, as those of folds may, meet on the source's grid.
        mirror: whether mirrored images are predicted too and averaged, along the plans' flips;
            where pictures may lie any way, turned by 90 degrees as well.
        alike: fields that have to be the same in all plans.

    Returns:
        A member for each way to prepare images.

    Raises:
        Problem: the plans differ in a field of `alike`.
    """
    models = [models] if isinstance(models, keras.Model) else list(models)
    plans = [plans] * len(models) if isinstance(plans, PatchPlan) else list(plans)
    _check_alike(plans, alike)
    groups: dict[str, tuple[AnyPatchPlan, list[keras.Model]]] = {}
    for model, plan in zip(models, plans, strict=True):
        options = view_options(plan) if mirror else {}
        key = repr((plan.preparing(), plan.patch, options))
        groups.setdefault(key, (plan, []))[1].append(model)
    return [
        Member(
            plan,
            len(group) / len(models),
            SlidingWindow(
                [fold_batchnorm(model) for model in group],
                plan.patch,
                batch_size=plan.batch_size,
                **view_options(plan) if mirror else {},
            ),
        )
        for plan, group in groups.values()
    ]


def validation_window(model: keras.Model, plan: PatchPlan) -> SlidingWindow:
    """The window that goes over validation cases: each voxel is seen about once.

    Args:
        model: while it is trained.
        plan: of its patches.
    """
    return SlidingWindow(model, plan.patch, overlap=VALIDATION_OVERLAP, batch_size=plan.batch_size)


def view_options(plan: PatchPlan) -> dict[str, Any]:
    """In which ways an image is shown, as `SlidingWindow` takes them.

    Args:
        plan: whose images may be mirrored, or lie any way.

    Returns:
        The axes to mirror along, and two that are exchanged or None.
    """
    square = plan.patch[0] == plan.patch[-1] and len(set(plan.spacing_mm or ())) <= 1
    return {"mirror": plan.flip, "transpose": (0, 1) if plan.lies_any_way and square else None}


def _check_alike(plans: Sequence[PatchPlan], fields: Sequence[str]) -> None:
    for name in fields:
        if any(getattr(plan, name) != getattr(plans[0], name) for plan in plans):
            texts = sorted({_text(plan, name) for plan in plans})
            raise Problem(
                f"The runs cannot be averaged, they differ in {name}: {'; '.join(texts)}.",
                "plan.json",
                "Name runs that were trained on the same kind of data.",
            )


def _text(plan: PatchPlan, name: str) -> str:
    value = getattr(plan, name)
    return value.describe() if hasattr(value, "describe") else plan.value_text(name)
