"""What other runs made of the same test cases, for one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import Image
from keras_mia.tasks.finished_run import check_begun, check_finished
from keras_mia.tasks.run_predictions import predictions_of
from keras_mia.tasks.translation.prediction_files import read_prediction
from keras_mia.tasks.translation.translation_plan import OF_EACH, TranslationPlan

ALIKE = ("target_channels", "target_normalization", "masked", "degradation", "degradation_options")
"""Fields of plans by which scores have one meaning."""
OPTION, KIND = "--beside", "translator"
RUN = "run "
"""What names of other runs begin with, so that none is that of a baseline."""


@dataclass(frozen=True, eq=False)
class OtherRun:
    """A finished run.

    Args:
        name: of its folder, behind `RUN`.
        plan: of it.
        files: name of a test case -> what was made of it.
    """

    name: str
    plan: TranslationPlan
    files: Mapping[str, Path]

    def made(self, case: Case, truth: Image) -> np.ndarray:
        """What it made of a case, `(*space, channels)` in the values that are scored.

        Args:
            case: a test case.
            truth: its true image.

        Raises:
            Problem: the file cannot be read, or has another grid.
        """
        array = read_prediction(self.files[case.name], truth, self.plan.target_channels)
        scale = self.plan.typical_scale if self.plan.target_normalization in OF_EACH else None
        return array if scale is None else scale.apply(array)


def finished_runs(
    folders: Sequence[Path], cases: Sequence[Case], plan: TranslationPlan
) -> list[OtherRun]:
    """Finished runs that were tested on the same cases.

    Args:
        folders: of the runs.
        cases: the test cases.
        plan: of this run.

    Raises:
        Problem: a run is not finished, has another kind of targets, did not hold out all of these
            cases, or bears the name of another one.
    """
    runs: list[OtherRun] = []
    for folder in folders:
        check_begun(folder, OPTION, KIND, "Name a finished run of translate")
        check_finished(folder, OPTION, KIND)
        other = TranslationPlan.read(folder / "plan.json")
        unlike = [name for name in ALIKE if getattr(other, name) != getattr(plan, name)]
        if plan.kinds or other.kinds or unlike:
            why = "one has no true images" if not unlike else f"they differ in {listing(unlike)}"
            raise Problem(
                f"The runs have no table of scores in common: {why}.",
                folder,
                "Name runs on pairs, of one kind of targets.",
            )
        held_out = {case.name: (case, path) for case, path in predictions_of(folder)}
        missing = [
            case.name
            for case in cases
            if case.name not in held_out or held_out[case.name][0].files != case.files
        ]
        if missing:
            raise Problem(
                f"The run did not hold out all test cases: {listing(missing, 5)}.",
                folder,
                "Name runs with the same --data and --fold.",
            )
        name = f"{RUN}{folder.resolve().name}"
        if ": " in name:
            raise Problem(
                "A colon parts names of runs and of scores in scores.csv.",
                folder,
                "Rename the folder.",
            )
        if name in {one.name for one in runs}:
            raise Problem(f"Two runs are called {name}.", folder, "Rename one of the folders.")
        files = {case.name: held_out[case.name][1] for case in cases}
        runs.append(OtherRun(name, other, files))
    return runs
