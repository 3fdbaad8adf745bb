"""What a run follows from: the command, the data, the versions of packages."""

import contextlib
import hashlib
import os
import platform
import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.io.file_walk import walk
from keras_mia.data.io.virtual_paths import source_of

PACKAGES = ("keras_mia", "tensorflow", "keras", "numpy", "scipy", "nibabel")


def versions() -> dict[str, str]:
    """Of Python and of the packages that figures depend on."""
    numbers = {"python": platform.python_version()}
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            numbers[name] = version(name)
    return numbers


def data_fingerprint(cases: Cases) -> str:
    """A hash of the files' content and sizes, and of targets, in the order of the cases.

    Raises:
        Problem: a file is gone, or cannot be read.
    """
    digest = hashlib.sha256()
    digested = set()
    for case in sorted(cases, key=lambda case: case.name):
        if case.target is not None and not case.target.files:
            digest.update(f"{case.name}={case.target};".encode(errors="surrogateescape"))
        for path in case.files:
            source = source_of(path)
            if source in digested:
                continue
            digested |= {source} - {path}
            files = walk(source) if source.is_dir() else [source]
            for file in files:
                _digest_file(file, digest)
    return digest.hexdigest()[:16]


def _digest_file(path: Path, digest) -> None:
    try:
        with path.open("rb") as opened:
            digest.update(os.fsencode(f"{path.name}:{path.stat().st_size}:"))
            while block := opened.read(2**20):
                digest.update(block)
    except OSError as error:
        raise Problem(
            f"A file of the data cannot be read: {error.strerror}.",
            path,
            "Put it back as it was, or begin a new run in another --output.",
        ) from error


def command_line() -> str:
    """The command that was given, as it can be pasted."""
    # An app's file and `keras-mia NAME` are the same; the latter holds in every folder.
    program = Path(sys.argv[0])
    name = ["keras-mia", program.stem] if program.parent.name == "apps" else [program.name]
    return shlex.join([*name, *sys.argv[1:]])
