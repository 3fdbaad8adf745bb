"""Which series of a patient's scans are taken: one, or several as channels."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, natural_key, plural
from keras_mia.data.datasets.cases import Incomplete
from keras_mia.data.datasets.files.dicom_series import series_together
from keras_mia.data.datasets.files.image_groups import ImageGroup
from keras_mia.data.datasets.files.naming import SERIES, named, tokens
from keras_mia.data.image import grid_difference
from keras_mia.data.io.dicom.images import study_of
from keras_mia.data.io.formats import stem_of
from keras_mia.data.io.image_io import read_image
from keras_mia.data.io.virtual_paths import file_of_series, source_of

OPTION = "--series"
CHANNELS = "The series of a patient are the channels of one image"


@dataclass(frozen=True)
class SeriesChoice:
    """What is taken of each image's series.

    Args:
        groups: the images, with the series that are taken, in order.
        images: the files of each.
        notes: what was taken and left out, in sentences.
        incomplete: images that lack a series that was chosen.
        unchosen: the files of the series that are left out, which `notes` tell of.
    """

    groups: tuple[ImageGroup, ...]
    images: tuple[tuple[Path, ...], ...]
    notes: tuple[str, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()
    unchosen: tuple[Path, ...] = ()


def choose_series(groups: Sequence[ImageGroup], chosen: Sequence[str], root: Path) -> SeriesChoice:
    """The series that were chosen; without a choice all as channels, if they lie on one grid.

    Raises:
        Problem: nothing was chosen, and patients have several series that are no channels.
    """
    if chosen:
        return _chosen(groups, chosen)
    if all(len(one.series) == 1 for one in groups):
        return SeriesChoice(tuple(groups), tuple(one.images for one in groups))
    sets = Counter(tuple(sorted(one.series, key=natural_key)) for one in groups)
    usual = max(sets, key=lambda names: (sets[names], len(names)))
    first = next(one for one in groups if tuple(sorted(one.series, key=natural_key)) == usual)
    why = f"{len(groups) - sets[usual]} of {len(groups)} have others" if len(sets) > 1 else ""
    why = why or _grid_conflict(first)
    if why:
        raise Problem(
            f"There are several series of a patient, {listing(usual)}, and they cannot be channels"
            f" of one image: {why}.",
            root,
            f"Say which to take, for instance {OPTION} {usual[0] or stem_of(first.images[0])}.",
        )
    note = f"{CHANNELS}: {listing(usual)} ({OPTION} chooses)."
    return SeriesChoice(tuple(groups), tuple(one.images for one in groups), (note,))


def choose_trained_series(
    groups: Sequence[ImageGroup],
    chosen: Sequence[str],
    channels: int,
    trained: Sequence[str],
    root: Path,
) -> SeriesChoice:
    """For new images: the series that were chosen, or those that the network was trained on.

    Args:
        groups: the images.
        chosen: the user's choice; empty where there is none.
        channels: how many files the network takes of an image.
        trained: what the series were called that it was trained on; "" where names did not tell.
        root: for messages.

    Raises:
        Problem: a patient has several series, and it is not clear which to take.
    """
    if chosen and len(chosen) != channels:
        raise Problem(
            f"The network takes {plural(channels, 'file')} an image, not {len(chosen)}.",
            f"{OPTION} {' '.join(chosen)}",
            f"Name {channels}.",
        )
    if chosen:
        return _chosen(groups, chosen)
    together = any(series_together(path) for one in groups for path in one.images)
    if all(len(one.series) == 1 for one in groups) and not (together and all(trained)):
        return SeriesChoice(
            tuple(groups), tuple(one.images for one in groups), _otherwise(groups, trained)
        )
    if all(trained):
        made = _chosen(groups, trained)
        return replace(made, notes=(*made.notes, "These series were trained on."))
    if all(len(one.series) == channels for one in groups):
        common = listing(sorted(groups[0].series, key=natural_key))
        note = f"{CHANNELS}: {common}."
        return SeriesChoice(tuple(groups), tuple(one.images for one in groups), (note,))
    first = next(one for one in groups if len(one.series) > 1)
    names = sorted(first.series, key=natural_key)
    raise Problem(
        f"There are several series of a patient, {listing(names)}; the network takes"
        f" {plural(channels, 'file')} an image.",
        root,
        f"Say which to take, for instance {OPTION} {' '.join(names[:channels])}.",
    )


def _otherwise(groups: Sequence[ImageGroup], trained: Sequence[str]) -> tuple[str, ...]:
    """A warning where the only series that there is was not trained on."""
    other = Counter(name for one in groups for name in one.series if name)
    for name in trained:
        other.pop(name, None)
    if not all(trained) or not other:
        return ()
    names = ", ".join(f"{name} ({n})" for name, n in other.items())
    return (f"Warning: the network was trained on {listing(trained)}, images are named {names}.",)


def series_name(path: Path) -> str:
    """What the series of a file or folder is called, as its name tells; "" where it does not.

    Of a series of several in one folder its description tells.
    """
    if file := file_of_series(path):
        return study_of(file)[1].lower()
    return named(stem_of(path)).series or named(path.parent.name).series


def _chosen(groups: Sequence[ImageGroup], chosen: Sequence[str]) -> SeriesChoice:
    kept, images, without = [], [], []
    unchosen: list[Path] = []
    left: Counter[str] = Counter()
    for one in groups:
        picked = [_pick(one, name) for name in chosen]
        taken = tuple(path for path in picked if path is not None)
        if len(taken) < len(picked):
            without.append(one.images[0])
            continue
        kept.append(one)
        images.append(taken)
        used = {source_of(path) for path in taken}
        others = {name: path for name, path in one.series.items() if path not in used}
        left.update(list(others))
        unchosen += others.values()
    note = f"Taken of each patient's series: {listing(chosen)}"
    counts = ", ".join(f"{name} ({left[name]})" for name in sorted(left, key=natural_key))
    notes = (f"{note}; left out: {counts}." if counts else f"{note}.",)
    lacking = f"{plural(len(without), 'image')} of no series {' or '.join(chosen)}, or of several."
    names = listing(
        sorted({name for one in groups for name in names_of_series(one)}, key=natural_key)
    )
    there = f" There are {names}." if names else ""
    remedy = f"Choose a series that all have with {OPTION}, add it, or take the files away.{there}"
    incomplete = (Incomplete(lacking, tuple(without), remedy),) if without else ()
    return SeriesChoice(tuple(kept), tuple(images), notes, incomplete, tuple(unchosen))


def names_of_series(one: ImageGroup) -> list[str]:
    """What the series of an image are called, those that lie in one folder too.

    Args:
        one: the image.
    """
    return [
        name
        for series, path in one.series.items()
        for name in ([called for called, _ in series_together(path)] or [series])
        if name
    ]


def _pick(one: ImageGroup, name: str) -> Path | None:
    """The series of an image that a name means; of several in one folder by their headers."""

    def fits(called: str) -> bool:
        return any(rule(name.lower(), called) for rule in RULES)

    matches: list[tuple[str, Path]] = []
    for series, path in one.series.items():
        together = series_together(path)
        inner = [(called, file) for called, file in together if fits(called)]
        if inner or (together and not fits(path.name)):
            matches += inner
        else:
            matches += [(called, path) for called in {series, stem_of(path)} if fits(called)]
    for rule in RULES:
        fitting = {path for called, path in matches if rule(name.lower(), called)}
        if fitting:
            return fitting.pop() if len(fitting) == 1 else None
    return None


def is_variant(wanted: str, called: str) -> bool:
    """Whether a word begins with the kind of series that is wanted, and names no other kind after
    it.

    Args:
        wanted: the kind, in small letters.
        called: what a series is called.

    Example:
        >>> is_variant("t2", "37830-T2reg-78532"), is_variant("t2", "p1_T2flair")
        (True, False)
    """
    return any(
        SERIES.fullmatch(word)
        and word.startswith(wanted)
        and not SERIES.fullmatch(word.removeprefix(wanted))
        for word in tokens(called)
    )


RULES: tuple[Callable[[str, str], bool], ...] = (
    lambda wanted, called: wanted == called.lower(),
    lambda wanted, called: wanted in tokens(called),
    is_variant,
)
"""What a name of the user, in small letters, may have to do with what a series is called; the first
that holds for any series of an image counts."""


def _grid_conflict(one: ImageGroup) -> str:
    """Why the series of an image cannot be its channels; "" where they can."""
    images = [read_image(path) for path in one.images]
    for path, image in zip(one.images[1:], images[1:], strict=True):
        difference = grid_difference(images[0], image)
        if difference:
            return f"{one.images[0].name} and {path.name} have {difference}"
    return ""
