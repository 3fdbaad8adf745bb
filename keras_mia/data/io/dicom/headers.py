"""What of DICOM headers SimpleITK does not tell: where each frame of a file lies. By pydicom.

Headers hold the patient. pydicom and highdicom quote them in warnings, logs and errors: nothing of
what they say is passed on.
"""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.io.volumes.itk import TO_RAS


def require_package(package: str, where: object) -> None:
    """Sees to it that a package of the extra `dicom` is there.

    Args:
        package: its name for an import.
        where: the option or file that needs it, for the message.

    Raises:
        Problem: it is not.
    """
    if find_spec(package) is None:
        raise Problem(
            f"This needs the package {package}, which is not installed.",
            where,
            "Install the extra dicom: pip install 'keras_mia[dicom]'.",
        )


@contextlib.contextmanager
def header_errors(what: str, where: object, remedy: str) -> Iterator[None]:
    """Within it nothing is said, and any error becomes a `Problem` that quotes no header.

    Args:
        what: of the `Problem`, to which the kind of the error is added.
        where: of the `Problem`.
        remedy: of the `Problem`.

    Raises:
        Problem: any error was raised within.
    """
    before = logging.root.manager.disable
    logging.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (Problem, MemoryError):
        raise
    except Exception as error:  # readers fail on broken headers in any way they like
        raise Problem(f"{what} ({type(error).__name__}).", where, remedy) from None
    finally:
        logging.disable(before)


def read_header(path: Path) -> Any:
    """All of a file but its pixels, as a `pydicom.Dataset`.

    Args:
        path: a DICOM file.

    Raises:
        Problem: pydicom is not installed, or the file is broken.
    """
    require_package("pydicom", path)
    import pydicom

    with header_errors("The header cannot be read as DICOM", path, "Replace it by a whole copy."):
        return pydicom.dcmread(path, stop_before_pixels=True, force=True)


def frame_affines(header: Any, where: object) -> list[np.ndarray]:
    """Of each frame of a file the affine `(4, 4)` from (column, row, 0) to RAS mm.

    Args:
        header: of an image with functional groups, those of multi-frame files.
        where: the file, for messages.

    Returns:
        An empty list where the header does not say.

    Raises:
        Problem: the header is broken.
    """
    with header_errors("The header does not say where its frames lie", where, "Export it again."):
        count = len(header.get("PerFrameFunctionalGroupsSequence", ()))
        return [_affine(header, frame) for frame in range(count) if _placed(header, frame)]


def group(header: Any, frame: int, name: str) -> Any:
    """The functional group of a frame, its own or the one that all share; None without one.

    Args:
        header: of a file with several frames.
        frame: its index.
        name: keyword of the group's sequence.
    """
    frames = header.get("PerFrameFunctionalGroupsSequence")
    for groups in (
        *([frames[frame]] if frames else []),
        *header.get("SharedFunctionalGroupsSequence", ())[:1],
    ):
        if groups.get(name):
            return groups[name].value[0]
    return None


def _placed(header: Any, frame: int) -> bool:
    names = ("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence")
    return all(group(header, frame, name) is not None for name in names)


def _affine(header: Any, frame: int) -> np.ndarray:
    measures = group(header, frame, "PixelMeasuresSequence")
    cosines = group(header, frame, "PlaneOrientationSequence").ImageOrientationPatient
    directions = np.array(cosines, float).reshape(2, 3)
    between_rows, between_columns = map(float, measures.PixelSpacing)
    affine = np.eye(4)
    affine[:3, 0] = directions[0] * between_columns
    affine[:3, 1] = directions[1] * between_rows
    affine[:3, 2] = np.cross(*directions) * float(measures.get("SliceThickness") or 1)
    position = group(header, frame, "PlanePositionSequence")
    affine[:3, 3] = np.array(position.ImagePositionPatient, float)
    return TO_RAS @ affine
