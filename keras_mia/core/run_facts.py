"""run.json: what a run was, in a format that later versions know."""

from pathlib import Path
from typing import Any

from keras_mia.core.files.schema import typed
from keras_mia.core.files.text_files import read_json
from keras_mia.core.problem import Problem

FORMAT = 1
FILE = "run.json"
PACKAGE = "keras_mia"
"""What run.json says of who wrote it: other programs have files of this name too."""

KINDS: dict[str, Any] = {
    "task": str,
    **dict.fromkeys(("command", "ended", "fingerprint", "fold", "repeat"), str | None),
    **dict.fromkeys(("seed", "steps", "steps_done"), int | None),
    **dict.fromkeys(("notes", "warnings"), tuple[str, ...] | None),
    "seconds": dict[str, float] | None,
    **dict.fromkeys(("options", "versions", "machine"), dict[str, Any] | None),
}
"""What of it is read again."""


def read_run_facts(folder: Path) -> dict:
    """What the run.json of a run folder holds.

    Args:
        folder: of the run.

    Raises:
        Problem: the file is missing or broken, or of another format than this version's.
    """
    facts = read_json(folder / FILE)
    version = facts.get("format") if isinstance(facts, dict) else None
    if version != FORMAT:
        raise Problem(
            f"This is a run of format {version}; this version reads format {FORMAT}.",
            folder / FILE,
            "Install the version that wrote it, or train again.",
        )
    for name, kind in KINDS.items():
        typed(kind, facts.get(name), f"{folder / FILE}, {name}", "Take another run.")
    return facts
