"""Where the header of a NIfTI, Analyze or MGH file places its voxels, read and written again.

A NIfTI header holds two affines, qform and sform, each with a code that says what space it leads
to; a code of 0 says that there is none, and two of them that the file has no orientation. Programs
differ in which one they take, and in what they make of none: a prediction has the source's.

Source: https://nifti.nimh.nih.gov/nifti-1/documentation/nifti1fields, qsform.
"""

import gzip
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

from keras_mia.data.geometry.affines import without_shears
from keras_mia.data.image import UNPLACED, Image

GEOMETRY = (
    *("qform_code", "sform_code", "quatern_b", "quatern_c", "quatern_d"),
    *("qoffset_x", "qoffset_y", "qoffset_z", "srow_x", "srow_y", "srow_z"),
    *("pixdim", "xyzt_units"),
)
COLUMNS_FIRST = b"axes: columns, rows, slices"
"""The description of a file whose axes are those of DICOM, which NIfTI leaves open."""
UNITS_MM = {1: 1000.0, 2: 1.0, 3: 0.001}
"""Of the codes of length, the lowest three bits of `xyzt_units`; other codes say nothing."""
GOOD_RAS = slice(28, 30)
"""The bytes of an MGH header that say whether it gives an orientation."""


def with_geometry(file: Any, array: np.ndarray) -> Image:
    """An array with what nibabel's image says of its geometry.

    Args:
        file: as `nibabel.load` gives it.
        array: its voxels, `(x, y, z, channels)`.
    """
    header, columns_first = file.header, False
    if isinstance(header, nib.Nifti1Header):
        columns_first = header["descrip"].item() == COLUMNS_FIRST
        unit = _unit_mm(header)
        oriented = header["qform_code"] > 0 or header["sform_code"] > 0
    elif isinstance(file, nib.MGHImage):
        unit, oriented = 1.0, _good_ras(str(file.get_filename()))
    else:  # Analyze, whose only affine is in a file .mat beside it
        mat_file = file.file_map.get("mat")
        unit, oriented = 1.0, bool(mat_file and Path(mat_file.filename).exists())
        header = None
    if oriented:
        affine = np.array(file.affine, float)
        affine[:3] *= unit
        return Image(array, affine, header=header, columns_first=columns_first)
    voxel_mm = np.abs(np.array([*file.header.get_zooms(), 1.0, 1.0][:3], float)) * unit
    return Image(
        array,
        voxel_mm=tuple(voxel_mm.tolist()),
        header=header,
        columns_first=columns_first,
        remarks=(UNPLACED,),
    )


def copy_geometry(header: nib.Nifti1Header, like: Image) -> None:
    """Puts the geometry of an image into the header of a new file, whose shape it has already.

    Args:
        header: is changed.
        like: the image whose geometry it gets.
    """
    source = like.header
    if like.columns_first:
        header["descrip"] = COLUMNS_FIRST
    if isinstance(source, nib.Nifti1Header):
        for name in GEOMETRY:
            header[name] = source[name]
        if header.get_data_shape()[3:] != source.get_data_shape()[3:] and header["dim"][0] > 3:
            header["pixdim"][4:] = 1  # another axis than that of the source
        return
    header.set_xyzt_units("mm")
    if like.affine is None:
        header["pixdim"][1 : 1 + like.rank] = like.spacing
        return
    affine = np.asarray(like.affine, float)
    header.set_sform(affine, code="scanner")
    upright = without_shears(affine)
    # A qform has no shears. SimpleITK reads it where the sform has some, as it reads slices that
    # a tilted gantry has made: as if they lay behind one another.
    same = np.allclose(upright, affine, atol=1e-5 * np.abs(affine[:3, :3]).max())
    header.set_qform(upright, "scanner" if same else "aligned")


def mgh_image(array: np.ndarray, like: Image) -> nib.MGHImage:
    """An MGH image with the geometry of another image.

    Args:
        array: `(x, y, z)` or `(x, y, z, channels)`, of a type that MGH holds.
        like: the image whose geometry it gets.
    """
    same_format = isinstance(like.header, nib.freesurfer.mghformat.MGHHeader)
    affine = np.diag([*like.spacing, 1.0]) if like.affine is None else like.affine
    if like.affine is None and same_format:
        affine = like.header.get_affine()
    file = nib.MGHImage(array, affine)
    if same_format:
        for name in ("tr", "flip_angle", "te", "ti", "fov"):
            file.header[name] = like.header[name]
        if like.affine is None:
            file.header["goodRASFlag"] = 0
    return file


def two_affines(path: Path) -> tuple[np.ndarray | None, np.ndarray | None, bool]:
    """The sform and the qform of a NIfTI file, and whether both claim to lead to one space.

    Args:
        path: of the file.

    Returns:
        Two affines `(4, 4)` in mm, None where the code is 0, and whether the codes are equal.

    Raises:
        ValueError: the qform is no rotation.
    """
    header: Any = nib.load(path).header
    if not isinstance(header, nib.Nifti1Header):  # Analyze, whatever its name
        return None, None, True
    unit = _unit_mm(header)
    scale = np.diag([unit, unit, unit, 1.0])
    affines = {
        name: scale @ getattr(header, f"get_{name}")() if header[f"{name}_code"] > 0 else None
        for name in ("sform", "qform")
    }
    return affines["sform"], affines["qform"], bool(header["sform_code"] == header["qform_code"])


def _unit_mm(header: nib.Nifti1Header) -> float:
    return UNITS_MM.get(int(header["xyzt_units"]) & 7, 1.0)


def _good_ras(path: str) -> bool:
    opened = gzip.open if path.lower().endswith((".mgz", ".gz")) else open
    with opened(path, "rb") as file:
        return int.from_bytes(file.read(GOOD_RAS.stop)[GOOD_RAS], "big") > 0
