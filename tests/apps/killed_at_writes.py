"""Starts an app again and again; each start is killed at the first write at which none was before.

    python killed_at_writes.py MOMENTS LOG FOLDER APP OPTION ...

TensorFlow and the package are imported once, and each start is a fork, which takes a moment. A
start is killed when a write begins, and when half of it is done: MOMENTS are `begin,written`, or
`none`; when it is over is when the next begins. An option `--resume` is added once the folder holds
a run. A line a kill is printed: the file and the moment.
"""

import importlib
import os
import pkgutil
import signal
import sys
import threading
import traceback
from pathlib import Path

import keras  # noqa: F401
import tensorflow as tf

import keras_mia
from keras_mia.cli.main import main
from keras_mia.core.files import atomic
from keras_mia.training.runs.folder import is_run

LONGEST = 300


def place(folder: Path, path: Path) -> str:
    """The file, and the line of the package that has it written."""
    frames = [frame for frame in traceback.extract_stack() if "keras_mia" in frame.filename]
    passing_on = ("core/files/*", "run.py", "app.py")
    frame = [f for f in frames if not any(map(Path(f.filename).match, passing_on))][-1]
    return f"{os.path.relpath(path, folder)} by {Path(frame.filename).name}:{frame.lineno}"


def start(folder, words, moments, log, seen, pipe) -> None:
    """In a fork: runs the app until it is killed."""

    alone = threading.Lock()  # cases are prepared by several threads

    def watch(event: str, path: Path, beside: Path) -> None:
        where = f"{place(folder, path)} {event}"
        if event in moments and where not in seen:
            alone.acquire()
            if event == "written":
                os.truncate(beside, beside.stat().st_size // 2)
            os.write(pipe, where.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    os.dup2(log, 1)
    os.dup2(log, 2)
    tf.config.run_functions_eagerly(True)  # tracing would take most of the time
    tf.data.experimental.enable_debug_mode()
    atomic.watchers.append(watch)
    sys.argv = ["keras-mia", *words, *(["--resume"] if is_run(folder) else [])]
    code = 0
    try:
        tf.autograph.experimental.do_not_convert(main)()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    os._exit(code)


def import_all() -> None:
    """The package and what it needs; without this each start would import it anew."""
    for module in pkgutil.walk_packages(keras_mia.__path__, "keras_mia."):
        importlib.import_module(module.name)


def drive(moments: list[str], log: int, folder: Path, words: list[str]) -> int:
    """Starts until one ends by itself; its exit code."""
    import_all()
    seen: set[str] = set()
    for _ in range(LONGEST):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            start(folder, words, moments, log, seen, writing)
        os.close(writing)
        where = os.read(reading, 10_000).decode()
        os.close(reading)
        status = os.waitpid(child, 0)[1]
        if not where:
            return os.waitstatus_to_exitcode(status)
        seen.add(where)
        print(where, flush=True)
    return 3


if __name__ == "__main__":
    handle = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sys.exit(drive(sys.argv[1].split(","), handle, Path(sys.argv[3]), sys.argv[4:]))
