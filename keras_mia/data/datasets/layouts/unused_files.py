"""What lies in a folder and is in no case: counted and said."""

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
BESIDE = {
    *(".txt", ".md", ".rst", ".pdf", ".doc", ".docx", ".html", ".htm", ".bib", ".log", ".rtf"),
    *(".csv", ".tsv", ".json", ".xml", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".xls", ".xlsx"),
    *(".ods", ".bval", ".bvec", ".md5", ".sha256", ".url", ".lnk", ".py", ".ipynb", ".m", ".r"),
    *(".sh", ".bat"),
}
"""What tells of images, or was made with them, and is none; nothing is said of it."""
SHOWN = 3


def left_out(folder: Path, found: Cases | None = None) -> list[str]:
    """Sentences on files below a folder that no case holds: images, and kinds that nobody reads.

    Args:
        folder: that was read.
        found: the cases in it, with the files that are told of elsewhere; None: there are none.
    """
    used: set[Path] = set()
    if found is not None:
        used |= {source_of(path) for case in found for path in case.images}
        used |= {path for case in found for path in case.label_files}
        used |= {case.region for case in found if isinstance(case.region, Path)}
        used |= {Path(file) for one in found.incomplete for file in one.files}
        used |= set(found.unchosen)
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
        elif not _is_known(file):
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
    if len(files) <= SHOWN:
        where = listing(files)
    else:
        places = Counter(file.parent.as_posix() for file in files)
        places["the folder itself"] = places.pop(".", 0)
        places = +places
        where = listing([f"{place} ({n})" for place, n in places.most_common()], SHOWN)
    return [f"{what}, left out ({len(files)}): {where}."]


def _of_kinds(unread: Counter[str]) -> list[str]:
    if not unread:
        return []
    kinds = listing([f"{n} {suffix}" for suffix, n in unread.most_common()], 6)
    return [f"Files of kinds that are not read, left out ({unread.total()}): {kinds}."]


def _is_known(file: Path) -> bool:
    """Whether a file that is no image is meant to lie there."""
    if file.suffix.lower() in BESIDE or file.name.lower().startswith(DOCUMENTS):
        return True
    bare = file.with_suffix("") if file.suffix.lower() in (".gz", ".bz2") else file
    return any(bare.with_suffix(suffix).exists() for suffix in HEADERS)
