"""What a run follows from: the command, the data, the versions of packages."""

import contextlib
import hashlib
import platform
import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from keras_mia.data.cases import Cases
from keras_mia.data.image_sources import source_of
from keras_mia.data.walking import walk

PACKAGES = ("keras_mia", "tensorflow", "keras", "numpy", "scipy", "nibabel")


def versions() -> dict[str, str]:
    """Of Python and of the packages that figures depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def data_fingerprint(cases: Cases) -> str:
    """A hash of the files' beginnings (1 MiB) and sizes, and of answers, in the order of the
    cases."""
    digest = hashlib.sha256()
    seen = set()
    for case in sorted(cases, key=lambda case: case.name):
        if isinstance(case.target, str):
            digest.update(f"{case.name}={case.target};".encode())
        for path in case.files:
            source = source_of(path)
            if source in seen:
                continue
            seen |= {source} - {path}
            files = walk(source) if source.is_dir() else [source]
            for file in files:
                with file.open("rb") as opened:
                    digest.update(f"{file.name}:{file.stat().st_size}:".encode())
                    digest.update(opened.read(2**20))
    return digest.hexdigest()[:16]


def command_line() -> str:
    """The command that was given, as it can be pasted."""
    # An app's file and `keras-mia NAME` are the same; the latter holds in every folder.
    program = Path(sys.argv[0])
    name = ["keras-mia", program.stem] if program.parent.name == "apps" else [program.name]
    return shlex.join([*name, *sys.argv[1:]])
