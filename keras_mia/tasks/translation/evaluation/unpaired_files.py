"""Images evaluated that have no true ones, from their files: of runs, or of the folds of one."""

from collections.abc import Sequence
from pathlib import Path

from keras_mia.core.progress import progress
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.tasks.run_predictions import PREDICTIONS, files_of
from keras_mia.tasks.translation.evaluation.score_space import check_one_unit
from keras_mia.tasks.translation.evaluation.unpaired_evaluator import UnpairedEvaluator
from keras_mia.tasks.translation.prediction_files import read_prediction
from keras_mia.tasks.translation.translation_plan import TranslationPlan
from keras_mia.tasks.values import Evaluation


def evaluate_unpaired_files(
    plans: Sequence[TranslationPlan], folders: Sequence[Path], prediction: Path | None = None
) -> Evaluation:
    """Holds images that were written against real test cases of their kind.

    Args:
        plans: of the runs, whose first one says how all are scored.
        folders: of the runs, whose test cases are taken together.
        prediction: folder of the images; None: those of each run.

    Raises:
        Problem: a test case was not predicted, a prediction has another grid than its source, or
            runs have no common unit.
    """
    check_one_unit(plans, folders)
    tests = [read_case_list(folder / "cases.csv").test for folder in folders]
    plan = plans[0]
    real = [case for cases in tests for case in plan.of_kind(cases, 1)]
    evaluator = UnpairedEvaluator(real, plan)
    written = [
        (*pair, of_run)
        for of_run, folder, cases in zip(plans, folders, tests, strict=True)
        for pair in files_of(of_run.of_kind(cases, 0), prediction or folder / PREDICTIONS)
    ]
    for case, path, of_run in progress(written, "evaluating"):
        source = of_run.source(case)
        made = read_prediction(path, source, of_run.target_channels)
        evaluator.add(case, source, made, of_run)
    metrics = evaluator.metrics()
    return Evaluation(evaluator.rows, metrics, evaluator.describe(metrics))
