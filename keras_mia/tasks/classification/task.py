"""Classification and its kin as a task: one target for a whole image."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from keras_mia.core.problem import Problem
from keras_mia.data.targets.kinds import KINDS
from keras_mia.tasks.classification import options
from keras_mia.tasks.classification.synthetic import options as synthetic_options
from keras_mia.tasks.target_names import target_names
from keras_mia.tasks.task import Task
from keras_mia.tasks.values import Evaluation, NetworkSize, Prepared, TruthFiles

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Case, Cases
    from keras_mia.data.image import Image
    from keras_mia.doctor.diagnosis import Diagnosis
    from keras_mia.report.pictures.case_picture import CasePicture
    from keras_mia.report.sections import Content
    from keras_mia.tasks.classification.classification_plan import ClassificationPlan
    from keras_mia.tasks.classification.synthetic.choice import SyntheticChoice
    from keras_mia.training import Validation

SIZE_STEP = 8
"""Sizes that are proposed where memory is too small are multiples of it."""


@dataclass(frozen=True, kw_only=True)
class Classification(Task["ClassificationPlan"]):
    """One target for a whole image: a class, several findings, a number, a box, or several of them.

    Args:
        kinds: of target, one, or one a column; none: as the targets look.
        columns: of a table, where each image has several targets.
        loss_weights: how much the loss of each of several targets counts; none: alike.
        names: text of a target -> name to show.
        positive: name of the positive one of two classes; None: the second by name.
        tree: a file of fine and coarse classes; None: what is learnt is predicted.
        limit: how many cases to train on; None: all.
        synthetic: samples that are trained on, too; None: there are none.
        overrides: fields of `"ClassificationPlan"` that the user sets.
    """

    name: ClassVar[str] = "classification"
    targets: ClassVar[tuple[str, ...]] = tuple(KINDS)
    table: ClassVar[str | None] = "predictions.csv"
    minutes: ClassVar[float] = 6.0

    kinds: Sequence[str] = ()
    columns: str | Sequence[str] = ()
    loss_weights: Sequence[float] = ()
    names: Mapping[str, str] | None = None
    positive: str | None = None
    tree: Path | None = None
    limit: int | None = None
    synthetic: "SyntheticChoice | None" = None
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def data_options(cls, group: argparse._ArgumentGroup) -> None:
        """The column of the targets, their names, their kind."""
        options.add_data_options(group)

    @classmethod
    def plan_options(cls, parser: argparse.ArgumentParser) -> None:
        """What is learnt of the targets, and the plan."""
        options.add_target_options(parser)
        options.add_plan_options(parser)
        synthetic_options.add_synthetic_options(parser)

    @classmethod
    def configured(cls, args: argparse.Namespace) -> Self:
        """The task as options have it.

        Raises:
            Problem: names, weights or options are no such, or a file is not there.
        """
        given = vars(args)
        tree = given.get("tree")
        if tree and not Path(tree).is_file():
            raise Problem("There is no such file of classes.", tree, "Check the path.")
        return cls(
            kinds=given.get("kind") or (),
            columns=given.get("label_column") or (),
            loss_weights=given.get("loss_weights") or (),
            names=target_names(given.get("labels")),
            positive=given.get("positive"),
            tree=tree,
            limit=given.get("limit"),
            synthetic=synthetic_options.synthetic_choice(given),
            overrides=cls.checked(options.overrides(given)),
        )

    @classmethod
    def checked(cls, overrides: dict[str, Any]) -> dict[str, Any]:
        """The fields of the plan that the user sets, after a look at the network's name."""
        from keras_mia.models.builder_names import check_builder

        if overrides.get("network"):
            check_builder(overrides["network"], cls.name)
        return overrides

    @property
    def reading(self) -> Mapping[str, Any]:
        """The columns of targets; where the user says their kind, folders are classes."""
        return {
            "label_column": self.columns or None,
            "folders_are_classes": bool(self.kinds),
        }

    @property
    def files(self) -> Sequence[Path]:
        """The table of coarse classes, and the run of the generator."""
        generator = self.synthetic and self.synthetic.run.folder
        return [path for path in (self.tree, generator) if path]

    def examine(self, cases: "Cases", *, test_only: bool = False) -> "Cases":
        """Reads each image once; to evaluate nothing needs to be known of it."""
        from keras_mia.data.fingerprint.survey import survey

        return cases if test_only else survey(cases)

    def split(self, cases: "Cases", fold: tuple[int, int]) -> "Cases":
        """Who trains and who is held out; folds are balanced by the targets.

        Raises:
            Problem: there are too few patients, a target cannot be learnt or predicted, or a
                generator knows held-out images.
        """
        from keras_mia.tasks.classification.planning import split_cases

        made = split_cases(self, cases, fold)
        return self.synthetic.noted(made) if self.synthetic else made

    def plan(
        self, cases: "Cases", *, minutes: float = 10.0, replicas: int = 1
    ) -> "ClassificationPlan":
        """Proposes the plan."""
        from keras_mia.tasks.classification.planning import check_targets, plan

        target, tree = self.learnt(cases)
        check_targets(cases, target)
        made = plan(
            cases,
            target,
            tree=tree,
            synthetic=self.synthetic.planned(cases, target) if self.synthetic else None,
            minutes=minutes,
            replicas=replicas,
            overrides=self.overrides,
        )
        if self.synthetic:
            self.synthetic.run.check_images(made)
        return made

    def learnt(self, cases: "Cases"):
        """What is learnt of each image, by the training cases, and the tree of coarse classes."""
        from keras_mia.tasks.classification.planning import target_of

        return target_of(
            cases,
            kinds=self.kinds,
            columns=self.columns,
            loss_weights=self.loss_weights,
            names=self.names,
            positive=self.positive,
            tree=self.tree,
        )

    @classmethod
    def read_plan(cls, folder: Path) -> "ClassificationPlan":
        """The plan of a run."""
        from keras_mia.tasks.classification.classification_plan import ClassificationPlan

        return ClassificationPlan.read(folder / "plan.json")

    def plan_notes(self, plan: "ClassificationPlan", cases: "Cases") -> Sequence[str]:
        """What is learnt, and to which size images are brought."""
        from keras_mia.planning.images import size_note

        notes = [plan.target.describe()]
        if plan.tree:
            notes.append(
                f"Predicted are {len(plan.predicted)} coarse classes: {plan.tree.describe()}"
            )
        return [*notes, *size_note(plan, cases)]

    def build(self, plan: "ClassificationPlan") -> "keras.Model":
        """The plan's network with random weights, compiled."""
        from keras_mia.tasks.classification.networks.scratch import build
        from keras_mia.tasks.model_checks import check_custom_network

        model = build(plan)
        if ":" in plan.network:
            check_custom_network(model, plan, plan.network)
        return model

    def network_size(self, plan: "ClassificationPlan") -> NetworkSize:
        """By the builder and its options."""
        return NetworkSize(plan.network, "--option sets its size")

    def check_memory(
        self, model: "keras.Model", plan: "ClassificationPlan", cases: "Cases", *, replicas: int = 1
    ) -> None:
        """Refuses to begin a training that the memory of this machine will not hold."""
        from keras_mia.core.hardware import gpus
        from keras_mia.training import memory

        if gpus():
            return
        space = plan.network_view.shape[:-1]
        share, steps = plan.batch_size // replicas, (SIZE_STEP,) * len(space)
        memory.check_training(model, share, space, steps, "size")

    def prepare(self, cases: "Cases", plan: "ClassificationPlan", cache: Path) -> Prepared:
        """The images of each part in one array; samples are among those of training."""
        from keras_mia.data.preprocess.image_cache import cache_images

        parts = (cases.train, cases.validation, cases.test)
        train, validation, test = (cache_images(part, plan, cache) for part in parts)
        if plan.synthetic:
            from keras_mia.tasks.classification.synthetic.samples import with_samples

            train = with_samples(train, plan, self.synthetic, cache)
        return Prepared(train, validation, test)

    def initialize(
        self, model: "keras.Model", prepared: Prepared, plan: "ClassificationPlan"
    ) -> str:
        """As the kind of target has it: a network for boxes begins at the mean box."""
        from keras_mia.tasks.kinds.table import kind_of

        kind_of(plan).initialize(model, prepared.train.targets)
        return ""

    @property
    def peak_rate(self) -> float:
        """Of a network with random weights."""
        from keras_mia.tasks.classification.networks.scratch import PEAK_RATE

        return PEAK_RATE

    def batches(self, prepared: Prepared, plan: "ClassificationPlan", *, seed: int = 0) -> Callable:
        """Images and targets, changed at random."""
        from keras_mia.tasks.classification.training_stream import batches

        return batches(prepared.train, plan, seed=seed)

    def validate(self, prepared: Prepared, plan: "ClassificationPlan") -> "Validation":
        """The scores that the kind of target is chosen by."""
        from keras_mia.tasks.classification.predictor import validate

        return validate(prepared.validation, plan)

    def evaluation_time(
        self, cases: "Cases", prepared: Prepared, plan: "ClassificationPlan"
    ) -> float:
        """Validation cases are predicted once more, to calibrate by, in every view."""
        from keras_mia.tasks.classification.runs.duration import evaluation_time

        return evaluation_time(len(prepared.test), len(prepared.validation), plan)

    def evaluate(
        self,
        model: "keras.Model",
        cases: "Cases",
        prepared: Prepared,
        plan: "ClassificationPlan",
        run: Path,
    ) -> Evaluation:
        """Calibrates on the validation cases, writes the calibration, and scores the test cases."""
        from keras_mia.tasks.classification.runs.evaluation import evaluate_run

        return evaluate_run(model, cases, prepared, plan, run)

    def sections(self, folder: Path, pictures: "Sequence[CasePicture]" = ()) -> "Content":
        """Scores, figures and predictions of the kind of target."""
        from keras_mia.tasks.classification.sections import report_content

        return report_content(folder, pictures)

    def pool(self, folders: Sequence[Path]) -> Evaluation:
        """The scores of folds together, each case as its own run calibrated it."""
        from keras_mia.tasks.classification.evaluation import describe
        from keras_mia.tasks.classification.runs.reevaluation import evaluate_runs

        rows, metrics = evaluate_runs(folders)
        return Evaluation(rows, metrics, describe(metrics, self.read_plan(folders[0])))

    def predictor(
        self, models: "Sequence[keras.Model]", folders: Sequence[Path], *, mirror: bool = True
    ) -> "Callable[[Image, object], Any]":
        """The mean of what networks predict, each by its own calibration."""
        from keras_mia.tasks.classification.predictor import Predictor
        from keras_mia.tasks.kinds.calibration import Calibration

        plans = [self.read_plan(folder) for folder in folders]
        calibrations = [Calibration.read(folder) for folder in folders]
        predict = Predictor(models, plans, calibrations, mirror=mirror)
        return lambda image, where: (predict(image, where), predict.calibration)

    def window(self, plan: "ClassificationPlan") -> Sequence[int]:
        """The whole of a prepared image."""
        return plan.size

    def write(
        self,
        prediction: Any,
        folder: Path,
        case: "Case",
        image: "Image",
        plan: "ClassificationPlan",
    ) -> Mapping[str, Any]:
        """Writes nothing; the row of a prediction."""
        from keras_mia.tasks.kinds.table import kind_of

        values, calibration = prediction
        (row,) = kind_of(plan).rows(values[None], calibration)
        return {"prediction": "", **row, **plan.target.voxels(values, image)}

    def evaluate_files(self, folders: Sequence[Path], files: TruthFiles) -> Evaluation:
        """Scores predictions of a run's test cases again, or a table of predictions by a data set.

        Raises:
            Problem: a run is not finished, one of prediction and truth is missing, or a case has
                none.
        """
        from keras_mia.tasks.classification.runs.reevaluation import evaluate_table

        if files.prediction or files.truth:
            return evaluate_table(folders, files)
        return self.pool(folders)

    def compare(self, run: Path, against: Path) -> Sequence[Mapping[str, Any]]:
        """Compares what two runs predict of the same cases."""
        from keras_mia.tasks.classification.runs.comparison import compare

        return compare(run, against)

    def check(self, cases: "Cases") -> "Diagnosis":
        """Looks at images and targets."""
        from keras_mia.doctor.diagnosis import diagnose

        return diagnose(cases, names=self.names, kinds=self.kinds, columns=self.columns)
