"""A stop from outside ends a process soon, tidily, and with a last message."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator

from keras_mia.core.files.lock import release_all
from keras_mia.core.files.temporary import remove_temporary
from keras_mia.core.quiet import say

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM), as a stop by hand asks it."""


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Within it, SIGTERM is a `Terminated` where the program stands.

    Raises:
        Terminated: SIGTERM came.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_):
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def end_at_once(last_message: Callable[[], str]) -> None:
    """From now on a thread waits for SIGTERM and Ctrl-C, and ends the process with a last message.

    While machines wait for each other, Python does not get to its own handlers, and TensorFlow has
    one of its own for SIGTERM, which only takes note of it. To be called before other threads
    begin: they have to leave the signals to this one.

    Args:
        last_message: gives the text that is printed.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)

    def wait() -> None:
        received = signal.sigwait(SIGNALS)
        say(f"\n{last_message()}\n")
        release_all()
        remove_temporary()
        os._exit(128 + received)

    threading.Thread(target=wait, daemon=True).start()
