"""A run that goes on keeps to what it began with."""

import argparse
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_mia.core.problem import Problem
from keras_mia.training.runs.repeat import going_on

FREE = {
    *("output", "overwrite", "resume", "cache", "devices", "tensorboard"),
}
"""Options that change nothing of what is computed."""


def kept_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options of a command line as run.json holds them."""
    return {name: _plain(name, value) for name, value in vars(args).items() if name not in FREE}


def _plain(name: str, value: Any) -> Any:
    if name == "data" and Path(value).exists():
        return os.path.abspath(value)
    if name == "steps" and isinstance(value, tuple):
        return "+".join(map(str, value))
    if name == "fold":
        return "/".join(map(str, value))
    if isinstance(value, Path):
        return str(value)
    return [_plain("", one) for one in value] if isinstance(value, list | tuple) else value


def check_options(facts: Mapping[str, Any], args: argparse.Namespace, where: Path) -> None:
    """Sees to it that a run goes on with the options that it began with.

    Args:
        facts: what run.json holds.
        args: of the command that resumes it.
        where: the run's folder.

    Raises:
        Problem: names the options that differ, with both values.
    """
    began, now = facts.get("options", {}), kept_options(args)
    odd = [name for name in now if name in began and began[name] != now[name]]
    if odd:
        before = ", ".join(f"--{name.replace('_', '-')} {_value_text(began[name])}" for name in odd)
        given = ", ".join(f"--{name.replace('_', '-')} {_value_text(now[name])}" for name in odd)
        raise Problem(
            f"The run was begun with {before}; now it is {given}.",
            where,
            f"Go on with what it was begun with{_command(facts)}; or begin another in a new"
            " --output.",
        )


def _command(facts: Mapping[str, Any]) -> str:
    try:
        arguments = shlex.split(facts.get("command") or "")
    except ValueError:  # edited by hand
        return ""
    return f": {going_on(arguments[2:], ' '.join(arguments[:2]))}" if arguments else ""


def _value_text(value: Any) -> str:
    if value is None or value is False or value == []:
        return "(not given)"
    if value is True:
        return "(given)"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
