"""What a header claims, against what its file can hold, before memory is asked for."""

import math
from collections.abc import Iterable
from pathlib import Path

from keras_mia.core.hardware import memory_bytes
from keras_mia.core.problem import Problem

GIB = 2**30
PACKED = 1100
"""Deflate packs at most 1,032 bytes into one."""


def check_header_size(path: Path, sizes: Iterable[int], itemsize: int = 1) -> None:
    """Refuses a header that claims more than memory or its file can hold, or nothing.

    Args:
        path: the file; of a header with a file of its own for the voxels, that lies beside it.
        sizes: what multiplies to the number of values.
        itemsize: bytes a value has at least.

    Raises:
        Problem: what is claimed and what is there.
    """
    shape = [int(size) for size in sizes]
    if min(shape, default=1) < 1:
        raise Problem(
            f"The header claims {' x '.join(map(str, shape))} voxels: it is broken.",
            path,
            "Replace the file by a whole copy, or leave the case out.",
        )
    claimed = itemsize * math.prod(shape)  # Python's integers do not overflow
    if claimed <= GIB:
        return
    if claimed > memory_bytes():
        raise Problem(
            f"The header claims {claimed / GIB:,.0f} GiB of voxels; this machine has"
            f" {memory_bytes() / GIB:.1f} GiB of memory.",
            path,
            "Replace the file if its header is broken; otherwise cut or shrink the image.",
        )
    held = max(file.stat().st_size for file in (path, *_voxel_files(path)))
    if claimed > PACKED * held:
        raise Problem(
            f"The header claims {claimed / GIB:,.1f} GiB of voxels, the file has {held:,} bytes:"
            " it is broken or cut.",
            path,
            "Replace it by a whole copy, or leave the case out.",
        )


def _voxel_files(path: Path) -> list[Path]:
    if path.suffix.lower() not in (".mhd", ".nhdr"):
        return []
    return [file for file in path.parent.iterdir() if file.is_file()]
