"""What is wrong with one case by itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import nibabel as nib
import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Case, Slab
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.label_facts import remedy_of_untagged
from keras_mia.data.image import SAME_GRID, Image, corner_distance, grid_difference
from keras_mia.data.io.formats import suffix_of
from keras_mia.data.io.image_io import read_image, read_label
from keras_mia.data.io.volumes import nifti_headers
from keras_mia.doctor.finding import Finding, finding

ROLES = {"image": "image", "label": "label map", "region": "region"}
OF_IMAGES = ("image", "target image")
"""Roles of files that hold intensities. A target image may lie on another grid."""
# From this share and this angle on, spacings and orientations are said to differ.
SPACING = 0.01
DEGREES = 1.0


def examine(
    case: Case, read: Callable[[Case], CaseFacts]
) -> tuple[list[Finding], CaseFacts | None]:
    """Reads a case and looks for what is wrong with it; never raises a `Problem`.

    Args:
        case: to look at.
        read: gives what training needs to know of the case.

    Returns:
        What was found, and what was read, None where the case cannot be used as it is.
    """
    try:
        facts = read(case)
    except Problem as problem:
        findings = [*_in_detail(case)]
        if not any(one.severity == "wrong" for one in findings):
            findings.append(
                finding("unusable case", case, problem.where, problem.what, remedy=problem.remedy)
            )
        return findings, None
    space = facts.stored_space
    return [one for _, file in _files(case) for one in _two_affines(case, file, space)], facts


def _files(case: Case) -> list[tuple[str, Path]]:
    """Role and path of each file of a case."""
    region = case.region.within if isinstance(case.region, Slab) else case.region
    files = [("image", path) for path in case.images]
    files += [("label", path) for path in case.label_files]
    files += [("target image", path) for path in case.target_image_files]
    return files + ([("region", region)] if region else [])


def _in_detail(case: Case) -> Iterator[Finding]:
    first: Image | None = None
    for role, path in _files(case):
        values = getattr(case.target, "read_as", None) if role == "label" else None
        try:
            image = read_image(path) if role in OF_IMAGES else read_label(path, first, values)
        except Problem as problem:
            yield finding("unreadable file", case, path, problem.what, remedy=problem.remedy)
            continue
        yield from _two_affines(case, path, image.space)
        yield from _not_numbers(case, path, image)
        if role == "region" and not image.array.any():
            yield finding("empty region", case, path, "No voxel of the region is set.")
        if first is None and role == "image":
            first = image
        elif first is not None and role in ROLES:
            yield from _other_grid(case, path, ROLES[role], first, image)


def _not_numbers(case: Case, path: Path, image: Image) -> Iterator[Finding]:
    nan, infinite = int(np.isnan(image.array).sum()), int(np.isinf(image.array).sum())
    if nan or infinite:
        counts = [f"{n} {name}" for n, name in ((nan, "NaN"), (infinite, "infinite")) if n]
        what = f"Of {image.array.size} values {' and '.join(counts)}."
        yield finding("not a number", case, path, what)


def _other_grid(case: Case, path: Path, role: str, image: Image, other: Image) -> Iterator[Finding]:
    difference = grid_difference(image, other)
    if difference is None:
        return
    reported = False
    if image.space != other.space:
        reported = True
        exchanged = sorted(image.space) == sorted(other.space) and image.rank == other.rank
        what = f"The image has {_sizes(image.space)} voxels, the {role} {_sizes(other.space)}"
        text = f"{what}{': its axes are in another order' * exchanged}."
        remedy = remedy_of_untagged(case, image, other)
        if exchanged and remedy is None:
            remedy = "Exchange its axes; look at one case beforehand, it may be mirrored as well."
        yield finding("other shape", case, path, text, remedy=remedy)
    if image.affine is not None and other.affine is not None:
        for kind, what in _other_affine(image.affine, other.affine, role):
            reported = True
            yield finding(kind, case, path, what)
    if not reported:
        yield finding("other position", case, path, f"Image and {role} have {difference}.")


def _other_affine(image: np.ndarray, other: np.ndarray, role: str) -> Iterator[tuple[str, str]]:
    sizes = [np.linalg.norm(affine[:3, :3], axis=0) for affine in (image, other)]
    if (np.abs(sizes[1] / sizes[0] - 1) > SPACING).any():
        texts = [" x ".join(f"{size:.4g}" for size in one) for one in sizes]
        yield "other spacing", f"The image's voxels are {texts[0]} mm, the {role}'s {texts[1]} mm."
    codes = ["".join(nib.aff2axcodes(affine)) for affine in (image, other)]
    directions = [a[:3, :3] / size for a, size in zip((image, other), sizes, strict=True)]
    cosines = np.clip((directions[0] * directions[1]).sum(axis=0), -1, 1)
    angle = float(np.degrees(np.arccos(cosines)).max())
    if codes[0] != codes[1]:
        yield "other orientation", f"The image lies in {codes[0]}, the {role} in {codes[1]}."
    elif angle > DEGREES:
        yield "other orientation", f"The {role} is turned by {angle:.3g} degrees."


def _two_affines(case: Case, path: Path, space: tuple[int, ...]) -> Iterator[Finding]:
    if (suffix_of(path) or "").lower() not in (".nii", ".nii.gz", ".hdr"):
        return
    try:
        sform, qform, same_code = nifti_headers.two_affines(path)
    except ValueError:
        yield finding("sform and qform", case, path, "The qform is no rotation.")
        return
    if sform is None or qform is None:
        return
    distance = corner_distance(sform, qform, space)
    if distance > SAME_GRID * np.linalg.norm(sform[:3, :3], axis=0).min():
        what = f"sform and qform place its corners up to {distance:.3g} mm apart"
        more = "" if same_code else "; their codes name two spaces, so both may be right"
        yield finding("sform and qform", case, path, f"{what}{more}.", wrong=same_code)


def _sizes(space: tuple[int, ...]) -> str:
    return " x ".join(map(str, space))
