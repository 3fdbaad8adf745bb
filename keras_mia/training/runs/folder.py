"""The folder of a run: whose it is, what of it the package wrote, and what may be removed."""

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from keras_mia.core.files import atomic
from keras_mia.core.files.atomic import remove_unfinished
from keras_mia.core.files.lock import FILE as LOCK
from keras_mia.core.files.process_mark import NAME
from keras_mia.core.files.text_files import write_text
from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import FILE, FORMAT, PACKAGE
from keras_mia.core.text import listing

LIST = "files.txt"
ONLY_BEGUN = {FILE, LIST, LOCK, "args.txt", "cases.csv"}
"""What a run holds that ended before it had a plan."""
LOGS = "tensorboard"
FOLDERS = {"cache", "checkpoint", "predictions", "samples", LOGS}
PARTS = {
    *("args.txt", "best.keras", "cases.csv", "calibration.json", "gradients.csv", "history.csv"),
    *(
        "evaluator.json",
        "evaluator.keras",
        "metrics.json",
        "objectives.csv",
        "plan.json",
        "report.html",
        "scores.csv",
    ),
    *(FILE, LIST, *FOLDERS),
}
"""What a run writes into its folder: nothing else there is ever removed, whatever a list says."""
FOLD = re.compile(r"fold_([1-9]\d{0,5})")


def is_run(folder: Path) -> bool:
    """Whether a folder holds a run of this package, by what its run.json and list of files say;
    any other program's run.json is none."""
    return _facts(folder) is not None


def _facts(folder: Path) -> Mapping | None:
    """What the run.json of a run holds; None: there is no run."""
    try:
        facts = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    is_ours = (
        isinstance(facts, Mapping)
        and facts.get("package") == PACKAGE
        and facts.get("format") == FORMAT
        and (folder / LIST).is_file()
        and not (folder / LIST).is_symlink()  # it is appended to
    )
    return facts if is_ours else None


def is_finished(folder: Path) -> bool:
    """Whether a run came to its end: its report is written, and prepared images are gone."""
    complete = all((folder / name).is_file() for name in ("metrics.json", "report.html"))
    prepared = (path for path in _listed(folder) if folder / "cache" in path.parents)
    return complete and is_run(folder) and not any(map(os.path.lexists, prepared))


def fold_folders(folder: Path) -> list[Path]:
    """The folders of the folds of a run, in order; one of a like name, such as a copy of a fold,
    is none."""
    options = (_facts(folder) or {}).get("options")
    count = options.get("folds") if isinstance(options, Mapping) else None
    names = {path.name: FOLD.fullmatch(path.name) for path in _entries(folder)}
    folds = {int(match[1]): folder / name for name, match in names.items() if match}
    last = count if isinstance(count, int) else max(folds, default=0)
    return [folds[number] for number in sorted(folds) if number <= last]


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


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
    if _is_blank(folder):
        return
    if not is_run(folder):
        raise Problem(
            "The output folder holds other files.", folder, "Choose an empty or new folder."
        )
    if not overwrite and not is_begun_only(folder):
        raise Problem(
            "The output folder already holds a run.",
            folder,
            "Say --resume to go on with it, --overwrite to replace it, or choose another.",
        )
    check_no_foreign_files(folder)


def _is_blank(folder: Path) -> bool:
    """Whether nothing is there, or the list alone of a run that was stopped as it began or went."""
    names = _names(folder) - {LOCK}
    if names != {LIST}:
        return not names
    path = folder / LIST
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError):
        return False
    first = json.dumps(FILE)
    is_of_a_run = (
        lines == [""] or first in lines or (len(lines) == 1 and first.startswith(lines[0]))
    )
    return is_of_a_run and not path.is_symlink()


def check_no_foreign_files(folder: Path) -> None:
    """Sees to it that a run replaces nothing in its folder that no run wrote.

    Raises:
        Problem: a file there has a name that the run's own will have, or a folder of it is a link.
    """
    listed = set(_listed(folder)) | {folder / FILE, folder / LIST}
    odd = [path for path in map(folder.joinpath, sorted(PARTS - FOLDERS)) if path not in listed]
    odd = [path for path in odd if os.path.lexists(path)]
    folders = map(folder.joinpath, sorted(FOLDERS))
    odd += [one for one in folders if os.path.lexists(one) and not _is_real_folder(one)]
    if odd:
        raise Problem(
            f"{odd[0].name} was not written by the run, which would replace it.",
            odd[0],
            "Move it elsewhere, or choose another --output.",
        )


def _is_real_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def check_fold_folder(folder: Path) -> None:
    """Sees to it that a fold may be trained in a folder below that of its run.

    Raises:
        Problem: other files are there, or it is a link.
    """
    if folder.is_symlink():
        raise Problem("The folder of a fold is a link.", folder, "Remove the link.")
    check_folder(folder, overwrite=True)


