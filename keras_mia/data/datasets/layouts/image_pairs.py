"""Images beside those that are to be made of them: in two folders, or two of each patient."""

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, natural_key, plural
from keras_mia.data.datasets.case_target import ImageFile
from keras_mia.data.datasets.cases import IMAGE, Case, Cases, Incomplete
from keras_mia.data.datasets.files.image_paths import entries
from keras_mia.data.datasets.files.pairing import Match, match, numbers_of, whole_stem
from keras_mia.data.datasets.files.series import choose_series, names_of_series
from keras_mia.data.datasets.layouts.image_roles import (
    NAMELESS,
    WORDS,
    Find,
    Placed,
    bare,
    direction,
    display_name,
    finder,
    kind_of_scan,
    placed,
    rank,
)
from keras_mia.data.datasets.layouts.layout import FolderChoices
from keras_mia.data.datasets.layouts.plain_images import images_below
from keras_mia.data.datasets.layouts.split_folders import with_split_of_folders
from keras_mia.data.datasets.layouts.unused_files import is_label_map
from keras_mia.data.datasets.target_forms.paired_images import hint_of_pairs
from keras_mia.data.io.formats import stem_of

FIRST = 5
"""Files of each side that are named where names do not match."""


def read_image_pairs(folder: Path, choices: FolderChoices) -> Cases | None:
    """The cases of a folder with pairs of images, or None if it holds none that names tell.

    Understood are two folders (`A` and `B`, `input` and `target`, `MR` and `CT`, ...) with files
    named alike, two files side by side (`p1_noisy`, `p1_clean`; `p1/mr`, `p1/ct`), and two series
    of each patient, as names or headers tell; `train`, `val` and `test` may be folders above or
    below.

    Args:
        folder: to look in and below.
        choices: of the user: of series, of kinds, or other names, the last is the target.

    Raises:
        Problem: names do not tell which is made from which, or which belong together.
    """
    chosen = choices.series or choices.unpaired
    if chosen and (len(chosen) == 1 or len({*map(str.lower, chosen)}) < len(chosen)):
        raise Problem(
            "Of a pair two are named, the image and the one to be made of it.",
            f"--series {' '.join(chosen)}",
            "Say --series SOURCE TARGET.",
        )
    problem: Problem | None = None
    cases: Cases | None = None
    try:
        cases = _by_names(folder, chosen, by_user=bool(chosen))
    except Problem as error:
        problem = error
    if cases is not None and not cases.incomplete:
        return cases
    with contextlib.suppress(Problem):
        of_series = _by_series(folder, chosen)
        if of_series is not None and len(of_series) > (len(cases) if cases else 0):
            return of_series
    if problem is not None:
        raise problem
    if cases is None and (names := _common_names(folder)):
        return _by_names(folder, names, by_user=False)
    return cases


@dataclass(frozen=True)
class _Roles:
    """Which images are made into which: a role a channel, and that of what is to be made."""

    sources: tuple[str, ...]
    target: str

    def note(self, by_user: bool) -> str:
        """How it was decided, in a sentence."""
        source, target = listing([*map(display_name, self.sources)]), display_name(self.target)
        if by_user:
            return f"From {source} to {target}, as the options say."
        return f"From {source} to {target} (the other way round: --series {target} {source})."


