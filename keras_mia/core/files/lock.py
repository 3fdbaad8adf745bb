"""A folder belongs to one process at a time."""

import contextlib
import datetime
import fcntl
import json
import os
import platform
import tempfile
import threading
import time
from pathlib import Path

from keras_mia.core.files.process_mark import machine_mark
from keras_mia.core.problem import Problem

FILE = ".keras-mia-lock"
BEAT = 20
"""Seconds after which a holder touches its lock again."""
SILENCE = 180
"""Seconds without a touch after which a holder on another machine seems to be gone."""
WATCH = 1.5 * BEAT
"""Seconds for which it is then watched: clocks of machines differ."""

_held: dict[Path, "Lock"] = {}


class Lock:
    """Holds a folder until it is released, or its process ends.

    On one machine the system's own lock decides (`flock`, which ends with its process, however it
    ends). Among machines with a shared file system, which may not know such locks, a holder touches
    the file every few seconds, and counts as gone when it does not.

    Args:
        folder: made where it is missing, and removed again at the release if it is empty then; the
            file `.keras-mia-lock` in it says who holds it.
        part: of what is done there, where several processes share it: each part has its own lock.

    Attributes:
        stale: who held it and did not release it; None: nobody.

    Raises:
        Problem: another process holds it.
    """

    def __init__(self, folder: Path, part: str = ""):
        self.path = Path(folder).resolve() / f"{FILE}{part and '-'}{part}"
        if self.path in _held:
            _held[self.path].release()  # an earlier call of an app in this very process
        self._made = self._make(Path(folder))
        self._file = self._open(folder)
        holder = self._read()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            taken = False
        except BlockingIOError:
            taken = True
        except OSError:  # a file system without locks
            taken = False
        if not taken and holder and holder.get("machine") != machine_mark():
            taken = self._touched()
        if taken or self._replaced():
            os.close(self._file)
            raise Problem(
                f"Another process works in this folder: {_who(holder)}.",
                folder,
                "Wait for its end, or choose another --output.",
            )
        self.stale = _who(holder) if holder else None
        self._write()
        _held[self.path] = self
        self._ended = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def _make(self, folder: Path) -> list[Path]:
        """The folders that had to be made, the innermost first."""
        made = [one for one in (folder, *folder.parents) if not one.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Problem(
                f"Cannot write here: {error.strerror}.", folder, "Choose another --output."
            ) from error
        return made

    def _open(self, folder: Path) -> int:
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise Problem(
                f"Cannot write here: {error.strerror}.", folder, "Choose another --output."
            ) from error

    def _touched(self) -> bool:
        """Whether a holder on another machine seems to be there."""
        with tempfile.TemporaryFile(dir=self.path.parent) as file:
            now = os.fstat(file.fileno()).st_mtime  # by the clock that the lock was touched by
        touched = os.fstat(self._file).st_mtime_ns
        if abs(now - touched / 1e9) < SILENCE:
            return True
        print("  Another machine held the folder; whether it still does is being watched ...")
        end = time.monotonic() + WATCH
        while time.monotonic() < end:
            time.sleep(WATCH / 30)
            if self._replaced() or self.path.stat().st_mtime_ns != touched:
                return True
        return False

    def _replaced(self) -> bool:
        """Whether whoever held the folder removed the file after it was opened here."""
        try:
            return os.fstat(self._file).st_ino != self.path.stat().st_ino
        except FileNotFoundError:
            return True

    def _read(self) -> dict:
        try:
            holder = json.loads(os.pread(self._file, 2**12, 0) or b"{}")
        except ValueError:
            return {}
        return holder if isinstance(holder, dict) else {}

    def _write(self) -> None:
        text = json.dumps(
            {
                "machine": machine_mark(),
                "host": platform.node(),
                "process": os.getpid(),
                "since": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            }
        )
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)

    def _beat(self) -> None:
        while not self._ended.wait(BEAT):
            try:
                os.utime(self._file)
            except OSError:
                return

    def release(self) -> None:
        """Lets others have the folder; releasing twice is releasing once."""
        if _held.pop(self.path, None) is not self:
            return
        self._ended.set()
        self.path.unlink(missing_ok=True)
        os.close(self._file)
        with contextlib.suppress(OSError):
            for folder in self._made:
                folder.rmdir()


def release_all() -> None:
    """Releases what this process holds."""
    for lock in list(_held.values()):
        lock.release()


def _who(holder: dict) -> str:
    names = (("process", "process"), ("host", "on"), ("since", "since"))
    return ", ".join(f"{word} {holder[name]}" for name, word in names if holder.get(name)) or "?"
