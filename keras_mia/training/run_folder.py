"""The folder of a run: whose it is, what of it the package wrote, and what may be removed."""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from keras_mia.core import files
from keras_mia.core.files import remove_unfinished, write_text
from keras_mia.core.lock import FILE as LOCK
from keras_mia.core.problem import Problem
from keras_mia.core.process_mark import NAME
from keras_mia.core.run_facts import FILE, FORMAT, PACKAGE

LIST = "files.txt"
ONLY_BEGUN = {FILE, LIST, LOCK, "args.txt", "cases.csv"}
"""What a run holds that ended before it had a plan."""
LOGS = "tensorboard"


def is_run(folder: Path) -> bool:
    """Whether a folder holds a run of this package, by what its run.json and list of files say;
    any other program's run.json is none."""
    try:
        facts = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (
        isinstance(facts, Mapping)
        and facts.get("package") == PACKAGE
        and facts.get("format") == FORMAT
        and (folder / LIST).is_file()
    )


def is_begun_only(folder: Path) -> bool:
    """Whether a run ended before it had a plan: replacing it loses nothing."""
    return is_run(folder) and _names(folder) <= ONLY_BEGUN


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not NAME.fullmatch(path.name)}


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Sees to it that a new run may use a folder; nothing is changed.

    Args:
        folder: may not exist.
        overwrite: whether an earlier run there is to be replaced.

    Raises:
        Problem: it is no folder, or holds other files, or a run that is not to be replaced.
    """
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise Problem("The output is not a folder.", folder, "Choose another --output.")
    if _names(folder) <= {LOCK, LIST} or is_begun_only(folder):
        return
    if not is_run(folder):
        raise Problem(
            "The output folder holds other files.", folder, "Choose an empty or new folder."
        )
    if not overwrite:
        raise Problem(
            "The output folder already holds a run.",
            folder,
            "Say --resume to go on with it, --overwrite to replace it, or choose another.",
        )


def remove_run(folder: Path) -> list[Path]:
    """Removes a run: the files that its list names, and the folders that are empty then; of the
    runs of its folds, too.

    Args:
        folder: of a run; it stays.

    Returns:
        What lies there still: files that no run wrote.
    """
    remove_unfinished(folder)
    for fold in sorted(folder.glob("fold_*")):
        if fold.is_dir() and not fold.is_symlink() and is_run(fold):
            remove_run(fold)
            _remove_empty(fold)
    remove_listed(folder)
    for name in (FILE, LIST):  # a list alone is nothing to lose
        (folder / name).unlink(missing_ok=True)
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != LOCK)


def remove_listed(folder: Path, below: str = "") -> None:
    """Removes the files that the list of a run names, and the folders that are empty then.

    Args:
        folder: of the run.
        below: a folder in it; by default all of it but run.json and the list.
    """
    root, folders = folder / below, set()
    for path in _listed(folder):
        if path == folder / FILE or root not in path.parents:
            continue
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        folders |= {one for one in path.parents if folder in one.parents}
    for one in sorted(folders, key=lambda path: -len(path.parts)):
        remove_unfinished(one)
        _remove_empty(one)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _listed(folder: Path) -> Iterator[Path]:
    """Paths below the folder; whatever else its list says, and what a link leads to, is left."""
    root = folder.resolve()
    try:
        lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return
    for line in dict.fromkeys(lines):
        try:
            name = json.loads(line)
        except ValueError:  # the last line of a process that was killed
            continue
        path = folder / str(name)
        if path.parent.resolve().is_relative_to(root) and ".." not in path.parts:
            if path.name == LOGS and path.is_dir() and not path.is_symlink():
                yield from (one for one in path.rglob("events.out.tfevents.*") if one.is_file())
            else:
                yield path


class FileList:
    """Writes down each file of a run before it is written.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: Path):
        self._root = Path(folder).absolute()
        self._path = Path(folder) / LIST
        self._names = {str(path.relative_to(folder)) for path in _listed(Path(folder))}
        files.watchers[:] = [*(one for one in files.watchers if not self._same(one)), self]

    def _same(self, watcher: object) -> bool:
        return isinstance(watcher, FileList) and watcher._root == self._root

    def __call__(self, event: str, path: Path, beside: Path) -> None:
        path = path.absolute()
        if event == "begin" and path.is_relative_to(self._root):
            self.add(str(path.relative_to(self._root)))

    def add(self, name: str) -> None:
        """Lists a file, or the folder of TensorBoard's logs, by its path below the run."""
        if name not in self._names:
            self._names.add(name)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(name) + "\n")

    def close(self) -> None:
        """Nothing is listed any more, and what is not there any more leaves the list."""
        files.watchers[:] = [one for one in files.watchers if one is not self]
        there = [name for name in sorted(self._names) if os.path.lexists(self._root / name)]
        write_text(self._path, "".join(json.dumps(name) + "\n" for name in there))
