"""What the verbs of a task hand on to one another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from keras_mia.report.pictures.case_picture import CasePicture


@dataclass(frozen=True)
class Prepared:
    """What a family's `prepare` makes of the cases, as its other verbs take it.

    Args:
        train: those to train on, for `batches`.
        validation: those that the best network is chosen by, for `validate`.
        test: those to evaluate; empty where they are read when they are evaluated.
    """

    train: Any
    validation: Any
    test: Any = ()


@dataclass(frozen=True)
class NetworkSize:
    """What the size of a network follows from, for whoever is told that memory does not hold it.

    Args:
        where: what it was made of, such as the name of a builder.
        remedy: which options make it smaller.
        copies: how often its weights are made at most while it is built.
    """

    where: object
    remedy: str
    copies: int = 1


@dataclass(frozen=True)
class Evaluation:
    """Scores of cases.

    Args:
        rows: of scores.csv, a row a case, or a case and class.
        metrics: what metrics.json holds.
        text: what an app prints of them.
        pictures: makes pictures of cases for the report, once scores are written.
    """

    rows: Sequence[Mapping[str, Any]]
    metrics: Mapping[str, Any]
    text: str
    pictures: "Callable[[], Sequence[CasePicture]]" = field(default=tuple, compare=False)


@dataclass(frozen=True)
class TruthFiles:
    """Predictions, their truth, and whose each case is.

    Args:
        prediction: a folder, or a table; None: those of the run.
        truth: a folder of label maps with the predictions' names, or a data set; None: that of the
            run's test cases.
        patient: a regular expression that finds the patient in a path; None: as in training.
        patient_column: of a table; None: `patient` or alike.
    """

    prediction: Path | None = None
    truth: Path | None = None
    patient: str | None = None
    patient_column: str | None = None


@dataclass(frozen=True, eq=False)
class Samples:
    """New images that a network made.

    Args:
        images: `(n, *space, channels)` float32, in the raw values of the training images.
        classes: the name of each one's class; none where the network does not tell them apart.
        spacing_mm: of the voxels, mm an axis; None: it is not known.
        value_range: the smallest and the largest raw value of the training images.
        bytes: whether the training images held bytes.
    """

    images: "np.ndarray"
    classes: tuple[str, ...] = ()
    spacing_mm: tuple[float, ...] | None = None
    value_range: tuple[float, float] = (0.0, 255.0)
    bytes: bool = False

    def stored(self) -> "np.ndarray":
        """The images with the type of values that files hold: bytes where the training images held
        bytes, else float32."""
        import numpy as np

        if not self.bytes:
            return np.asarray(self.images, np.float32)
        return np.clip(np.rint(self.images), 0, 255).astype(np.uint8)
