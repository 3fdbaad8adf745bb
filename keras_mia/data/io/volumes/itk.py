"""MetaImage and NRRD, by SimpleITK."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import UNPLACED, Image, are_colours
from keras_mia.data.io.header_size import check_header_size
from keras_mia.data.io.volumes.itk_headers import ItkHeader, read_header, write_unit
from keras_mia.data.io.volumes.nifti import narrow

# ITK's axes point left, backwards and up, an affine's right, forwards and up.
TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def read(path: Path) -> Image:
    """A volume in its own voxel order; components (colours, channels) become channels.

    Args:
        path: of MetaImage or NRRD.

    Returns:
        An `Image` with an affine where the header gives an orientation.

    Raises:
        Problem: it has more than three axes, or its header is broken.
    """
    import SimpleITK

    header = read_header(path)
    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(str(path))
    _run(reader.ReadImageInformation)
    sizes = reader.GetSize()
    if len(sizes) > 3 and any(size > 1 for size in sizes[3:]):
        raise Problem(
            f"A volume has 3 axes, this one is {len(sizes)}D ({' x '.join(map(str, sizes))}).",
            path,
            "Take one volume of it.",
        )
    check_header_size(path, (*sizes, reader.GetNumberOfComponents()))
    image = _run(reader.Execute)
    array = array_of(image)
    array = np.moveaxis(array, -1, 0).T  # (channels, z, y, x) reversed
    array = array.reshape(*(*sizes, 1)[:3], array.shape[-1])
    if (header.slope, header.intercept) != (1, 0):
        array = (array * header.slope + header.intercept).astype(np.float32)
    affine = affine_of(image)
    affine[:3] *= header.unit_mm
    image = Image(array, header=header, colours=are_colours(array), columns_first=True)
    if header.oriented:
        return replace(image, affine=affine)
    return replace(image, voxel_mm=Image(array, affine).spacing, remarks=(UNPLACED,))


def write(path: Path, array: np.ndarray, like: Image) -> None:
    """A volume placed as another image is, compressed; a fourth axis holds components.

    Args:
        path: of MetaImage or NRRD.
        array: `(x, y, z)` or `(x, y, z, channels)`.
        like: the image whose geometry is written.

    Raises:
        ValueError: the array has other axes.
    """
    import SimpleITK

    if array.ndim == 4 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim not in (3, 4):
        raise ValueError("a volume has 3 axes")
    transposed = np.ascontiguousarray(array.transpose(2, 1, 0, *range(3, array.ndim)))
    image = SimpleITK.GetImageFromArray(narrow(transposed), isVector=array.ndim == 4)
    header = like.header if isinstance(like.header, ItkHeader) else ItkHeader(True)
    spacing = np.array(like.spacing)
    if like.affine is not None:
        matrix = TO_RAS @ np.asarray(like.affine, float)
        image.SetDirection((matrix[:3, :3] / spacing).ravel().tolist())
        image.SetOrigin((matrix[:3, 3] / header.unit_mm).tolist())
    image.SetSpacing((spacing / header.unit_mm).tolist())
    if header.unit:
        image.SetMetaData("ITK_VoxelUnits", header.unit)  # MetaImage's alone
    SimpleITK.WriteImage(image, str(path), useCompression=True)
    if header.unit and path.suffix.lower() == ".nrrd":
        write_unit(path, header.unit)


def error_text(error: Exception) -> str:
    """The last line of what SimpleITK says, without the names of its source files.

    Args:
        error: that SimpleITK raised.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].partition("): ")[2] or lines[-1] if lines else "no reason given"


def _run(step):
    try:
        return step()
    except RuntimeError as error:
        raise ValueError(error_text(error)) from error


class _Voxels:
    """The memory of an image of SimpleITK as an array, which keeps the image: no copy is made."""

    def __init__(self, view: np.ndarray, image):
        self._image = image
        interface = dict(view.__array_interface__)
        self.__array_interface__ = interface | {"data": (interface["data"][0], False)}


def array_of(image) -> np.ndarray:
    """The voxels of an image of SimpleITK, `([slices,] rows, columns, channels)`.

    Args:
        image: of two or three axes.

    Returns:
        An array of its own, with a last axis even of one component.
    """
    import SimpleITK

    array = np.asarray(_Voxels(SimpleITK.GetArrayViewFromImage(image), image))
    return array[..., None] if image.GetNumberOfComponentsPerPixel() == 1 else array


def affine_of(image, spacing: Sequence[float] | None = None) -> np.ndarray:
    """The affine `(4, 4)` to RAS mm of an image of SimpleITK, or of a reader that knows its header.

    Args:
        image: of two or more axes; what lies beyond the third is left out, a missing third axis is
            the normal of the plane.
        spacing: of three axes in mm; None: that of the image.

    Returns:
        float64 `(4, 4)`.
    """
    rank = image.GetDimension()
    axes = min(3, rank)
    direction = np.array(image.GetDirection()).reshape(rank, rank)[:axes, :axes]
    affine = np.eye(4)
    affine[:axes, :axes] = direction * np.array(spacing or image.GetSpacing())[:axes]
    affine[:axes, 3] = image.GetOrigin()[:axes]
    return TO_RAS @ affine
