"""Who the patient of each case is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.case_names import relative
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.files.image_paths import slices_in
from keras_mia.data.io.dicom.images import is_dicom, same_patient
from keras_mia.data.io.virtual_paths import source_of

PATIENTS = "Patients:"
"""What a note on the patients begins with."""
FEW_FILES = 20
BIDS = re.compile(r"(?:^|[/_])(sub-[A-Za-z0-9]+)")
NUMBERED = re.compile(
    r"(?i)(?<![a-z0-9])(patient|subject|subj|person|pat|pt|case|sub|id|p)([-_ ]?)\d+"
)
SIDED = re.compile(r"(?i)(?<!\d)(\d+)([-_ ]?)(left|right|od|os|l|r)(?![a-z0-9])")
PARTED = re.compile(
    r"(?i)([^/]*\d[^/]*?)[-_ .]+"
    r"(slice|frame|image|view|tile|patch|img|im|sl|cut|visit|scan|z|t|s|f|v)[-_ ]?\d+(?![a-z0-9])"
)
LIKELY = (
    r"([^/]*\d[^/]*?)[-_ ][(]?\d+[)]?\.[^/]+$",
    r"([^/]*\d{2}[^/]*)/[^/]+$",
)
"""Further expressions by which names often tell the patient, the surest first."""


def with_patients(
    cases: Sequence[Case],
    root: Path,
    pattern: str | None = None,
    source: str = "the data",
    consequence: str = "who would then be on both sides of the split",
) -> tuple[list[Case], list[str]]:
    """The cases with their patients, and in sentences where these come from.

    Args:
        cases: those of which all have a patient keep them, unless there is a pattern.
        root: paths are relative to it.
        pattern: a regular expression that finds the patient in a path: its first group, or the
            whole match. By default BIDS' `sub-XX`, or whom DICOM headers tell apart, or each file
            is a patient.
        source: of the patients that cases have already, for the sentence.
        consequence: what comes of it where several files are of one patient and count as several.

    Returns:
        The cases, and notes. Where each file is a patient by itself and names look as if several
        were of one, the last note has the pattern that would find them.

    Raises:
        Problem: the pattern is wrong, or does not match all paths.
    """
    if pattern is not None:
        return _by_pattern(cases, root, pattern)
    if all(case.patient for case in cases):
        return list(cases), [f"{PATIENTS} {number(cases)}, from {source}."]
    subjects = {case.name: BIDS.findall(relative(case, root)) for case in cases}
    if any(subjects.values()):
        named = [
            replace(case, patient=subjects[case.name][-1] if subjects[case.name] else case.name)
            for case in cases
        ]
        return named, [f"{PATIENTS} {number(named)}, from sub-XX in the paths (BIDS)."]
    named = _by_headers(cases)
    if named:
        how = "as the DICOM headers tell them apart (else give --patient)"
        return named, [f"{PATIENTS} {number(named)}, {how}."]
    named = [replace(case, patient=case.name) for case in cases]
    note = f"{PATIENTS} each file is taken as a patient of its own (else give --patient)."
    likely = likely_pattern([relative(case, root) for case in cases])
    if likely is None:
        return named, [note]
    many = number(_by_pattern(cases, root, likely)[0])
    return named, [
        f"{note} The names look as if several files were of one patient, {consequence}:"
        f" --patient '{likely}' finds {many} patients in {len(cases)} files."
    ]


def _by_headers(cases: Sequence[Case]) -> list[Case]:
    """DICOM images with their patient, who is called as the first of his or her cases; none where
    some image is no DICOM, or all are of one patient, as files without names often say."""
    first: dict[bytes, str] = {}
    named = []
    for case in cases:
        path = source_of(case.images[0])
        files = slices_in(path) if path.is_dir() else [path] if is_dicom(path) else []
        if not files:
            return []
        key = same_patient(files[0]) or case.name.encode()
        named.append(replace(case, patient=first.setdefault(key, case.name)))
    return named if len(first) > 1 else []


def number(cases: Sequence[Case]) -> int:
    """How many patients there are."""
    return len({case.patient for case in cases})


def likely_pattern(paths: Sequence[str]) -> str | None:
    """The expression that finds a patient in each path, and fewer patients than there are files.

    Example:
        >>> likely_pattern(["p01_slice_1.png", "p01_slice_2.png", "p02_slice_1.png"])
        'p\\\\d+'
        >>> likely_pattern(["01L.jpg", "01R.jpg", "02L.jpg", "02R.jpg"])
        '(\\\\d+)[LR]'
        >>> likely_pattern(["1.png", "2.png"])
    """
    least = 2 if len(paths) <= FEW_FILES else 3  # two parts of many files are sites, or parts
    patterns = (one for one in _candidates(paths) if least <= _keys(one, paths) < len(paths))
    return next(patterns, None)


def _candidates(paths: Sequence[str]) -> Iterator[str]:
    numbered = [NUMBERED.search(path) for path in paths]
    prefixes = {(match[1], match[2]) for match in numbered if match}
    if len(prefixes) == 1:
        short = f"{''.join(prefixes.pop())}\\d+"
        if all(
            match and _first(short, path) == match[0]
            for match, path in zip(numbered, paths, strict=True)
        ):
            yield short
    if all(numbered):
        yield NUMBERED.pattern.replace("(patient", "(?:patient").replace("([-_ ]?)", "[-_ ]?")
    sided = [SIDED.search(path) for path in paths]
    endings = sorted({match[3] for match in sided if match})
    if all(sided) and len(endings) > 1:
        letters = all(len(ending) == 1 for ending in endings)
        between = "[-_ ]?" if any(match and match[2] for match in sided) else ""
        yield rf"(\d+){between}" + (
            f"[{''.join(endings)}]" if letters else f"(?:{'|'.join(endings)})"
        )
    parted = {match[2] for match in map(PARTED.search, paths) if match}
    if parted:
        yield rf"([^/]*\d[^/]*?)[-_ .]+(?:{'|'.join(sorted(parted))})[-_ ]?\d+"
    yield from LIKELY


def _first(pattern: str, path: str) -> str | None:
    match = re.search(pattern, path)
    return match and match[0]


def _keys(pattern: str, paths: Sequence[str]) -> int:
    """How many patients an expression finds; 0 where it does not match all paths."""
    regex = re.compile(pattern)
    matches = [regex.search(path) for path in paths]
    return len({match[regex.groups] for match in matches if match}) if all(matches) else 0


def _by_pattern(cases: Sequence[Case], root: Path, pattern: str) -> tuple[list[Case], list[str]]:
    try:
        regex = re.compile(pattern)
    except re.error as error:
        raise Problem(
            f"The regular expression is wrong: {error}.",
            f"--patient {pattern}",
            "Write one that finds the patient, such as 'p[0-9]+'.",
        ) from error
    named, without = [], []
    for case in cases:
        match = regex.search(relative(case, root))
        key = match and (match[1] if regex.groups else match[0])
        if not key:
            without.append(relative(case, root))
        named.append(replace(case, patient=key or ""))
    if without:
        likely = likely_pattern([relative(case, root) for case in cases])
        raise Problem(
            f"{len(without)} of {len(cases)} paths do not tell their patient by '{pattern}'.",
            listing(without),
            f"Give --patient '{likely}'." if likely else "Give one that matches all of them.",
        )
    return named, [f"{PATIENTS} {number(named)}, by '{pattern}'."]
