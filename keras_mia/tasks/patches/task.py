"""The verbs that mean the same in every family that predicts from patches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from keras_mia.tasks.task import Task
from keras_mia.tasks.values import NetworkSize, Prepared

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Cases
    from keras_mia.data.preprocess.patch_plan import PatchPlan

AnyPatchPlan = TypeVar("AnyPatchPlan", bound="PatchPlan")
SMALLER = "fewer --filters, or a smaller --depth"
"""What is proposed where memory does not hold the weights of a network."""


@dataclass(frozen=True, kw_only=True)
class PatchTask(Task[AnyPatchPlan]):
    """A family that predicts a value for each voxel, from patches.

    Args:
        network: one's own builder, `FILE.py:FUNCTION`; None: the U-Net of the plan.
        overrides: fields of the plan that the user sets.
    """

    network: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def network_options(self, plan: AnyPatchPlan) -> dict[str, Any]:
        """One's own builder as the family's `build` takes it, its networks held against the plan;
        nothing where there is none.

        Args:
            plan: that networks have to fit.
        """
        if self.network is None:
            return {}
        from keras_mia.models.named import builder_from_file
        from keras_mia.tasks.model_checks import check_custom_network

        name, builder = self.network, builder_from_file(self.network)

        def checked(*args: Any, **options: Any) -> "keras.Model":
            model = builder(*args, **options)
            check_custom_network(model, plan, name)
            return model

        return {"network": checked}

    def network_size(self, plan: AnyPatchPlan) -> NetworkSize:
        """By the filters and the depth of the plan, or one's own network."""
        size = f"filters {plan.filters}, depth {plan.depth}"
        return NetworkSize(self.network or size, SMALLER)

    def check_memory(
        self, model: "keras.Model", plan: AnyPatchPlan, cases: "Cases", *, replicas: int = 1
    ) -> None:
        """Refuses to begin what the memory of this machine will not hold."""
        from keras_mia.tasks.patches.memory_checks import check_memory

        check_memory(model, plan, cases, replicas)

    def prepare(self, cases: "Cases", plan: AnyPatchPlan, cache: Path) -> Prepared:
        """Training and validation cases, resampled and normalized."""
        from keras_mia.data.preprocess.case_cache import cache_cases

        stored = cache_cases([*cases.train, *cases.validation], plan, cache)
        return Prepared(stored[: len(cases.train)], stored[len(cases.train) :])

    @property
    def peak_rate(self) -> float | None:
        """Of Muon."""
        from keras_mia.tasks.patches.network import PEAK_RATE

        return PEAK_RATE

    def evaluation_time(self, cases: "Cases", prepared: Prepared, plan: AnyPatchPlan) -> float:
        """By the windows of test and validation cases, and the views of each."""
        from keras_mia.tasks.patches.duration import evaluation_time

        test = [cases.facts[case] for case in cases.test]
        spaces: Sequence[Sequence[int]] = [case.image.shape[:-1] for case in prepared.validation]
        return evaluation_time(test, spaces, plan)
