"""The files that a table means, where its spelling is not that of the files."""

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path, PureWindowsPath

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.files.image_paths import entries
from keras_mia.data.io.formats import stem_of, suffix_of


class FileFinder:
    """Finds the files of a table's cells: as they are written, or else by what they must mean.

    Tried are `\\` for `/`, letters in another case or composed otherwise, a suffix that was left
    out, and paths of another machine, of which the last parts lie here. What fits several files is
    an error.

    Args:
        folder: of the table.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.respelled: list[tuple[str, Path]] = []

    def __call__(self, text: str) -> Path:
        """The file that a cell means; the path as it is written where there is none.

        Raises:
            Problem: several files fit.
        """
        path = self.folder / text
        if path.exists():
            return path
        for key, part in self._meant(text):
            matches = self._fitting(key, part)
            if len(matches) > 1:
                raise Problem(
                    f"Several files fit {text!r} of the table.",
                    listing(matches),
                    "Write their paths, with suffix, relative to the table.",
                )
            if matches:
                self.respelled.append((text, matches[0]))
                return matches[0]
        return path

    def remedy(self, missing: Path) -> str:
        """What to do about a file that is not there, with a file of the same name that is."""
        rule = f"Paths are relative to {self.folder}."
        alike = self._bare.get(_plain([stem_of(missing)])) or []
        if not alike:
            return rule
        short = [path.relative_to(self.folder).as_posix() for path in alike]
        return f"{rule} There is {listing(short, 3)}: write that if it is meant."

    def _meant(self, text: str) -> Iterator[tuple[str, bool]]:
        """What to look for, and whether it may be the last part of a path only.

        Folders are left out in front of paths of another machine alone: `labels/a.png` that is
        missing must not become `images/a.png`.
        """
        windows = PureWindowsPath(text)
        elsewhere = bool(windows.drive) or text.startswith(("/", "\\"))
        parts = [
            part for part in re.split(r"[/\\]+", text) if part and part not in (".", windows.drive)
        ]
        if ".." in parts:
            return
        for start in range(len(parts) if elsewhere else min(1, len(parts))):
            yield _plain(parts[start:]), elsewhere or len(parts) == 1

    def notes(self) -> list[str]:
        """How many files were spelled otherwise, with an example."""
        if not self.respelled:
            return []
        text, path = self.respelled[0]
        short = path.relative_to(self.folder).as_posix()
        return [f"Files found by another spelling: {len(self.respelled)}, {text!r} is {short}."]

    def _fitting(self, key: str, part: bool) -> list[Path]:
        matches = self._whole.get(key) or self._bare.get(key) or []
        if part:
            return matches
        size = key.count("/") + 1
        return [path for path in matches if self._below(path).count(os.sep) + 1 == size]

    def _below(self, path: Path) -> str:
        """A file's path below the folder, by its text alone: it is needed of every file."""
        folder = os.fspath(self.folder)
        return os.fspath(path).removeprefix(folder if folder.endswith(os.sep) else folder + os.sep)

    @cached_property
    def _files(self) -> list[Path]:
        return entries(self.folder)

    @cached_property
    def _whole(self) -> dict[str, list[Path]]:
        return self._ends(map(self._below, self._files))

    @cached_property
    def _bare(self) -> dict[str, list[Path]]:
        short = map(self._below, self._files)
        return self._ends(path[: len(path) - len(suffix_of(path) or "")] for path in short)

    def _ends(self, paths: Iterable[str]) -> dict[str, list[Path]]:
        """Each last part of paths, one a file, -> the files that end so."""
        files = defaultdict(list)
        for path, file in zip(paths, self._files, strict=True):
            parts = path.split(os.sep)
            for start in range(len(parts)):
                files[_plain(parts[start:])].append(file)
        return dict(files)


def _plain(parts: Iterable[str]) -> str:
    return unicodedata.normalize("NFC", "/".join(parts)).casefold()