@dataclass(frozen=True)
class _Part:
    """The pairs of one part of the split."""

    cases: tuple[Case, ...]
    notes: tuple[str, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()


def _common_names(folder: Path) -> tuple[str, ...]:
    """The names of the two images that each of several folders holds, whatever they are."""
    names: dict[Path, list[str]] = {}
    for path in entries(folder):
        names.setdefault(path.parent, []).append(stem_of(path))
    sets = {tuple(sorted(one, key=natural_key)) for one in names.values()}
    common = sets.pop() if len(sets) == 1 and len(names) > 1 else ()
    return common if len(common) == 2 else ()


def _by_names(folder: Path, chosen: Sequence[str], *, by_user: bool) -> Cases | None:
    """Two folders, or two files side by side."""
    find = finder(chosen)
    paths = entries(folder)
    units = [unit for path in paths if (unit := placed(path, folder, find)) is not None]
    named = {unit.path for unit in units}
    others = [path for path in paths if path not in named and not is_label_map(path, folder)]
    if not chosen and len(units) < len(others):
        return None
    roles, units = _roles(units, chosen, folder)
    if roles is None:
        return None
    wanted = (*roles.sources, roles.target)
    left = [unit for unit in units if unit.role not in wanted]
    parts = [
        _pairs(part, split, roles, folder, find)
        for split, part in _by_split(unit for unit in units if unit.role in wanted).items()
    ]
    notes = [roles.note(by_user), *(note for part in parts for note in part.notes)]
    if left:
        counts = Counter(unit.role for unit in left)
        others_text = ", ".join(f"{display_name(name)} ({n})" for name, n in sorted(counts.items()))
        notes.append(f"Images of other kinds are left out: {others_text}.")
    return Cases(
        tuple(case for part in parts for case in part.cases),
        str(folder),
        tuple(dict.fromkeys(notes)),
        incomplete=tuple(one for part in parts for one in part.incomplete),
        unchosen=tuple(unit.path for unit in left),
    )


def _roles(
    units: list[Placed], chosen: Sequence[str], folder: Path
) -> tuple[_Roles | None, list[Placed]]:
    """The roles, None where names tell less than two, and the images with spellings made alike."""
    there = {unit.role for unit in units}
    if chosen:
        lacking = [name for name in chosen if name not in there]
        if lacking:
            remedy = "Name two kinds of images that there are: --series SOURCE TARGET."
            raise Problem(f"No image is called {listing(lacking)}.", folder, remedy)
        return _Roles(tuple(chosen[:-1]), chosen[-1]), units
    if len(there) < 2:
        return None, units
    kinds = direction(there)
    if kinds is None:
        raise _several(there, folder)
    if len(there) > 2 and kinds[0] not in WORDS:
        units = [replace(unit, role=kind_of_scan(unit.role)) for unit in units]
        if len({(unit.role, unit.split, unit.key) for unit in units}) < len(units):
            raise _several(there, folder)
    return _Roles(kinds[:1], kinds[1]), units


def _several(names: Collection[str], folder: Path) -> Problem:
    ordered = [display_name(name) for name in sorted(names, key=rank)]
    return Problem(
        f"There are images of {listing(ordered)}; names do not tell which is made from which.",
        folder,
        f"Say --series SOURCE TARGET, such as --series {ordered[0]} {ordered[1]}.",
    )


def _by_split(units: Iterable[Placed]) -> dict[str | None, list[Placed]]:
    """The images of each part of the split; all together where it is not told of each."""
    parts: dict[str | None, list[Placed]] = {}
    for unit in units:
        parts.setdefault(unit.split, []).append(unit)
    if None in parts or len(parts) == 1:
        return {None: [unit for part in parts.values() for unit in part]}
    return parts


def _pairs(
    units: Sequence[Placed], split: str | None, roles: _Roles, folder: Path, find: Find
) -> _Part:
    by_role = {
        role: [unit for unit in units if unit.role == role]
        for role in (*roles.sources, roles.target)
    }
    images = by_role[roles.sources[0]]
    if split == "test" and not by_role[roles.target]:
        return _Part((), (f"Test images without a target are left out ({len(images)}).",))
    cases: list[Case] = []
    notes: list[str] = []
    incomplete: list[Incomplete] = []
    partners: dict[Path, list[Path]] = {unit.key: [] for unit in images}
    for role in (*roles.sources[1:], roles.target):
        made, rule = _matched(images, by_role[role], folder, find)
        paths = {unit.key: unit.path for unit in by_role[role]}
        for image, other in made.pairs:
            if other is not None:
                partners[image].append(paths[other])
        alone = {image for image, other in made.pairs if other is None}
        without = [unit.path for unit in images if unit.key in alone]
        left = [paths[key] for key in made.left]
        notes += [rule.note] if rule.note else []
        incomplete += _unmatched(roles.sources[0], without, role, left, folder)
    for unit in images:
        files = (unit.path, *partners[unit.key])
        if len(files) == len(roles.sources) + 1:
            named = unit.key.parent != folder and (rule.by_folder or unit.key.name == NAMELESS)
            name = unit.key.parent.name if named else unit.key.name
            cases.append(Case(name, {IMAGE: files[:-1]}, ImageFile(files[-1]), "", split))
    incomplete += _same_file([case for case in cases if _is_same(case)])
    kept = tuple(case for case in cases if not _is_same(case))
    return _Part(kept, tuple(notes), tuple(incomplete))


@dataclass(frozen=True)
class _Rule:
    """What images have in common that belong together; a note where it is not their name."""

    common: Callable[[Path], str]
    note: str = ""
    by_folder: bool = False


def _rules(find: Find) -> tuple[_Rule, ...]:
    """The surest first."""
    without_role = bare(find)
    return (
        _Rule(whole_stem),
        _Rule(without_role),
        _Rule(
            lambda key: numbers_of(without_role(key)),
            "Images are paired by the numbers in their names.",
        ),
        _Rule(lambda key: NAMELESS, "Images are paired by their folders.", by_folder=True),
    )


def _matched(
    images: Sequence[Placed], others: Sequence[Placed], folder: Path, find: Find
) -> tuple[Match, _Rule]:
    """Which of others belongs to which image, by the first rule that is complete, or the best."""
    best: tuple[Match, _Rule] | None = None
    keys = [unit.key for unit in images], [unit.key for unit in others]
    for rule in _rules(find):
        made = match(keys[0], folder, keys[1], folder, rule.common)
        if made is not None and (best is None or made.count > best[0].count):
            best = made, rule
        if best is not None and best[0].count == len(images):
            break
    if best is None:
        files = [unit.path.relative_to(folder) for unit in (*images[:2], *others[:2])]
        raise Problem(
            f"Several images have one name, so that it is not clear which belong together, such as"
            f" {listing(files)}.",
            folder,
            hint_of_pairs(folder),
        )
    return best


def _unmatched(
    source: str, without: Sequence[Path], target: str, left: Sequence[Path], folder: Path
) -> Iterator[Incomplete]:
    """What names do not match, with the first of each side."""
    if not (without or left):
        return
    lacking = []
    for one, files, other in ((source, without, target), (target, left, source)):
        if files:
            names = listing([file.relative_to(folder).as_posix() for file in files], FIRST)
            count = f"{plural(len(files), 'image')} of {display_name(one)}"
            lacking.append(f"{count} with no partner in {display_name(other)} ({names})")
    yield Incomplete(
        f"Names do not match: {', and '.join(lacking)}.",
        (*without, *left),
        "Name the files of a pair alike, or take away those without a partner.",
    )


def _same_file(cases: Sequence[Case]) -> Iterator[Incomplete]:
    if cases:
        yield Incomplete(
            f"{plural(len(cases), 'image')} that are their own target, by a link.",
            tuple(case.images[0] for case in cases),
            "Put the images that are to be made of them there.",
            "image as target",
        )


def _is_same(case: Case) -> bool:
    files = [file for file in case.target_image_files if file.exists()]
    return any(path.samefile(file) for path in case.images if path.exists() for file in files)


def _by_series(folder: Path, chosen: Sequence[str]) -> Cases | None:
    """Two series of each patient, as names or headers call them."""
    groups = images_below(folder, structures=False)
    by_user = bool(chosen)
    if not chosen:
        names = [names_of_series(one) for one in groups]
        kinds = direction(name for one in names for name in one)
        if kinds is None or any(len({*map(kind_of_scan, one)}) < len(one) for one in names):
            return None
        chosen = kinds
    taken = choose_series(groups, chosen, folder)
    roles = _Roles(tuple(chosen[:-1]), chosen[-1])
    cases = [
        Case(one.name, {IMAGE: images[:-1]}, ImageFile(images[-1]), "")
        for one, images in zip(taken.groups, taken.images, strict=True)
    ]
    return Cases(
        with_split_of_folders(cases, folder),
        str(folder),
        (roles.note(by_user), *taken.notes),
        incomplete=taken.incomplete,
        unchosen=taken.unchosen,
    )
