"""Translation as a task: an image to an image."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from keras_mia.tasks.patches.options import patch_overrides
from keras_mia.tasks.patches.task import PatchTask
from keras_mia.tasks.translation import options
from keras_mia.tasks.translation.perceptual.options import perceptual_choice
from keras_mia.tasks.values import Evaluation, Prepared, TruthFiles

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Case, Cases
    from keras_mia.data.image import Image
    from keras_mia.doctor.diagnosis import Diagnosis
    from keras_mia.report.pictures.case_picture import CasePicture
    from keras_mia.report.sections import Content
    from keras_mia.tasks.translation.perceptual.choice import PerceptualChoice
    from keras_mia.tasks.translation.translation_plan import TranslationPlan
    from keras_mia.training import Validation

UNPAIRED = ("multiclass", "image")
"""Kinds of target where there may be no pairs: names of kinds of images, or pairs all the same."""


@dataclass(frozen=True, kw_only=True)
class Translation(PatchTask["TranslationPlan"]):
    """An image to an image: noise taken away, one contrast made of another.

    Args:
        target_column: of a table; None: `target_image`.
        degradation: that makes images out of single ones; None: the data are pairs.
        degradation_options: of it.
        loss: "l1", "l2" or "ssim"; None: what suits.
        target_values: what those of targets are: "same" as those of images, "hu" or "other"; None:
            as they look.
        kinds: names of sources and of targets, where training is not told what belongs together.
        unpaired: "cyclegan" or "refiner", where it is not.
        difference: whether predictions have what was added to the image.
        other_runs: finished runs whose scores stand in the same table.
        perceptual: a classifier whose features are compared, too; None: voxels alone are.
    """

    name: ClassVar[str] = "translation"
    targets: ClassVar[tuple[str, ...]] = ("image",)
    output: ClassVar[str] = "image"

    target_column: str | None = None
    degradation: str | None = None
    degradation_options: Mapping[str, Any] = field(default_factory=dict)
    loss: str | None = None
    target_values: str | None = None
    kinds: tuple[str, ...] = ()
    unpaired: str | None = None
    difference: bool = False
    other_runs: tuple[Path, ...] = ()
    perceptual: "PerceptualChoice | None" = None

    @classmethod
    def data_options(cls, group: argparse._ArgumentGroup) -> None:
        """The column of targets, or what makes images worse."""
        options.add_data_options(group)

    @classmethod
    def plan_options(cls, parser: argparse.ArgumentParser) -> None:
        """The plan."""
        options.add_plan_options(parser)

    @classmethod
    def prediction_options(cls, group: argparse._ArgumentGroup) -> None:
        """What is written."""
        options.add_prediction_options(group)

    @classmethod
    def configured(cls, args: argparse.Namespace) -> Self:
        """The task as options have it.

        Raises:
            Problem: an option is of another degradation, or the network's file is not there, or no
                run of a classifier.
        """
        from keras_mia.models.builder_names import check_file

        given = vars(args)
        way, network = options.unpaired_way(given), given.get("network")
        if way:
            network = None
        if network:
            check_file(network)
        return cls(
            target_column=given.get("label_column"),
            degradation=given.get("degrade"),
            degradation_options=options.degradation_options(given),
            loss=given.get("loss"),
            target_values=given.get("target_values"),
            network=network,
            kinds=tuple(given.get("unpaired") or ()),
            unpaired=way,
            difference=given.get("difference", False),
            other_runs=tuple(given.get("other_runs") or ()),
            perceptual=perceptual_choice(given),
            overrides=patch_overrides(given),
        )

    @property
    def reading(self) -> Mapping[str, Any]:
        """The column of targets; images alone where they are made worse; without pairs names of
        kinds, or pairs whose series are called so."""
        if self.degradation is not None:
            return {"targets": ()}
        column = {"label_column": self.target_column}
        if not self.kinds:
            return column
        return {**column, "targets": UNPAIRED, "unpaired": self.kinds}

    @property
    def files(self) -> Sequence[Path]:
        """The runs whose scores stand beside, and that of the classifier."""
        classifier = () if self.perceptual is None else (self.perceptual.run.folder,)
        return (*self.other_runs, *classifier)

    def examine(self, cases: "Cases", *, test_only: bool = False) -> "Cases":
        """Reads images once."""
        from keras_mia.tasks.translation.cases.pairs import check_alone, examine
        from keras_mia.tasks.translation.cases.unpaired import examine_unpaired

        if not test_only and self.degradation is not None:
            check_alone(cases)
        if cases.has_texts:
            return examine_unpaired(cases, self.kinds, test_only=test_only)
        return examine(cases, test_only=test_only)

    def split(self, cases: "Cases", fold: tuple[int, int]) -> "Cases":
        """Who trains and who is held out."""
        from keras_mia.tasks.translation.cases.pairs import split_cases
        from keras_mia.tasks.translation.cases.unpaired import split_unpaired

        return (split_unpaired if cases.has_texts else split_cases)(cases, fold)

    def plan(
        self, cases: "Cases", *, minutes: float = 10.0, replicas: int = 1
    ) -> "TranslationPlan":
        """Proposes the plan."""
        from keras_mia.tasks.translation.evaluation.other_runs import finished_runs
        from keras_mia.tasks.translation.planning import plan

        made = plan(
            cases,
            minutes=minutes,
            replicas=replicas,
            degradation=self.degradation,
            degradation_options=self.degradation_options,
            loss=self.loss,
            target_values=self.target_values,
            unpaired=self.unpaired,
            kinds=self.kinds if cases.has_texts else (),
            overrides=self.overrides,
        )
        finished_runs(self.other_runs, cases.test, made)
        if self.perceptual is None:
            return made
        return self.perceptual.planned(made, [cases.facts[case] for case in cases.train])

    @classmethod
    def read_plan(cls, folder: Path) -> "TranslationPlan":
        """The plan of a run."""
        from keras_mia.tasks.translation.translation_plan import TranslationPlan

        return TranslationPlan.read(folder / "plan.json")

    def plan_notes(self, plan: "TranslationPlan", cases: "Cases") -> Sequence[str]:
        """What becomes of images and targets."""
        made = f"Images are made by {plan.degradation}" if plan.degradation else "Pairs of images"
        reason = plan.reasons.get("target_normalization", "")
        game = "; a discriminator joins in" if plan.adversarial else ""
        if plan.unpaired:
            made = f"Images of {' and of '.join(plan.kinds or self.kinds)}"
            game = f"; {plan.unpaired}: what belongs together is not told in training"
        features = f" + {plan.perceptual.describe()}" if plan.perceptual else ""
        return [f"{made}; {reason}; loss {plan.loss}{features}{game}."]

    def build(self, plan: "TranslationPlan") -> "keras.Model":
        """The U-Net of the plan, or one's own network, with random weights, compiled."""
        from keras_mia.tasks.translation.network import build

        options = self.network_options(plan)
        if self.perceptual is not None:
            options["perceptual"] = self.perceptual.loss(plan)
        return build(plan, **options)

    @property
    def peak_rate(self) -> float | None:
        """Of Muon; without pairs both players keep the rates that they were made with."""
        return None if self.unpaired else super().peak_rate

    def batches(self, prepared: Prepared, plan: "TranslationPlan", *, seed: int = 0) -> Callable:
        """Pairs of patches, changed at random."""
        from keras_mia.tasks.translation.training_stream import batches

        return batches(prepared.train, plan, seed=seed)

    def validate(self, prepared: Prepared, plan: "TranslationPlan") -> "Validation":
        """The error over whole cases."""
        from keras_mia.tasks.translation.validation import validate

        return validate(prepared.validation, plan)

    def evaluate(
        self,
        model: "keras.Model",
        cases: "Cases",
        prepared: Prepared,
        plan: "TranslationPlan",
        run: Path,
    ) -> Evaluation:
        """Writes an image for each test case into `predictions`, and scores it."""
        from keras_mia.tasks.translation.evaluation.run_evaluation import evaluate_run
        from keras_mia.tasks.translation.evaluation.unpaired_evaluation import evaluate_unpaired_run

        if plan.kinds:
            return evaluate_unpaired_run(model, cases, plan, run)
        return evaluate_run(model, cases, plan, run, self.other_runs)

    def sections(self, folder: Path, pictures: "Sequence[CasePicture]" = ()) -> "Content":
        """Scores of the network and of baselines, and cases."""
        from keras_mia.tasks.translation.sections import report_content

        return report_content(folder, pictures)

    def pool(self, folders: Sequence[Path]) -> Evaluation:
        """The scores of folds together."""
        from keras_mia.tasks.translation.evaluation.run_evaluation import pool
        from keras_mia.tasks.translation.evaluation.unpaired_files import evaluate_unpaired_files

        plans = [self.read_plan(folder) for folder in folders]
        return (evaluate_unpaired_files if plans[0].kinds else pool)(plans, folders)

    def predictor(
        self, models: "Sequence[keras.Model]", folders: Sequence[Path], *, mirror: bool = True
    ) -> "Callable[[Image, object], Any]":
        """The mean of what networks make of an image."""
        from keras_mia.tasks.translation.predictor import Predictor

        plans = [self.read_plan(folder) for folder in folders]
        return Predictor(models, plans, mirror=mirror)

    def file_names(self, case: "Case", plan: "TranslationPlan") -> Sequence[str]:
        """Of the image, and of the difference."""
        from keras_mia.tasks.translation.prediction_files import difference_name, prediction_name

        names = [prediction_name(case, plan.image_rank)]
        return [*names, *([difference_name(case, plan.image_rank)] if self.difference else [])]

    def check_images(self, cases: "Sequence[Case]", plan: "TranslationPlan") -> None:
        """Sees to it that there is a difference, where it is wanted."""
        from keras_mia.tasks.translation.checks import check_difference

        if self.difference:
            check_difference(plan)

    def write(
        self, prediction: Any, folder: Path, case: "Case", image: "Image", plan: "TranslationPlan"
    ) -> Mapping[str, Any]:
        """Writes the image, and the difference."""
        from keras_mia.data.io.image_io import write_image
        from keras_mia.tasks.translation.identity import identity
        from keras_mia.tasks.translation.prediction_files import difference_name, prediction_name

        write_image(folder / prediction_name(case, image.rank), prediction, like=image)
        if self.difference:
            path = folder / difference_name(case, image.rank)
            write_image(path, prediction - identity(image, plan), like=image)
        return {}

    def evaluate_files(self, folders: Sequence[Path], files: TruthFiles) -> Evaluation:
        """Scores images by those that were to be made."""
        from keras_mia.tasks.translation.evaluation.file_evaluation import evaluate_files
        from keras_mia.tasks.translation.evaluation.unpaired_files import evaluate_unpaired_files

        plans = [self.read_plan(folder) for folder in folders]
        if plans and plans[0].kinds and files.truth is None:
            return evaluate_unpaired_files(plans, folders, files.prediction)
        return evaluate_files(self, folders, files)

    def compare(self, run: Path, against: Path) -> Sequence[Mapping[str, Any]]:
        """Compares the scores of cases."""
        from keras_mia.tasks.translation.evaluation.comparison import compare

        return compare(run, against)

    def check(self, cases: "Cases") -> "Diagnosis":
        """Looks at pairs of images, or at two kinds of them."""
        from keras_mia.doctor.image_pairs import diagnose_pairs
        from keras_mia.doctor.unpaired_images import diagnose_unpaired

        return diagnose_unpaired(cases) if cases.has_texts else diagnose_pairs(cases)
