"""What a run that goes on has behind it."""

from collections.abc import Mapping, Sequence

from keras_mia.data.datasets.tables.run_tables import read_run_table
from keras_mia.models.generation.adversarial import Adversarial
from keras_mia.report.formatting import value
from keras_mia.training.runs.run import Run


def epochs_behind(run: Run, model: Adversarial) -> Sequence[Mapping[str, float]]:
    """The rows of history.csv up to the step that a model is at; none of a run that begins. An
    empty cell is NaN.

    The table is written before the checkpoint: it may be an epoch ahead of it.

    Args:
        run: that trains.
        model: as the run goes on with it.
    """
    path = run.folder / "history.csv"
    if not run.resumed or not path.exists():
        return []
    rows = [
        {name: value(text) for name, text in row.items()}
        for row in read_run_table(path, (), others_are_numbers=True)
    ]
    return [row for row in rows if row["step"] <= int(model.moves)]
