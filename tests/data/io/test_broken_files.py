"""Files of each format with bytes changed, cut or added: an image or a `Problem`, nothing else."""

import gzip
import io
import warnings
import zipfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import nibabel as nib
import numpy as np
import PIL.Image
import pytest
from numpy.lib.format import write_array_header_1_0

from keras_mia.core.problem import Problem
from keras_mia.data.io.image_io import read_image, read_label, write_image
from tests.dicom_files import RLE, write_frames, write_series

VOLUMES = (".nii", ".nii.gz", ".mgh", ".mgz", ".mha", ".nrrd", ".npy", ".npz")
PICTURES = (
    *(".png", ".tif", ".gif", ".jpg", ".npy", ".bmp", ".webp", ".avif", ".jp2", ".pgm", ".tga"),
    *(".mpo", ".pcx"),
)
SLICES = {
    "plain": {},
    "packed": {"compression": RLE},
    "white": {"PhotometricInterpretation": "MONOCHROME1", "slope": 2, "intercept": -1024},
}
HEADER = 400
"""Bytes at the beginning that half of the changes are made in: most of a file is voxels."""


def whole_files(folder: Path) -> list[Path]:
    """A small file of each format."""
    generator = np.random.default_rng(0)
    volume = generator.integers(0, 900, (7, 6, 5)).astype(np.int16)
    picture = generator.integers(0, 255, (12, 9)).astype(np.uint8)
    found = [folder / f"volume{suffix}" for suffix in VOLUMES]
    for path in found:
        write_image(path, volume, np.diag([1.0, 1.0, 2.0, 1.0]))
    for suffix in PICTURES:
        found.append(folder / f"picture{suffix}")
        if suffix == ".npy":
            write_image(found[-1], picture)
        else:
            PIL.Image.fromarray(picture).save(found[-1])
    found += indexed_and_turned(folder, picture)
    found += other_headers(folder, volume)
    return [*found, *(dicom_files(folder, volume) if find_spec("pydicom") else [])]


def other_headers(folder: Path, volume: np.ndarray) -> list[Path]:
    """Volumes without orientation, in other units, with scaled values, and of a pair of files."""
    made = [folder / "unplaced.nii", folder / "micrometres.mha", folder / "metres.nrrd"]
    file = nib.Nifti1Image(volume, None)
    file.header.set_xyzt_units("micron")
    nib.save(file, made[0])
    for path, separator, line in (
        (made[1], b"ElementSpacing", b"DistanceUnits = um\nElementToIntensityFunctionSlope = 2\n"),
        (made[2], b"space directions", b'space units: "m" "m" "m"\n'),
    ):
        write_image(path, volume, np.eye(4))
        before, name, after = path.read_bytes().partition(separator)
        path.write_bytes(before + line + name + after)
    nib.save(nib.Nifti1Pair(volume, np.eye(4)), folder / "broken.hdr")  # beside its copies
    made.append(folder / "pair.hdr")
    made[-1].write_bytes((folder / "broken.hdr").read_bytes())
    return made


def dicom_files(folder: Path, volume: np.ndarray) -> list[Path]:
    """Slices, plain and packed, white lowest, without preamble; frames with slopes of their own."""
    import pydicom

    found = []
    for name, more in SLICES.items():
        found += write_series(folder / name, volume[..., :1], np.eye(4), name=f"{name}.dcm", **more)
    found.append(folder / "bare.dcm")
    found[-1].write_bytes(found[0].read_bytes()[132:])
    found.append(write_frames(folder / "frames.dcm", volume.astype(np.uint16), np.eye(4)))
    one = pydicom.dcmread(found[-1])
    for number, frame in enumerate(one.PerFrameFunctionalGroupsSequence):
        how = pydicom.Dataset()
        how.RescaleSlope, how.RescaleIntercept, how.RescaleType = number + 0.5, -number, "US"
        frame.PixelValueTransformationSequence = [how]
    one.save_as(found[-1])
    found.append(folder / "table.dcm")
    one = pydicom.dcmread(found[0])
    table = pydicom.Dataset()
    table.add_new("LUTDescriptor", "US", [900, 0, 16])
    table.ModalityLUTType = "US"
    table.add_new("LUTData", "OW", np.arange(900, dtype="<u2").tobytes())
    one.ModalityLUTSequence = [table]
    one.save_as(found[-1])
    return found


