"""Reads each case of a data set once, and keeps what was found with the cases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from keras_mia.core.parallel import map_cases
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.finite import finite_range
from keras_mia.data.fingerprint.label_facts import read_label_facts
from keras_mia.data.fingerprint.sampling import DIGEST_SAMPLE, SAMPLE, sample_voxels
from keras_mia.data.fingerprint.similarity import digest, thumbnail
from keras_mia.data.fingerprint.target_image_facts import read_target_image_facts
from keras_mia.data.geometry.nonzero_box import nonzero_box
from keras_mia.data.geometry.orientation import tilt
from keras_mia.data.image import ras_orientation
from keras_mia.data.io.pictures.channels import is_grey


class Fingerprint(Mapping[Case, CaseFacts]):
    """The facts of cases, by what is read: name, patient and part of the split do not matter.

    Args:
        surveyed: cases with their facts.
    """

    def __init__(self, surveyed: Iterable[tuple[Case, CaseFacts]] = ()):
        self._facts = {_as_read(case): facts for case, facts in surveyed}

    def __getitem__(self, case: Case) -> CaseFacts:
        return self._facts[_as_read(case)]

    def __iter__(self) -> Iterator[Case]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def _as_read(case: Case) -> Case:
    return replace(case, name="", patient="", split=None)


def survey(
    cases: Cases,
    some: Sequence[Case] | None = None,
    *,
    thumbnails: bool = False,
    doing: str = "reading cases",
) -> Cases:
    """The same cases with facts of each, or of some, in `facts`, read by a few threads; what is
    there is not read again.

    Args:
        cases: to read; label values of its `ranges` are counted as one.
        some: those of them to read; None is all.
        thumbnails: whether to keep what pictures look like from afar.
        doing: the label of the progress bar.

    Returns:
        `cases` itself where there was nothing to read.

    Raises:
        Problem: names all cases that are wrong, the first ten of them with what is wrong.

    Example:
        >>> from keras_mia.data import read_cases
        >>> cases = survey(read_cases("sample:digits"))
        >>> cases.facts[cases[0]].space
        (64, 64)
    """
    new = [case for case in (cases if some is None else some) if case not in cases.facts]
    if not new:
        return cases
    facts = map_cases(partial(read_facts, thumbnails=thumbnails), new, doing)
    merged = [one.merged(cases.ranges) for one in facts]
    fingerprint = Fingerprint([*cases.facts.items(), *zip(new, merged, strict=True)])
    return replace(cases, facts=fingerprint)


def read_facts(case: Case, *, thumbnails: bool = False) -> CaseFacts:
    """Reads and checks a case.

    Args:
        case: to read.
        thumbnails: whether to keep what pictures look like from afar.

    Raises:
        Problem: it cannot be read; image and label map do not lie on one grid, or image or target
            image hold NaN or infinity.
    """
    image = case.image()
    array = image.array
    low, high = finite_range(image, case.images)
    orientation = ras_orientation(image)
    space = orientation.permute(image.space)
    nonzero = space
    if image.rank == 3:
        box = nonzero_box(orientation.apply(array))
        nonzero = tuple(stop - start for start, stop in box)
    content = sample_voxels(array, DIGEST_SAMPLE).astype(np.float32)
    whole = array.dtype.kind in "iu"
    return CaseFacts(
        name=case.name,
        space=space,
        nonzero_space=nonzero,
        spacing=image.spacing_mm and orientation.permute(image.spacing_mm),
        axes=orientation.axes,
        channels=array.shape[-1],
        dtype=str(array.dtype),
        low=low,
        high=high,
        integer=whole or bool(np.array_equal(content, np.round(content))),
        modality=image.modality,
        sample=sample_voxels(array, SAMPLE),
        digest=digest(image.space, content),
        tilt_deg=0.0 if image.affine is None else tilt(image.affine, orientation),
        thumbnail=thumbnail(image) if thumbnails else None,
        colours=image.colours,
        grey=is_grey(array),
        image_remarks=image.remarks,
        label=read_label_facts(case, image) if case.label_files else None,
        target_image=read_target_image_facts(case, image) if case.target_image_files else None,
    )


def content(facts: CaseFacts, *, keep: Sequence[int] | None = None) -> tuple[float | str, ...]:
    """What folds are balanced by: how much foreground there is, and which label values.

    Args:
        facts: of a case with a label map.
        keep: the label values that count; None is all.

    Returns:
        The share of the voxels that hold foreground, and the values that are there.
    """
    values = facts.values
    total = max(1, sum(values.values()))
    background = min(values, default=0)
    counted = {value: count for value, count in values.items() if keep is None or value in keep}
    share = sum(count for value, count in counted.items() if value != background) / total
    return (share, *map(str, sorted(counted)))
