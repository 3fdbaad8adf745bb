"""Images that a trained network is applied to, and what became of them."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from keras_mia.cli.reading import print_notes
from keras_mia.cli.runs import files_a_case, series_of_run
from keras_mia.core.files.folders import check_folder
from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.datasets.inputs import read_inputs
from keras_mia.data.io.virtual_paths import source_of

MOST_REMEDIES = 3
"""How many different remedies are named at the end of a prediction."""


def image_cases(
    source: str, folders: Sequence[Path], series: Sequence[str], *, structures: bool
) -> Cases:
    """The images of `--data`, with as many files each as the runs were trained with.

    Args:
        source: as the user names it.
        folders: of the runs.
        series: which of a patient's series the user chooses; none: those of training.
        structures: whether files named as an image and a structure are label maps, as in training.
    """
    cases = read_inputs(
        source,
        channels=files_a_case(folders[0]),
        series=series,
        trained=series_of_run(folders[0]),
        structures=structures,
    )
    print_notes(cases)
    if len(folders) > 1:
        print(f"  {len(folders)} runs averaged.")
    return cases


def check_output(
    output: Path, cases: Sequence[Case], files: Callable[[Case], Sequence[str]], overwrite: bool
) -> None:
    """Sees to it that no image is overwritten, no file twice, nor, unless it was said, another one.

    Args:
        output: the folder to write to.
        cases: whose images are read.
        files: the names of what is written of a case.
        overwrite: whether files there may be replaced.

    Raises:
        Problem: the output is not a folder, or is the one of the images, or holds such files; or
            two images would be written to one file.
    """
    images = [source_of(image) for case in cases for image in case.images]
    parents = {os.path.abspath(image.parent) for image in images}  # as given, and where links lead
    parents |= {os.path.dirname(os.path.realpath(image)) for image in images}
    destination = Path(os.path.realpath(output))
    inside = any(
        destination.is_relative_to(os.path.realpath(one)) for one in images if one.is_dir()
    )
    if inside or {str(destination), os.path.abspath(output)} & {
        *parents,
        *map(os.path.realpath, parents),
    }:
        raise Problem(
            "The output is the folder of the images: they would be overwritten.",
            output,
            "Choose another --output.",
        )
    check_folder(output)
    sources: dict[str, list[Case]] = {}
    for case in cases:
        for name in files(case):
            sources.setdefault(name, []).append(case)
    for name, several in sources.items():
        if len(several) > 1:
            raise Problem(
                f"{len(several)} images would be written to one file, {name}.",
                listing([str(case.images[0]) for case in several]),
                "Rename one of them, or predict them one after the other with another --output.",
            )
    existing = [name for name in sources if os.path.lexists(output / name)]
    check_existing(output, existing, overwrite)


def check_existing(output: Path, existing: Sequence[str], overwrite: bool) -> None:
    """Sees to it that no file of a folder is replaced unless it was said.

    Args:
        output: the folder to write to.
        existing: the names of files there that would be replaced.
        overwrite: whether they may be.

    Raises:
        Problem: there are such files, and they may not be replaced.
    """
    if existing and not overwrite:
        raise Problem(
            f"{len(existing)} of the files to be written are there already:"
            f" {listing(existing, 3)}.",
            output,
            "Say --overwrite to replace them, or choose another --output.",
        )


def remaining_cases(
    cases: Sequence[Case],
    shard: tuple[int, int],
    output: Path,
    files: Callable[[Case], Sequence[str]],
    overwrite: bool,
) -> list[Case]:
    """Of one part of the images, those whose files are not all there; says how many.

    Args:
        cases: all of them, in an order that each machine finds.
        shard: number of the part, counted from 1, and how many there are.
        output: the folder that is written to.
        files: the names of what is written of a case.
        overwrite: whether files there are made anew.
    """
    part = cases[shard[0] - 1 :: shard[1]]
    left = [
        case
        for case in part
        if overwrite or not all((output / name).exists() for name in files(case))
    ]
    done = f", {len(part) - len(left)} of them done before" if len(left) < len(part) else ""
    print(f"  Part {shard[0]} of {shard[1]}: {plural(len(part), 'image')}{done}.")
    return left


def report_failures(failures: Mapping[Case, Problem], total: int, output: Path, what: str) -> None:
    """Says how many predictions were written.

    Raises:
        Problem: lists the images that have none, each with its reason.
    """
    some = len(failures) < total
    print(f"{plural(total - len(failures), what)} written to {output}")
    if failures:
        reasons = [
            f"\n    {', '.join(map(str, case.images))}: {problem.what}"
            for case, problem in failures.items()
        ]
        raise Problem(
            f"{len(failures)} of {plural(total, 'image')} could not be predicted.",
            "".join(reasons),
            _remedies(failures.values()) + f" The {what}s of all others are written." * some,
        )


def _remedies(problems: Iterable[Problem]) -> str:
    """The remedies of several problems, each once; of many, one for all of them."""
    remedies = list(dict.fromkeys(problem.remedy for problem in problems if problem.remedy))
    return (
        " ".join(remedies)
        if 0 < len(remedies) <= MOST_REMEDIES
        else "Correct or remove these files."
    )
