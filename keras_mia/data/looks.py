"""What images that are answered as a whole look like, found by reading each once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.cases import Case
from keras_mia.data.fingerprint import each, ras
from keras_mia.data.likeness import digest

SAMPLE = 4096


@dataclass(frozen=True, eq=False)
class Look:
    """What planning needs to know of one image.

    Args:
        name: of the case.
        space: voxels an axis; volumes with an affine in RAS order.
        spacing: mm an axis in the same order; None where the file does not say.
        channels: how many.
        dtype: as stored.
        low: smallest intensity a channel.
        high: largest intensity a channel.
        integer: whether all intensities are whole numbers.
        modality: "CT", "MR", ... where the file says so.
        sample: `(n, channels)` float32, up to 4,096 intensities in even steps.
        digest: equal in images of equal content.
    """

    name: str
    space: tuple[int, ...]
    spacing: tuple[float, ...] | None
    channels: int
    dtype: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    integer: bool
    modality: str | None
    sample: np.ndarray
    digest: str

    @property
    def rank(self) -> int:
        """2 for a picture, 3 for a volume."""
        return len(self.space)


def look(case: Case) -> Look:
    """Reads an image.

    Raises:
        Problem: it cannot be read, or holds values that are not numbers.
    """
    image = case.image()
    array = image.array
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise Problem(
            "The image holds values that are not numbers (NaN or infinity).",
            ", ".join(map(str, case.images)),
            "Replace them, for instance by 0, or leave the case out.",
        )
    turn = ras(image)
    flat = array.reshape(-1, array.shape[-1])
    some = flat[:: -(-len(flat) // SAMPLE)].astype(np.float32)
    return Look(
        name=case.name,
        space=turn.permute(image.space),
        spacing=None if image.affine is None else turn.permute(image.spacing),
        channels=array.shape[-1],
        dtype=str(array.dtype),
        low=tuple(map(float, flat.min(axis=0))),
        high=tuple(map(float, flat.max(axis=0))),
        integer=bool(np.array_equal(some, np.round(some))),
        modality=image.modality,
        sample=some,
        digest=digest(image.space, array),
    )


def looks(cases: Sequence[Case]) -> list[Look]:
    """A look at every case, in their order, by a few threads.

    Raises:
        Problem: names all that cannot be read.
    """
    return each(look, cases, "reading cases")


def twins(cases: Sequence[Case], found: Sequence[Look]) -> list[str]:
    """Sentences on equal images: on two sides of the split, and with different answers."""
    first: dict[str, Case] = {}
    sides, answers = [], []
    for case, one in zip(cases, found, strict=True):
        other = first.setdefault(one.digest, case)
        if other is case:
            continue
        if other.split != case.split:
            sides.append(f"{other.name} ({other.split}) and {case.name} ({case.split})")
        if other.target != case.target:
            answers.append(f"{other.name} ({other.target}) and {case.name} ({case.target})")
    said = []
    for what, pairs in (
        ("The same image is on two sides of the split", sides),
        ("The same image has different answers", answers),
    ):
        if pairs:
            more = f", and {len(pairs) - 3} more" if len(pairs) > 3 else ""
            said.append(f"{what} ({len(pairs)}): {'; '.join(pairs[:3])}{more}.")
    return said
