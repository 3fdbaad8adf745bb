"""What several tests share is made once, though several processes of pytest-xdist run them."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process that asks for it fills, while the others wait.

    Args:
        factory: pytest's, whose folder is below one that all of its processes have.
        name: of the folder.
        make: fills the empty folder.
    """
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, done = root / name, root / f"{name}.done"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            assert not folder.exists(), f"{name} could not be made before"
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
