"""The list of cases that a run keeps: cases.csv, written and read."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from keras_mia.core.files.atomic import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Case, Cases, Slab
from keras_mia.data.datasets.mask_files import Masks
from keras_mia.data.datasets.tables.run_tables import AGAIN, CASES, OF_CASE, read_run_table
from keras_mia.data.targets.base import Text

BETWEEN = "|"
TARGET = "target"
MASK = re.compile(r"(\d+)=(.+)")
NO_TEXT = re.compile("[\udc80-\udcff]")
BYTE = re.compile("%([89A-F][0-9A-F])")
SLAB = re.compile(r"axis (\d+) from (\S+) to (\S+)(?: within (.+))?")


def write_cases(path: str | os.PathLike, cases: Cases) -> None:
    """Writes a row a case; paths are absolute, so that they hold in every folder."""
    rows = [
        {
            "name": case.name,
            "patient": case.patient,
            "split": case.split or "",
            "image": BETWEEN.join(map(_quoted, case.images)),
            "label": _label_words(case.target),
            "region": _words(case.region),
            **_text_cells(case.target),
            **({"label values": case.label_values} if case.label_values else {}),
        }
        for case in cases
    ]
    write_csv(path, rows)


def read_case_list(path: str | os.PathLike) -> Cases:
    """The cases of a run, with the split that they had in it.

    Raises:
        Problem: the file is missing, or was not written by `write_cases`.
    """
    rows = read_run_table(path, CASES, key=OF_CASE)
    return Cases(tuple(_case(row, line, path) for line, row in enumerate(rows, 2)), str(path))


def _case(row: Mapping[str, str], line: int, path: object) -> Case:
    try:
        return Case(
            name=row["name"],
            images=tuple(map(_path, row["image"].split(BETWEEN))),
            target=_target(row["label"]) or _text(row),
            patient=row["patient"],
            split=row["split"] or None,
            region=_region(row["region"]),
            label_values=row.get("label values") or None,
        )
    except ValueError as error:
        raise Problem(f"Line {line} is none of a run's: {error}.", path, AGAIN) from error


def _label_words(target: Path | Masks | Text | None) -> str:
    if isinstance(target, Masks):
        pairs = zip(target.values, target.files, strict=True)
        return BETWEEN.join(f"{value}={_quoted(file)}" for value, file in pairs)
    return _quoted(target) if isinstance(target, Path) else ""


def _text_cells(target: object) -> dict[str, str]:
    """`target`, or `target 1`, `target 2`, ... of the texts of several columns."""
    if isinstance(target, str):
        return {TARGET: target}
    texts = target if isinstance(target, tuple) else ()
    return {f"{TARGET} {number}": text for number, text in enumerate(texts, 1)}


def _text(row: Mapping[str, str]) -> Text | None:
    texts = tuple(text for name, text in row.items() if name.startswith(f"{TARGET} ") and text)
    return texts or row.get(TARGET) or None


def _quoted(path: Path) -> str:
    """An absolute path in which what joins several, and bytes that are no text, are written
    otherwise."""
    text = os.path.abspath(path).replace("%", "%25").replace(BETWEEN, "%7C")
    return NO_TEXT.sub(lambda found: f"%{os.fsencode(found[0])[0]:02X}", text)


def _path(words: str) -> Path:
    text = BYTE.sub(lambda found: os.fsdecode(bytes.fromhex(found[1])), words)
    return Path(text.replace("%7C", BETWEEN).replace("%25", "%"))


def _target(words: str) -> Path | Masks | None:
    pairs = [MASK.fullmatch(part) for part in words.split(BETWEEN)]
    if words and all(pairs):
        files = tuple(_path(pair[2]) for pair in pairs if pair)
        return Masks(files, tuple(int(pair[1]) for pair in pairs if pair))
    return _path(words) if words else None


def _words(region: Path | Slab | None) -> str:
    if region is None:
        return ""
    if not isinstance(region, Slab):
        return _quoted(region)
    words = f"axis {region.axis} from {region.low!r} to {region.high!r}"
    return f"{words} within {_quoted(region.within)}" if region.within else words


def _region(words: str) -> Path | Slab | None:
    match = SLAB.fullmatch(words)
    if match is None:
        return _path(words) if words else None
    within = _path(match[4]) if match[4] else None
    return Slab(int(match[1]), float(match[2]), float(match[3]), within)
