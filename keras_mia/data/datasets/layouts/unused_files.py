"""What lies in a folder and is in no case: counted, and noted."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.files.naming import meaning, named
from keras_mia.data.io.dicom.images import is_dicom
from keras_mia.data.io.file_walk import walk
from keras_mia.data.io.formats import stem_of, suffix_of
from keras_mia.data.io.virtual_paths import source_of

HEADERS = (".mhd", ".nhdr", ".hdr")
"""Files that have their voxels in a file of another suffix beside them."""
DOCUMENTS = ("readme", "license", "licence", "source", "copying", "citation", "dataset.json")
COMPANIONS = {
    *(".txt", ".md", ".rst", ".pdf", ".doc", ".docx", ".html", ".htm", ".bib", ".log", ".rtf"),
    *(".csv", ".tsv", ".json", ".xml", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".xls", ".xlsx"),
    *(".ods", ".bval", ".bvec", ".md5", ".sha256", ".url", ".lnk", ".py", ".ipynb", ".m", ".r"),
    *(".sh", ".bat"),
}
"""What describes images, or was made with them, and is none; it is not noted."""
MOST_NAMED = 3


def left_out(folder: Path, cases: Cases | None = None) -> list[str]:
    """Sentences on files below a folder that no case holds: images, and kinds that nobody reads.

    Args:
        folder: that was read.
        cases: that were read of it, with the files that other notes are about; None: none.
    """
    used: set[Path] = set()
    if cases is not None:
        used |= {source_of(path) for case in cases for path in case.files}
        used |= {Path(file) for one in cases.incomplete for file in one.files}
        used |= set(cases.unchosen)
    images: list[Path] = []
    maps: list[Path] = []
    links: list[Path] = []
    unread: Counter[str] = Counter()
    for file in walk(folder):
        if file in used or not used.isdisjoint(file.parents):
            continue
        if file.is_symlink() and not file.exists():
            links.append(file.relative_to(folder))
        elif suffix_of(file) or is_dicom(file):
            (maps if is_label_map(file, folder) else images).append(file.relative_to(folder))
        elif not _is_companion(file):
            unread[file.suffix.lower() or "no suffix"] += 1
    return [
        *_of_files("Images in no case", images),
        *_of_files("Label maps that are not used", maps),
        *_of_files("Links that lead nowhere", links),
        *_of_kinds(unread),
    ]


def is_label_map(file: Path, folder: Path) -> bool:
    """Whether a file's name, or that of a folder above it and below `folder`, calls it so."""
    above = file.relative_to(folder).parts[:-1]
    return named(stem_of(file)).label or any(meaning(one)[1] in ("label", "mask") for one in above)


def _of_files(what: str, files: Sequence[Path]) -> list[str]:
    if not files:
        return []
    if len(files) <= MOST_NAMED:
        where = listing(files)
    else:
        counts = Counter(file.parent.as_posix() for file in files)
        counts["the folder itself"] = counts.pop(".", 0)
        counts = +counts
        where = listing([f"{folder} ({n})" for folder, n in counts.most_common()], MOST_NAMED)
    return [f"{what}, left out ({len(files)}): {where}."]


def _of_kinds(unread: Counter[str]) -> list[str]:
    if not unread:
        return []
    kinds = listing([f"{n} {suffix}" for suffix, n in unread.most_common()], 6)
    return [f"Files of kinds that are not read, left out ({unread.total()}): {kinds}."]


def _is_companion(file: Path) -> bool:
    """Whether a file that is no image is meant to lie there."""
    if file.suffix.lower() in COMPANIONS or file.name.lower().startswith(DOCUMENTS):
        return True
    bare = file.with_suffix("") if file.suffix.lower() in (".gz", ".bz2") else file
    return any(bare.with_suffix(suffix).exists() for suffix in HEADERS)
