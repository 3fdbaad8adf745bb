"""How every app starts and ends."""

import argparse
import functools
import sys
from collections.abc import Callable

from keras_mia.core.problem import Problem
from keras_mia.core.quiet import load_tensorflow


def run(
    parser: argparse.ArgumentParser,
    main: Callable[[argparse.Namespace], object],
    *,
    tensorflow: bool = True,
) -> None:
    """Parses the command line, then loads TensorFlow where the app needs it, then runs `main`.

    A `Problem` is printed as it is and ends with exit code 2; a stop by hand ends with 130.
    """
    args = parser.parse_args()
    try:
        if tensorflow:
            load_tensorflow(functools.partial(_begin, args))
        main(args)
    except Problem as problem:
        print(f"\n{parser.prog}: {problem}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(f"\n{parser.prog}: stopped.", file=sys.stderr)
        sys.exit(130)


def _begin(args: argparse.Namespace) -> None:
    """Sets up the devices of an app that trains."""
    if hasattr(args, "devices"):
        from keras_mia.training import devices

        devices.begin(args.devices)
