"""A run in a few facts."""

import itertools
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from keras_mia.report.formatting import count, duration

NAMED_UP_TO = 4  # classes that are named at the head of the page


def title(run: Mapping) -> str:
    """What the run did, and on what."""
    source = run.get("data")
    if not source:
        given = shlex.split(run.get("command", ""))
        source = dict(itertools.pairwise(given)).get("--data", "")
    kind, _, rest = str(source).partition(":")
    name = rest if kind == "sample" else PurePath(str(source)).name.removesuffix(".csv")
    task = str(run.get("task", "run")).capitalize()
    return f"{task} of {name}" if name else task


def class_facts(classes: Sequence[str]) -> tuple[str, str]:
    """The classes by name where they are few, or how many they are; empty where there are none.

    Args:
        classes: their names.

    Returns:
        A fact for `Content`.

    Example:
        >>> class_facts(["front", "back"]), class_facts(list("abcdefgh"))
        (('Classes', 'front, back'), ('Classes', '8'))
    """
    return "Classes", ", ".join(classes) if len(classes) <= NAMED_UP_TO else str(len(classes))


def overview(
    run: Mapping, metrics: Mapping, facts: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """What stands below the score: names and short texts.

    Args:
        run: what run.json holds.
        metrics: what metrics.json holds.
        facts: those of the task.
    """
    split, patients = metrics.get("split", "test"), metrics.get("patients")
    scored = [count(metrics["cases"], f"{split} case")] if metrics.get("cases") else []
    scored += [count(patients, "patient")] if patients else []
    seconds = (run.get("seconds") or {}).get("training")
    network = [count(run["parameters"], "parameter")] if run.get("parameters") else []
    network += [count(run["steps"], "step")] if run.get("steps") else []
    pairs = [
        ("Scored on", ", ".join(scored)),
        ("Fold", str(run.get("fold") or "")),
        *facts,
        ("Trained for", duration(seconds) if seconds else ""),
        ("Network", ", ".join(network)),
    ]
    return [(name, text) for name, text in pairs if text]
