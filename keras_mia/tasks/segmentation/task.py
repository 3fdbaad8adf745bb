"""Segmentation as a task: a class for each voxel."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from keras_mia.tasks.patches.options import patch_overrides
from keras_mia.tasks.patches.task import PatchTask
from keras_mia.tasks.segmentation import label_options, options
from keras_mia.tasks.values import Evaluation, Prepared, TruthFiles

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Case, Cases
    from keras_mia.data.image import Image
    from keras_mia.data.io.labels.ranges import Ranges
    from keras_mia.doctor.diagnosis import Diagnosis
    from keras_mia.report.pictures.case_picture import CasePicture
    from keras_mia.report.sections import Content
    from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan
    from keras_mia.training import Validation


@dataclass(frozen=True, kw_only=True)
class Segmentation(PatchTask["SegmentationPlan"]):
    """A class for each voxel, from images with label maps.

    Args:
        names: label value -> name of the class, beside those that the data give.
        keep: the label values that are classes; the rest counts as background; None: all.
        ranges: label values that are read as one.
        are_classes: whether label values are classes, even where they seem to number objects.
        label_column: of a table; None: `label`.
        region_column: of a table; None: `region`, if it is there.
        probabilities: whether predictions have those of all classes.
        dicom_seg: whether predictions are written as DICOM Segmentations, too.
        largest: whether the largest piece of each class is kept alone.
        fill_holes: whether the holes of each class are filled.
        tolerance_mm: of the surface Dice.
    """

    name: ClassVar[str] = "segmentation"
    targets: ClassVar[tuple[str, ...]] = ("label_map",)
    output: ClassVar[str] = "label map"

    names: Mapping[int, str] | None = None
    keep: Sequence[int] | None = None
    ranges: "Ranges" = ()
    are_classes: bool = False
    label_column: str | None = None
    region_column: str | None = None
    probabilities: bool = False
    dicom_seg: bool = False
    largest: bool = False
    fill_holes: bool = False
    tolerance_mm: float = 1.0

    @classmethod
    def data_options(cls, group: argparse._ArgumentGroup) -> None:
        """The columns of label maps and regions, and what label values mean."""
        options.add_data_options(group)

    @classmethod
    def plan_options(cls, parser: argparse.ArgumentParser) -> None:
        """The plan."""
        options.add_plan_options(parser)

    @classmethod
    def prediction_options(cls, group: argparse._ArgumentGroup) -> None:
        """What is written, and what is cleaned up."""
        options.add_prediction_options(group)

    @classmethod
    def evaluation_options(cls, group: argparse._ArgumentGroup) -> None:
        """Names of label values, and the tolerance."""
        options.add_evaluation_options(group)

    @classmethod
    def configured(cls, args: argparse.Namespace) -> Self:
        """The task as options have it.

        Raises:
            Problem: names, ranges or label values are no such, or the network's file is not there.
        """
        from keras_mia.models.builder_names import check_file

        given = vars(args)
        labels, instances = given.get("labels"), given.get("instances")
        network = given.get("network")
        if network:
            check_file(network)
        return cls(
            names=label_options.label_names(labels),
            keep=label_options.label_values(given.get("classes")),
            ranges=label_options.label_ranges(
                labels, instances=instances, classes=given.get("classes")
            ),
            are_classes=instances == label_options.CLASSES,
            label_column=given.get("label_column"),
            region_column=given.get("region_column"),
            network=network,
            overrides=patch_overrides(given),
            probabilities=given.get("probabilities", False),
            dicom_seg=given.get("form") is not None,
            largest=given.get("largest", False),
            fill_holes=given.get("fill_holes", False),
            tolerance_mm=given.get("tolerance", 1.0),
        )

    @property
    def reading(self) -> Mapping[str, Any]:
        """The columns of label maps and regions."""
        return {"label_column": self.label_column, "region_column": self.region_column}

    def examine(self, cases: "Cases", *, test_only: bool = False) -> "Cases":
        """Reads images and label maps once."""
        from dataclasses import replace

        from keras_mia.data.fingerprint.survey import survey

        some = cases.test if test_only else None
        return survey(replace(cases, ranges=self.ranges), some, thumbnails=not test_only)

    def split(self, cases: "Cases", fold: tuple[int, int]) -> "Cases":
        """Who trains and who is held out; folds are balanced by what the label maps hold."""
        from keras_mia.tasks.segmentation.cases import split_cases

        return split_cases(self, cases, fold)

    def plan(
        self, cases: "Cases", *, minutes: float = 10.0, replicas: int = 1
    ) -> "SegmentationPlan":
        """Proposes the plan."""
        from keras_mia.tasks.segmentation.planning import plan

        return plan(
            cases,
            minutes=minutes,
            replicas=replicas,
            names=self.names,
            keep=self.keep,
            overrides=self.overrides,
        )

    @classmethod
    def read_plan(cls, folder: Path) -> "SegmentationPlan":
        """The plan of a run."""
        from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan

        return SegmentationPlan.read(folder / "plan.json")

    def plan_notes(self, plan: "SegmentationPlan", cases: "Cases") -> Sequence[str]:
        """The classes."""
        return [plan.classes.describe()]

    def build(self, plan: "SegmentationPlan") -> "keras.Model":
        """The U-Net of the plan, or one's own network, with random weights, compiled."""
        from keras_mia.tasks.segmentation.network import build

        return build(plan, **self.network_options(plan))

    def batches(self, prepared: Prepared, plan: "SegmentationPlan", *, seed: int = 0) -> Callable:
        """Patches of images and label maps, changed at random."""
        from keras_mia.tasks.patches.training_stream import batches

        return batches(prepared.train, plan, seed=seed)

    def validate(self, prepared: Prepared, plan: "SegmentationPlan") -> "Validation":
        """The mean Dice over whole cases."""
        from keras_mia.tasks.segmentation.validation import validate

        return validate(prepared.validation, plan)

    def evaluate(
        self,
        model: "keras.Model",
        cases: "Cases",
        prepared: Prepared,
        plan: "SegmentationPlan",
        run: Path,
    ) -> Evaluation:
        """Writes a label map of each test case into `predictions`, and scores it."""
        from keras_mia.tasks.segmentation.evaluation.run_evaluation import evaluate_run

        return evaluate_run(model, cases, plan, run)

    def sections(self, folder: Path, pictures: "Sequence[CasePicture]" = ()) -> "Content":
        """Scores of each class and case."""
        from keras_mia.tasks.segmentation.sections import report_content

        return report_content(folder, pictures)

    def pool(self, folders: Sequence[Path]) -> Evaluation:
        """The scores of folds together."""
        from keras_mia.tasks.segmentation.evaluation.evaluator import Evaluator

        pooled = Evaluator.pooled(folders)
        return Evaluation(pooled.rows, pooled.metrics(), pooled.describe())

    def predictor(
        self, models: "Sequence[keras.Model]", folders: Sequence[Path], *, mirror: bool = True
    ) -> "Callable[[Image, object], Any]":
        """The mean of what networks predict of each voxel."""
        from keras_mia.tasks.segmentation.predictor import Predictor

        predict = Predictor(
            models,
            [self.read_plan(folder) for folder in folders],
            mirror=mirror,
            largest=self.largest,
            fill=self.fill_holes,
        )
        return lambda image, where: predict(image, probabilities=self.probabilities, where=where)

    def file_names(self, case: "Case", plan: "SegmentationPlan") -> Sequence[str]:
        """Of the label map, and of what else the user wants."""
        from keras_mia.tasks.segmentation.prediction_files import file_names

        return file_names(
            case, plan.image_rank, probabilities=self.probabilities, dicom_seg=self.dicom_seg
        )

    def check_images(self, cases: "Sequence[Case]", plan: "SegmentationPlan") -> None:
        """Sees to it that DICOM Segmentations can be written, where they are wanted."""
        from keras_mia.tasks.segmentation.prediction_files import check_dicom_seg

        if self.dicom_seg:
            check_dicom_seg(cases)

    def write(
        self, prediction: Any, folder: Path, case: "Case", image: "Image", plan: "SegmentationPlan"
    ) -> Mapping[str, Any]:
        """Writes the label map, and what else the user wants."""
        from keras_mia.tasks.segmentation.predictor import save

        save(
            prediction,
            folder,
            case,
            image,
            plan,
            probabilities=self.probabilities,
            dicom_seg=self.dicom_seg,
        )
        return {}

    def evaluate_files(self, folders: Sequence[Path], files: TruthFiles) -> Evaluation:
        """Scores label maps by the truth, with the classes of a run or those of the truth."""
        from keras_mia.tasks.segmentation.evaluation.file_evaluation import evaluate_files

        return evaluate_files(self, folders, files)

    def compare(self, run: Path, against: Path) -> Sequence[Mapping[str, Any]]:
        """Compares the scores of each structure."""
        from keras_mia.tasks.segmentation.evaluation.comparison import compare

        return compare(run, against)

    def check(self, cases: "Cases") -> "Diagnosis":
        """Looks at images and label maps."""
        from dataclasses import replace

        from keras_mia.doctor.diagnosis import diagnose

        return diagnose(
            replace(cases, ranges=self.ranges),
            names=self.names,
            keep=self.keep,
            are_classes=self.are_classes,
        )
