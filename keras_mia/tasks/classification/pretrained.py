"""Fine-tuning as a task: classification that begins with a network which knows photographs."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from keras_mia.core.problem import Problem
from keras_mia.tasks.classification import options
from keras_mia.tasks.classification.synthetic.options import add_synthetic_options
from keras_mia.tasks.classification.task import Classification
from keras_mia.tasks.values import NetworkSize, Prepared

if TYPE_CHECKING:
    import keras

    from keras_mia.tasks.classification.classification_plan import ClassificationPlan

NETWORK = "MobileNetV2"
IMAGENET, NONE = "imagenet", "none"


@dataclass(frozen=True, kw_only=True)
class Finetuning(Classification):
    """Classification by a pretrained network, whose last layer is fitted first.

    Args:
        weights: "imagenet", "none", or a file.
        freeze: how many of the first layers keep their weights, or the name of the last of them.
        probes: whether the last layer is fitted alone before all others.
    """

    minutes: ClassVar[float] = 3.0

    weights: str = IMAGENET
    freeze: int | str = 0
    probes: bool = True

    @classmethod
    def plan_options(cls, parser: argparse.ArgumentParser) -> None:
        """The pretrained network, what is learnt of the targets, and the plan."""
        options.add_pretrained_options(parser)
        options.add_target_options(parser)
        options.add_plan_options(parser, pretrained=True)
        add_synthetic_options(parser)

    @classmethod
    def configured(cls, args: argparse.Namespace) -> Self:
        """The task as options have it.

        Raises:
            Problem: as `Classification.configured`, or the weights are not there.
        """
        given = vars(args)
        weights = given.get("weights", IMAGENET)
        if weights not in (IMAGENET, NONE) and not Path(weights).is_file():
            raise Problem("There is no such file of weights.", weights, "Check the path.")
        return replace(
            super().configured(args),
            weights=weights,
            freeze=given.get("freeze", 0),
            probes=not given.get("no_probe", False),
        )

    @classmethod
    def checked(cls, overrides: dict[str, Any]) -> dict[str, Any]:
        """The network is a pretrained one, which scales pixels itself."""
        from keras_mia.models.imagenet.table import find

        network = overrides.get("network") or NETWORK
        find(network)
        return overrides | {"network": network, "normalization": "pixels"}

    @property
    def files(self) -> Sequence[Path]:
        """The table of coarse classes, and the weights."""
        weights = [] if self.weights in (IMAGENET, NONE) else [Path(self.weights)]
        return [*super().files, *weights]

    @property
    def from_scratch(self) -> bool:
        """Whether the network begins with random weights."""
        return self.weights == NONE

    def build(self, plan: "ClassificationPlan") -> "keras.Model":
        """The pretrained network with a new head, its first layers frozen, compiled."""
        from keras_mia.tasks.classification.networks import pretrained as network

        model = network.build(plan, None if self.from_scratch else self.weights)
        return network.prepare_training(model, plan, self.freeze, scratch=self.from_scratch)

    def network_size(self, plan: "ClassificationPlan") -> NetworkSize:
        """By the pretrained network."""
        from keras_mia.models.imagenet.pretrained import COPIES

        return NetworkSize(plan.network, f"another --network, such as {NETWORK}", copies=COPIES)

    def initialize(
        self, model: "keras.Model", prepared: Prepared, plan: "ClassificationPlan"
    ) -> str:
        """Fits the last layer alone, on features of the frozen network."""
        from keras_mia.tasks.classification.networks.pretrained import probe

        super().initialize(model, prepared, plan)
        if self.from_scratch or not self.probes:
            return ""
        scores = probe(model, prepared.train, prepared.validation, plan)
        if scores is None:
            return ""
        named = ", ".join(f"{name} {value:.3f}" for name, value in scores.items())
        return f"The last layer alone, on frozen features: validation {named}."

    @property
    def peak_rate(self) -> float:
        """Lower, so that what the network knows stays."""
        from keras_mia.tasks.classification.networks import pretrained as network

        return network.SCRATCH_RATE if self.from_scratch else network.PEAK_RATE
