"""What a file that cannot be read is by its first bytes: another format than its name says."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Beginning:
    """A kind of file by its first bytes.

    Args:
        at: where they stand.
        bytes: the first that all such files have.
        what: it is, in words.
        suffixes: by which it is read, or would be; empty where it is no image.
        remedy: what to do about it.
    """

    at: int
    bytes: bytes
    what: str
    suffixes: tuple[str, ...]
    remedy: str


def _rename(suffix: str) -> str:
    return f"Name it by what it is, {suffix}."


_WHOLE = "Fetch the file itself, or leave the case out."
BEGINNINGS = (
    Beginning(0, b"\x1f\x8b", "a file of gzip", (".gz", ".mgz"), "Name it so (.nii.gz)."),
    Beginning(344, b"n+1\0", "NIfTI without compression", (".nii",), _rename(".nii")),
    Beginning(0, b"\x89PNG", "PNG", (".png",), _rename(".png")),
    Beginning(
        0, b"\xff\xd8\xff", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), _rename(".jpg")
    ),
    Beginning(0, b"II*\0", "TIFF", (".tif", ".tiff"), _rename(".tif")),
    Beginning(0, b"MM\0*", "TIFF", (".tif", ".tiff"), _rename(".tif")),
    Beginning(0, b"NRRD", "NRRD", (".nrrd", ".nhdr"), _rename(".nrrd")),
    Beginning(128, b"DICM", "DICOM", (".dcm",), _rename(".dcm")),
    Beginning(0, b"\x89HDF", "HDF5", (), "Convert it, for instance to NIfTI (.nii.gz)."),
    Beginning(0, b"PK\3\4", "a zip archive", (".npz",), "Unpack it."),
    Beginning(0, b"version https://git-lfs", "a pointer of Git LFS", (), "Run git lfs pull."),
    Beginning(0, b"<!DOCTYPE", "a web page", (), _WHOLE),
    Beginning(0, b"<html", "a web page", (), _WHOLE),
)


def begins_as(path: Path) -> Beginning | None:
    """The kind of file that a file begins as, where its name says another; None of others.

    Args:
        path: that could not be read.
    """
    if not path.is_file():
        return None
    with path.open("rb") as file:
        first = file.read(352)
    name = path.name.lower()
    for kind in BEGINNINGS:
        if first[kind.at :].lower().startswith(kind.bytes.lower()):
            return None if name.endswith(kind.suffixes) else kind
    return None
