"""Names of builders, found out without TensorFlow."""

from pathlib import Path

from keras_mia import models
from keras_mia.core.problem import Problem

HELPERS = ("fold_batchnorm", "inflate", "multi_task", "pretrained", "without_auxiliary")
"""What `keras_mia.models` offers besides builders `(input_shape, classes, ...)`."""


def builder_names(room: str = "") -> list[str]:
    """The package's builders.

    Args:
        room: folder of the package that is meant; "": any.
    """
    homes = models.EXPORTS.items()
    return sorted(name for name, home in homes if home.startswith(room) and name not in HELPERS)


def check_builder(text: str, room: str = "") -> None:
    """Sees to it that a builder has this name, or that there is the file of `FILE.py:FUNCTION`.

    Raises:
        Problem: there is none.
    """
    if ":" in text:
        check_file(text)
    elif text not in builder_names(room):
        raise Problem(
            f"There is no network {text!r}.",
            "--network",
            f"Choose {', '.join(builder_names(room))}, or FILE.py:FUNCTION.",
        )


def check_file(text: str) -> None:
    """Sees to it that `FILE.py:FUNCTION` names a Python file.

    Raises:
        Problem: it does not.
    """
    file, _, name = text.rpartition(":")
    if not name or Path(file).suffix != ".py" or not Path(file).is_file():
        raise Problem("A network is named as FILE.py:FUNCTION.", text, "Check the file's path.")
