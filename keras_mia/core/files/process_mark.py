"""Who made a temporary file, by its name, and whether whoever that was is gone."""

import functools
import hashlib
import os
import platform
import re
import time
from pathlib import Path

NAME = re.compile(r"\.?keras-mia-(?P<machine>[0-9a-f]{10})-(?P<process>\d+)-.+", re.DOTALL)
OLD_SECONDS = 7 * 24 * 3600
"""Seconds after which what another machine left is taken to be left behind."""


def mark() -> str:
    """How the names of this process's temporary files and folders begin."""
    return f"keras-mia-{machine_mark()}-{os.getpid()}"


@functools.cache
def machine_mark() -> str:
    """Ten hex digits for this machine since it was started; those of a container are its own.

    Process numbers tell processes apart within it only.
    """
    parts = [platform.node()]
    for read in (
        lambda: Path("/proc/sys/kernel/random/boot_id").read_text(),
        lambda: os.readlink("/proc/self/ns/pid"),
    ):
        try:
            parts.append(read())
        except OSError:
            continue
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:10]


def runs(process: int) -> bool:
    """Whether a process of this machine is running.

    Args:
        process: its number.
    """
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OverflowError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def left_behind(path: Path) -> bool:
    """Whether a file or folder is a temporary one of a process that is gone.

    Args:
        path: whose name tells its machine and process; other names are nobody's to remove.
    """
    match = NAME.fullmatch(path.name)
    if not match:
        return False
    if match["machine"] == machine_mark():
        return not runs(int(match["process"]))
    try:
        return time.time() - path.lstat().st_mtime > OLD_SECONDS
    except OSError:
        return False
