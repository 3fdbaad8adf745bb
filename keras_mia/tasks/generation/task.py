"""Generation as a task: images that are like those of training, from noise."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from keras_mia.core.problem import Problem
from keras_mia.tasks.generation import options
from keras_mia.tasks.target_names import target_names
from keras_mia.tasks.task import Task
from keras_mia.tasks.values import Evaluation, NetworkSize, Prepared, Samples

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Cases
    from keras_mia.report.pictures.case_picture import CasePicture
    from keras_mia.report.sections import Content
    from keras_mia.tasks.generation.evaluation.evaluator import Evaluator
    from keras_mia.tasks.generation.generation_plan import GenerationPlan
    from keras_mia.tasks.generation.prepared import PreparedImages
    from keras_mia.training import Validation
    from keras_mia.training.runs.run import Run


@dataclass(frozen=True, kw_only=True)
class Generation(Task["GenerationPlan"]):
    """Images from noise, by two networks against each other.

    Args:
        column: of a table, that holds classes; None: `label`, if it is there.
        names: text of a class -> name to show.
        evaluator: a run whose network judges samples; None: one is trained.
        limit: how many images to train on; None: all.
        overrides: fields of the plan that the user sets.
    """

    name: ClassVar[str] = "generation"
    targets: ClassVar[tuple[str, ...]] = ("multiclass",)

    column: str | None = None
    names: Mapping[str, str] | None = None
    evaluator: Path | None = None
    limit: int | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)

    # The options, and what they mean.

    @classmethod
    def data_options(cls, group: argparse._ArgumentGroup) -> None:
        """The column of classes, and their names."""
        options.add_data_options(group)

    @classmethod
    def plan_options(cls, parser: argparse.ArgumentParser) -> None:
        """The networks and the game."""
        options.add_plan_options(parser)

    @classmethod
    def configured(cls, args: argparse.Namespace) -> Self:
        """The task as options have it.

        Raises:
            Problem: there is no such network, or the judge is no run.
        """
        from keras_mia.models.builder_names import check_builder

        given = vars(args)
        fields = options.overrides(given)
        if fields["network"]:
            check_builder(fields["network"], cls.name)
        evaluator = given.get("evaluator")
        if evaluator is not None:
            cls._check_evaluator(evaluator)
        return cls(
            column=given.get("label_column"),
            names=target_names(given.get("labels")),
            evaluator=evaluator,
            limit=given.get("limit"),
            overrides=fields,
        )

    @staticmethod
    def _check_evaluator(evaluator: Path) -> None:
        from keras_mia.tasks.generation.evaluation.evaluator_files import check_evaluator

        check_evaluator(evaluator)

    @property
    def reading(self) -> Mapping[str, Any]:
        """The column of classes; images without any will do."""
        return {"label_column": self.column, "targets_required": False}

    @property
    def files(self) -> Sequence[Path]:
        """The run that judges."""
        return [self.evaluator] if self.evaluator else []

    # From cases to a trained network.

    def examine(self, cases: "Cases", *, test_only: bool = False) -> "Cases":
        """Reads each image once."""
        from keras_mia.data.fingerprint.survey import survey

        return cases if test_only else survey(cases)

    def split(self, cases: "Cases", fold: tuple[int, int]) -> "Cases":
        """Who trains and who is held out."""
        from keras_mia.tasks.generation.planning import split_cases

        return split_cases(
            cases, fold, columns=self.column or (), names=self.names, limit=self.limit
        )

    def plan(self, cases: "Cases", *, minutes: float = 10.0, replicas: int = 1) -> "GenerationPlan":
        """Proposes the plan."""
        from keras_mia.tasks.generation.planning import plan

        return plan(
            cases,
            columns=self.column or (),
            names=self.names,
            minutes=minutes,
            replicas=replicas,
            overrides=self.overrides,
        )

    @classmethod
    def read_plan(cls, folder: Path) -> "GenerationPlan":
        """The plan of a run."""
        from keras_mia.tasks.generation.generation_plan import GenerationPlan

        return GenerationPlan.read(folder / "plan.json")

    def plan_notes(self, plan: "GenerationPlan", cases: "Cases") -> Sequence[str]:
        """What is made, what classes are for, and to which size images are brought."""
        from keras_mia.planning.images import size_note
        from keras_mia.tasks.generation.planning import labelled

        size = plan.value_text("size")
        kind = "of the class that is asked for" if plan.conditional else "of no class in particular"
        game = plan.loss.replace("_", " ")
        made = "Numbers" if plan.is_number else f"Images of {size}"
        notes = [f"{made} are made by {plan.network}, {kind}; the game is {game}."]
        if plan.target is not None and not plan.conditional:
            notes.append(f"{plan.target.describe()}; only samples are judged by them.")
        if plan.target is None and labelled(cases):
            notes.append("The labels of these images are no classes, and are not used.")
        return [*notes, *size_note(plan, cases)]

    def build(self, plan: "GenerationPlan") -> "keras.Model":
        """Both networks with random weights, compiled."""
        from keras_mia.tasks.generation.network import build

        return build(plan)

    def network_size(self, plan: "GenerationPlan") -> NetworkSize:
        """By the builder and its options; an average is a third network."""
        return NetworkSize(plan.network, "--option sets its size", copies=2)

    def check_diagnosable(self, model: "keras.Model") -> None:
        """Either objective of the generator can be looked at."""

    def prepare(self, cases: "Cases", plan: "GenerationPlan", cache: Path) -> "PreparedImages":
        """The images of each part in one array, and the judge of samples."""
        from keras_mia.tasks.generation.prepared import prepare

        given = (lambda: self._given_evaluator(plan)) if self.evaluator else None
        return prepare(cases, plan, cache, given)

    def _given_evaluator(self, plan: "GenerationPlan") -> "Evaluator":
        from keras_mia.tasks.generation.evaluation.run_evaluator import evaluator_of_run

        assert self.evaluator is not None
        return evaluator_of_run(self.evaluator, plan)

    @property
    def peak_rate(self) -> None:
        """As the plan has them, one a player."""
        return

    def batches(self, prepared: Prepared, plan: "GenerationPlan", *, seed: int = 0) -> Callable:
        """Images, with classes where networks take them."""
        from keras_mia.tasks.generation.training_stream import batches

        return batches(prepared.train, plan, seed=seed)

    def validate(self, prepared: Prepared, plan: "GenerationPlan") -> "Validation":
        """The distance of samples to validation images."""
        from keras_mia.tasks.generation.prepared import evaluator_of
        from keras_mia.tasks.generation.validation import validate

        return validate(prepared.validation, plan, evaluator_of(prepared))

    def evaluation_time(self, cases: "Cases", prepared: Prepared, plan: "GenerationPlan") -> float:
        """By how many more samples are judged than in a validation."""
        from keras_mia.tasks.generation.evaluation.run_evaluation import evaluation_time

        return evaluation_time(prepared, plan)

    def callbacks(
        self,
        run: "Run",
        model: "keras.Model",
        prepared: Prepared,
        plan: "GenerationPlan",
        batches: Callable,
        *,
        diagnose: bool = False,
    ) -> "Sequence[keras.callbacks.Callback]":
        """A picture an epoch, a look at whether both players live, and at both objectives."""
        from keras_mia.tasks.generation.callbacks.table import callbacks

        return callbacks(run, model, prepared, plan, batches, diagnose=diagnose)

    # What becomes of a trained network.

    def evaluate(
        self,
        model: "keras.Model",
        cases: "Cases",
        prepared: Prepared,
        plan: "GenerationPlan",
        run: Path,
    ) -> Evaluation:
        """Judges samples beside the test images."""
        from keras_mia.tasks.generation.evaluation.run_evaluation import evaluate_run
        from keras_mia.tasks.generation.prepared import evaluator_of

        return evaluate_run(model, cases, prepared, plan, evaluator_of(prepared), run)

    def sections(self, folder: Path, pictures: "Sequence[CasePicture]" = ()) -> "Content":
        """Samples, how they came to be, and scores."""
        from keras_mia.tasks.generation.sections import report_content

        return report_content(folder)

    def pool(self, folders: Sequence[Path]) -> Evaluation:
        """Nothing: samples of several generators are not one set."""
        raise Problem(
            "Samples of several generators are not judged together.",
            ", ".join(map(str, folders)),
            "Train once, without --folds.",
        )

    def sampled_classes(self, plan: "GenerationPlan") -> Sequence[str]:
        """Those of the plan, where the network takes them."""
        return plan.class_names if plan.conditional else ()

    def sample(
        self,
        model: "keras.Model",
        plan: "GenerationPlan",
        count: int,
        *,
        seed: int,
        first: int = 0,
        class_name: str | None = None,
    ) -> Samples:
        """Samples in the values of the training images."""
        from keras_mia.tasks.generation.sampling import sample

        return sample(model, plan, count, seed=seed, first=first, class_name=class_name)
