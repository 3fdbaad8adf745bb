"""The command that makes a run again."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

# Options with a value that are said anew: how long a run is depends on the machine otherwise.
REPLACED = {"--minutes", "--steps", "--epochs", "--validations", "--seed", "--output", "--folds"}
FLAGS_LEFT_OUT = {"--resume", "--overwrite"}
EXACT = {"--seed": "seed", "--steps": "schedule", "--validations": "validations"}
AGAIN = "-again"


def repeated(facts: Mapping[str, Any]) -> str:
    """The command that makes a run again beside it, in a folder whose name ends in "-again".

    A run that is one of several folds is made again alone, where its siblings would lie too.

    Args:
        facts: what run.json holds.

    Example:
        >>> facts = {"seed": 0, "schedule": "70+50", "validations": 2}
        >>> command = "keras-mia segment --data D --output runs/mine --minutes 3"
        >>> print(repeated({"command": command} | facts))
        keras-mia segment --data D --output runs/mine-again --seed 0 --steps 70+50 --validations 2
    """
    arguments, replaced = _parted(shlex.split(facts["command"]))
    if "--output" in replaced:
        output, fold = replaced["--output"].rstrip("/") + AGAIN, str(facts.get("fold"))
        if "--folds" in replaced and "folds" not in facts:
            arguments += ["--output", f"{output}/fold_{fold.partition('/')[0]}", "--fold", fold]
        else:
            arguments += ["--output", output]
            arguments += ["--folds", replaced["--folds"]] if "--folds" in replaced else []
    exact = [text for option, name in EXACT.items() for text in (option, str(facts.get(name)))]
    return shlex.join(arguments + exact)


def going_on(arguments: Sequence[str], program: str) -> str:
    """The command that goes on with a run which was stopped.

    Args:
        arguments: the words after the program's name that started or resumed it.
        program: such as "keras-mia segment".

    Example:
        >>> going_on(["--data", "D", "--output", "R", "--overwrite"], "keras-mia segment")
        'keras-mia segment --data D --output R --resume'
    """
    kept = [argument for argument in arguments if argument not in FLAGS_LEFT_OUT]
    return f"{program} {shlex.join([*kept, '--resume'])}"


def repeated_folds(folds: Sequence[Mapping[str, Any]], together: Mapping[str, Any]) -> str:
    """The same for all folds: one command where all took the same steps, else one a fold.

    Args:
        folds: what the run.json of each fold holds.
        together: what the run.json above them holds.
    """
    if len({(one.get("schedule"), one.get("validations")) for one in folds}) == 1:
        return repeated(together)
    return "\n".join(map(repeated, folds))


def _parted(arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """What stays of a command line, and the options that are said anew with what they said."""
    remaining, replaced, rest = [], {}, iter(arguments)
    for argument in rest:
        name, middle, value = argument.partition("=")
        if name in REPLACED:
            replaced[name] = value if middle else next(rest, "")
        elif argument not in FLAGS_LEFT_OUT:
            remaining.append(argument)
    return remaining, replaced