def indexed_and_turned(folder: Path, picture: np.ndarray) -> list[Path]:
    """Pictures with a palette, of one bit, with alpha, and with a tag of their orientation."""
    exif = PIL.Image.Exif()
    exif[274] = 6
    indexed = PIL.Image.fromarray(picture % 3, mode="P")
    indexed.putpalette([0, 0, 0, 255, 255, 255, 255, 0, 0])
    bits = PIL.Image.fromarray(picture).convert("1")
    alpha = PIL.Image.fromarray(np.stack([picture] * 4, -1))
    made = {
        "turned.jpg": (PIL.Image.fromarray(picture), {"exif": exif}),
        "turned.png": (PIL.Image.fromarray(picture), {"exif": exif}),
        "indexed.png": (indexed, {}),
        "indexed.tif": (indexed, {"compression": "tiff_lzw"}),
        "bits.png": (bits, {}),
        "bits.tif": (bits, {"compression": "group4"}),
        "alpha.png": (alpha, {}),
    }
    for name, (one, options) in made.items():
        one.save(folder / name, **options)
    return [folder / name for name in made]


def broken(content: bytes, generator: np.random.Generator) -> bytes:
    """The same file as a bad disk, a stopped copy or an enemy may leave it."""
    changed = bytearray(content)
    kind = generator.integers(5)
    end = len(changed) if generator.random() < 0.5 else min(HEADER, len(changed))
    if kind == 0:
        for at in generator.integers(0, end, generator.integers(1, 9)):
            changed[at] ^= 1 << generator.integers(8)
    elif kind == 1:
        at, count = generator.integers(0, end), generator.integers(1, 17)
        changed[at : at + count] = generator.bytes(count)
    elif kind == 2:
        del changed[generator.integers(0, end) :]
    elif kind == 3:
        at = generator.integers(0, end)
        del changed[at : at + generator.integers(1, 17)]
    else:
        at = generator.integers(0, end)
        changed[at : at + 8] = generator.choice([b"\xff" * 8, b"\x7f" + b"\xff" * 7, b"\0" * 8])
    return bytes(changed)


def outcomes(count: int, folder: Path, seed: int = 0) -> Counter:
    """What came of `count` broken files: (name, "image" or "problem") -> how many."""
    generator, found = np.random.default_rng(seed), Counter()
    files = whole_files(folder)
    for number in range(count):
        path = files[number % len(files)]
        copy = folder / f"broken{''.join(path.suffixes)}"
        copy.write_bytes(broken(path.read_bytes(), generator))
        for read in (read_image, read_label):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    image, problem = read(copy), None
                except Problem as error:
                    problem = error
            if problem is None:
                assert image.rank in (2, 3)
                assert image.array.size
            else:
                assert problem.remedy
                assert str(copy) in str(problem.where)
            found[path.name, "problem" if problem else "image"] += 1
    return found


@pytest.mark.slow
def test_thousands_of_broken_files(tmp_path):
    found = outcomes(5000, tmp_path)
    assert sum(found.values()) == 10_000
    for path in whole_files(tmp_path):
        assert found[path.name, "problem"], path.name


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_header_that_claims_too_much_is_refused(tmp_path, suffix):
    path = tmp_path / f"scan{suffix}"
    header = nib.Nifti1Header()
    header.set_data_dtype(np.float64)
    header.set_data_shape((32767, 32767, 32767))
    content = header.binaryblock + b"\0" * 400
    if suffix == ".nii.gz":
        content = gzip.compress(content)
    path.write_bytes(content)
    with pytest.raises(Problem, match="claims"):
        read_image(path)


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_an_array_that_claims_too_much_is_refused(tmp_path, suffix):
    path = tmp_path / f"scan{suffix}"
    member = io.BytesIO()
    claim = {"descr": "<f8", "fortran_order": False, "shape": (90_000, 90_000, 90_000)}
    write_array_header_1_0(member, claim)
    if suffix == ".npy":
        path.write_bytes(member.getvalue() + bytes(800))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("image.npy", member.getvalue() + bytes(800))
    with pytest.raises(Problem, match=r"claims|map"):
        read_image(path)