def check_outside_runs(
    output: Path, *, option: str = "--output", allow_subfolder: bool = False
) -> None:
    """Sees to it that an output does not get among the files of another run.

    Args:
        output: may not exist.
        option: that names it.
        allow_subfolder: whether a folder of another name, beside those that the run wrote, will do.

    Raises:
        Problem: it lies in the folder of a run, or is one where `allow_subfolder` is true.
    """
    destination = Path(os.path.realpath(output))
    for folder in (destination, *destination.parents)[0 if allow_subfolder else 1 :]:
        inside = destination.relative_to(folder).parts
        mixed = not inside or inside[0] in PARTS or FOLD.fullmatch(inside[0])
        if (mixed or not allow_subfolder) and is_run(folder):
            raise Problem(
                f"The files would be mixed with those of the run in {folder}.",
                output,
                f"Choose another {option}.",
            )


def remove_run(folder: Path) -> list[Path]:
    """Removes a run: the files that its list names, and the folders that are empty then; of the
    runs of its folds, too.

    Args:
        folder: of a run; it stays.

    Returns:
        What lies there still: files that no run wrote, but for what this process prepares.
    """
    remove_unfinished(folder)
    for fold in fold_folders(folder):
        if not fold.is_symlink() and is_run(fold):
            remove_run(fold)
            _remove_empty(fold)
    remove_listed(folder)
    for name in (FILE, LIST):  # a list alone is nothing to lose
        (folder / name).unlink(missing_ok=True)
    left = (path for path in folder.rglob("*") if path.name != LOCK and not _is_real_folder(path))
    return sorted(
        path for path in left if not any(map(NAME.fullmatch, path.relative_to(folder).parts))
    )


def remove_earlier(folder: Path) -> None:
    """Removes a run that another one replaces, and says what lies there still.

    Args:
        folder: of both.
    """
    if left := remove_run(folder):
        print(
            f"  Left alone in {folder}, since the run before does not list it:"
            f" {listing([str(one.relative_to(folder)) for one in left], 3)}."
        )


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


def move_staged(staged: Path, cache: Path, files: "FileList") -> None:
    """Moves what was prepared before a run was accepted to its cache.

    Args:
        staged: the folder that it lies in, which goes.
        cache: in the run's folder.
        files: that the run lists.
    """
    cache.mkdir(exist_ok=True)
    for path in sorted(staged.rglob("*")):
        if path.is_file():
            files.add(f"{cache.name}/{path.relative_to(staged)}")
    for path in sorted(staged.iterdir()):
        path.replace(cache / path.name)
    staged.rmdir()


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _listed(folder: Path) -> Iterator[Path]:
    """Paths of a run's parts; whatever else its list says, and what a link leads to, is left."""
    root = folder.resolve()
    try:
        lines = (folder / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return
    for line in dict.fromkeys(lines):
        try:
            name = json.loads(line)
            if b"\0" in os.fsencode(name):
                continue
            parts = Path(name).parts
            inside = (folder / name).parent.resolve().is_relative_to(root)
        except (ValueError, TypeError, OSError, RecursionError):  # a line of no run, or cut off
            continue
        if inside and parts and parts[0] in PARTS and ".." not in parts:
            path = folder / name
            if name == LOGS and _is_real_folder(path):
                yield from (one for one in path.rglob("events.out.tfevents.*") if one.is_file())
            else:
                yield path


class FileList:
    """Writes down each file of a run before it is written.

    Args:
        folder: of the run.
        cache: of prepared images that are kept; they are not the run's.
    """

    def __init__(self, folder: Path, cache: Path | None = None):
        self._root = Path(folder).absolute()
        self._path = Path(folder) / LIST
        self._cache = cache and cache.absolute()
        self._names = {str(path.relative_to(folder)) for path in _listed(Path(folder))}
        atomic.watchers[:] = [one for one in atomic.watchers if not self._same(one)]
        self._write()  # a file of its own, which no copy of the run by hard links shares
        atomic.watchers.append(self)

    def _same(self, watcher: object) -> bool:
        return isinstance(watcher, FileList) and watcher._root == self._root

    def __call__(self, event: str, path: Path, unfinished: Path) -> None:
        path = path.absolute()
        if event != "begin" or not path.is_relative_to(self._root):
            return
        name = path.relative_to(self._root)
        if name.parts[0] not in PARTS or (self._cache and path.is_relative_to(self._cache)):
            return
        if str(name) not in self._names and name.parts[0] != "cache" and os.path.lexists(path):
            raise Problem(
                "A file is there that the run did not write.",
                path,
                "Move it elsewhere, then go on with --resume.",
            )
        self.add(str(name))

    def add(self, name: str) -> None:
        """Lists a file, or the folder of TensorBoard's logs, by its path below the run."""
        if name not in self._names:
            self._names.add(name)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(name) + "\n")

    def close(self) -> None:
        """Nothing is listed any more, and what is not there any more leaves the list."""
        atomic.watchers[:] = [one for one in atomic.watchers if one is not self]
        self._names = {name for name in self._names if os.path.lexists(self._root / name)}
        self._write()

    def _write(self) -> None:
        write_text(self._path, "".join(json.dumps(name) + "\n" for name in sorted(self._names)))
