"""The list of cases that a run keeps: cases.csv, written and read."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import CaseTarget, ImageFile, LabelMapFile, Texts
from keras_mia.data.datasets.cases import IMAGE, Case, Cases, Slab
from keras_mia.data.datasets.mask_files import Masks
from keras_mia.data.datasets.tables.run_tables import AGAIN, read_case_rows

BETWEEN = "|"
TARGET, TARGET_IMAGE, INPUT, READ_AS = "target", "target image", "input ", "label values"
MASK = re.compile(r"(\d+)=(.+)")
NO_TEXT = re.compile("[\udc80-\udcff]")
BYTE = re.compile("%([89A-F][0-9A-F])")
SLAB = re.compile(r"axis (\d+) from (\S+) to (\S+)(?: within (.+))?")


def write_cases(path: str | os.PathLike, cases: Cases) -> None:
    """Writes a row a case; paths are absolute, so that they hold in every folder.

    Each row says how many there are, so that a list which lost some of them is noticed.
    """
    rows = [
        {
            "name": case.name,
            "patient": case.patient,
            "split": case.split or "",
            **{_column(role): _joined(paths) for role, paths in case.inputs.items()},
            "label": "",
            "region": _region_cell(case.region),
            **_target_cells(case.target),
            "total": len(cases),
        }
        for case in cases
    ]
    write_csv(path, rows)


def read_case_list(path: str | os.PathLike) -> Cases:
    """The cases of a run, with the split that they had in it.

    Raises:
        Problem: the file is missing, lacks rows, or was not written by `write_cases`.
    """
    rows = read_case_rows(path)
    return Cases(tuple(_case(row, line, path) for line, row in enumerate(rows, 2)), str(path))


def _case(row: Mapping[str, str], line: int, path: object) -> Case:
    try:
        return Case(
            name=row["name"],
            inputs=_inputs(row),
            target=_target(row),
            patient=row["patient"],
            split=row["split"] or None,
            region=_region(row["region"]),
        )
    except ValueError as error:
        raise Problem(f"Line {line} is none of a run's: {error}.", path, AGAIN) from error


def _column(role: str) -> str:
    return role if role == IMAGE else f"{INPUT}{role}"


def _inputs(row: Mapping[str, str]) -> dict[str, tuple[Path, ...]]:
    cells = {name: cell for name, cell in row.items() if name == IMAGE or name.startswith(INPUT)}
    inputs = {name.removeprefix(INPUT): _paths(cell) for name, cell in cells.items() if cell}
    if not inputs:
        raise ValueError("it names no image")
    return inputs


def _target_cells(target: CaseTarget | None) -> dict[str, str]:
    """Of texts `target`, or `target 1`, `target 2`, ... of several columns."""
    match target:
        case LabelMapFile(path, read_as):
            return {"label": _quoted(path)} | ({READ_AS: read_as} if read_as else {})
        case Masks(files, values):
            pairs = zip(values, files, strict=True)
            return {"label": BETWEEN.join(f"{value}={_quoted(file)}" for value, file in pairs)}
        case ImageFile(path):
            return {TARGET_IMAGE: _quoted(path)}
        case Texts(str(text)):
            return {TARGET: text}
        case Texts(texts):
            return {f"{TARGET} {number}": text for number, text in enumerate(texts, 1)}
    return {}


def _target(row: Mapping[str, str]) -> CaseTarget | None:
    if cell := row.get("label"):
        pairs = [MASK.fullmatch(part) for part in cell.split(BETWEEN)]
        if not all(pairs):
            return LabelMapFile(_path(cell), row.get(READ_AS) or None)
        files = tuple(_path(pair[2]) for pair in pairs if pair)
        return Masks(files, tuple(int(pair[1]) for pair in pairs if pair))
    if cell := row.get(TARGET_IMAGE):
        return ImageFile(_path(cell))
    numbered = re.compile(rf"{TARGET} \d+")
    texts = tuple(text for name, text in row.items() if numbered.fullmatch(name) and text)
    text = texts or row.get(TARGET)
    return Texts(text) if text else None


def _joined(paths: Sequence[Path]) -> str:
    return BETWEEN.join(map(_quoted, paths))


def _paths(cell: str) -> tuple[Path, ...]:
    return tuple(map(_path, cell.split(BETWEEN)))


def _quoted(path: Path) -> str:
    """An absolute path in which what joins several, and bytes that are no text, are written
    otherwise."""
    text = os.path.abspath(path).replace("%", "%25").replace(BETWEEN, "%7C")
    return NO_TEXT.sub(lambda match: f"%{os.fsencode(match[0])[0]:02X}", text)


def _path(cell: str) -> Path:
    text = BYTE.sub(lambda match: os.fsdecode(bytes.fromhex(match[1])), cell)
    return Path(text.replace("%7C", BETWEEN).replace("%25", "%"))


def _region_cell(region: Path | Slab | None) -> str:
    if region is None:
        return ""
    if not isinstance(region, Slab):
        return _quoted(region)
    slab = f"axis {region.axis} from {region.low!r} to {region.high!r}"
    return f"{slab} within {_quoted(region.within)}" if region.within else slab


def _region(cell: str) -> Path | Slab | None:
    match = SLAB.fullmatch(cell)
    if match is None:
        return _path(cell) if cell else None
    within = _path(match[4]) if match[4] else None
    return Slab(int(match[1]), float(match[2]), float(match[3]), within)
