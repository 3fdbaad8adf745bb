"""Which task a command line means: by its options, by a run, or by what the data hold."""

import argparse
import sys
from collections.abc import Callable, Sequence

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.tasks.register import check_offers, families, task
from keras_mia.tasks.task import Task

Parsers = Callable[[Sequence[type[Task]]], argparse.ArgumentParser]
"""From tasks to a parser with the options of each; of several its help text alone is used."""


class TaskParser:
    """A parser whose options depend on the task, which follows from some of them.

    Args:
        parsers: makes it for tasks.
        verb: that the task has to have, one of `register.OPTIONAL`; "": any.
        variants: whether variants of a family are meant, too.

    Attributes:
        prog: the program's name.
    """

    def __init__(self, parsers: Parsers, verb: str = "", *, variants: bool = False):
        self._parsers, self._verb = parsers, verb
        self._names = families(verb, variants=variants)
        self.prog = parsers([]).prog

    def parse_args(self) -> argparse.Namespace:
        """The options of the command line, and as `task` the name of the task that they mean."""
        arguments = sys.argv[1:]
        if {"-h", "--help"} & {*arguments}:
            named = argparse.ArgumentParser(add_help=False)
            named.add_argument("--task", choices=self._names)
            name = named.parse_known_args(arguments)[0].task
            names = [name] if name else [one for one in families() if one in self._names]
            self._parsers([task(one) for one in names]).parse_args()
        try:
            name = self._name(arguments)
            self._check_options(name, arguments)
        except Problem as problem:
            print(f"\n{self.prog}: {problem}", file=sys.stderr)
            sys.exit(2)
        args = self._parsers([task(name)]).parse_args()
        args.task = name
        return args

    def _name(self, arguments: Sequence[str]) -> str:
        shared, _ = self._parsers([]).parse_known_args(arguments)
        if getattr(shared, "task", None):
            return shared.task
        if getattr(shared, "run", None):
            from keras_mia.cli.runs import run_folders, task_name

            given = shared.run if isinstance(shared.run, list) else [shared.run]
            others = [shared.against] if getattr(shared, "against", None) else []
            name = task_name([*run_folders(given), *run_folders(others)])
            if verb := "compare" if others else self._verb:
                check_offers(name, verb, given[0])
            return name
        names = self._by_options(arguments)
        if len(names) > 1 and getattr(shared, "data", None):
            return _by_data(self._parsers([task(names[0])]).parse_known_args(arguments)[0], names)
        return names[0]

    def _by_options(self, arguments: Sequence[str]) -> list[str]:
        """The tasks that have all options of the command line.

        Raises:
            Problem: none has, though each option is one of some task.
        """
        lacking = {name: self._lacking(name, arguments) for name in self._names}
        names = [name for name, left in lacking.items() if not left]
        if names:
            return [name for name in names if self._parsed(name, arguments) is not None] or names
        if set.intersection(*map(set, lacking.values())):  # argparse says which
            return [self._names[0]]
        each = "; ".join(f"{name} has no {', '.join(left)}" for name, left in lacking.items())
        raise Problem(
            f"No task has all of these options: {each}.",
            listing(sorted({option for left in lacking.values() for option in left})),
            "Give those of one of them.",
        )

    def _check_options(self, name: str, arguments: Sequence[str]) -> None:
        """Refuses options of other tasks by name; argparse says of others that there are none."""
        for option in self._lacking(name, arguments):
            others = [one for one in self._names if option not in self._lacking(one, arguments)]
            if others:
                raise Problem(
                    f"This is an option of {' and '.join(others)}, and none of {name}.",
                    option,
                    "Leave the option out.",
                )

    def _lacking(self, name: str, arguments: Sequence[str]) -> list[str]:
        """The options of the command line that a task does not have."""
        rest = self._parsed(name, arguments) or []
        return [argument.partition("=")[0] for argument in rest if argument.startswith("--")]

    def _parsed(self, name: str, arguments: Sequence[str]) -> list[str] | None:
        """The words that a task's parser does not know; None: a value is wrong, which may be right
        for another task."""
        parser = self._parsers([task(name)])
        parser.exit_on_error = False
        try:
            return parser.parse_known_args(arguments)[1]
        except argparse.ArgumentError:
            return None


def _by_data(args: argparse.Namespace, names: Sequence[str]) -> str:
    """The first task whose kinds of target the data hold.

    Raises:
        Problem: nothing was found, or no task has such targets.
    """
    from keras_mia.cli.reading import read

    targets = dict.fromkeys(kind for name in names for kind in task(name).targets)
    first = task(names[0]).configured(args)
    cases = read(args, first, targets=[*targets], strict=False)
    return next(name for name in names if cases.fit(task(name).targets))
