"""TensorFlow's start-up talk, kept from the user."""

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator

_user = [2]
"""The error stream that the user sees: the last one."""


def say(text: str) -> None:
    """Writes to the error stream, within `quiet` too.

    Args:
        text: with its line ends.
    """
    os.write(_user[-1], text.encode(errors="backslashreplace"))


def print_anything() -> None:
    """Names of files that are no text, or none in the terminal's encoding, can be printed."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Within it, what native libraries write to the error stream is dropped."""
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    _user.append(saved)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        _user.remove(saved)
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


def load_tensorflow(begin: Callable[[], object] = lambda: None) -> None:
    """Imports TensorFlow and Keras, and starts TensorFlow's runtime, without their talk.

    Args:
        begin: what has to be done after the import and before the start.

    Setting TF_CPP_MIN_LOG_LEVEL alone does not silence what is said before logging is set up.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("ABSL_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", module=r"keras\..*|tensorflow\..*")
    with quiet():
        import tensorflow as tf

        begin()
        tf.constant(0)
        import keras  # noqa: F401
    tf.get_logger().setLevel("ERROR")
