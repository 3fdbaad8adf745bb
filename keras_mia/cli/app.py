"""How every app starts and ends."""

import argparse
import functools
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from keras_mia.core.files.lock import release_all
from keras_mia.core.files.temporary import remove_left_behind, remove_temporary
from keras_mia.core.problem import Problem
from keras_mia.core.quiet import load_tensorflow, print_anything
from keras_mia.core.stopping import Terminated, end_at_once, terminable
from keras_mia.training.distributed.cluster import several_workers
from keras_mia.training.runs.folder import is_run
from keras_mia.training.runs.repeat import going_on

if TYPE_CHECKING:
    from keras_mia.cli.task_choice import TaskParser
    from keras_mia.cli.training_job import TrainingJob
    from keras_mia.tasks.task import Task


def run(
    parser: "argparse.ArgumentParser | TaskParser",
    main: Callable[..., object],
    *,
    before: Callable[[argparse.Namespace], object] | None = None,
    tensorflow: bool = True,
) -> None:
    """Parses the command line, checks it, loads TensorFlow where the app needs it, runs `main`.

    Args:
        parser: of the app's options.
        main: does the work; takes the options, and what `before` returned.
        before: looks for what is wrong with options, files and outputs, which is said at once:
            loading TensorFlow takes up to ten seconds.
        tensorflow: whether it is needed.

    A `Problem` is printed as it is and ends with exit code 2; a stop by hand ends with 130, one by
    SIGTERM with 143, a reader that closed the pipe with 1.
    """
    args = parser.parse_args()
    if "devices" in args and several_workers():
        end_at_once(lambda: f"{parser.prog}: {stopped(args, parser)}")
    print_anything()
    remove_left_behind()
    try:
        with terminable():
            prepared = (before(args),) if before else ()
            if tensorflow:
                load_tensorflow(functools.partial(_begin, args))
            main(args, *prepared)
    except Problem as problem:
        print(f"\n{parser.prog}: {problem}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # who reads has seen enough, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt as stop:
        print(f"\n{parser.prog}: {stopped(args, parser)}", file=sys.stderr)
        sys.exit(143 if isinstance(stop, Terminated) else 130)
    finally:
        release_all()
        remove_temporary()


def run_training(parser: argparse.ArgumentParser, task: "type[Task]") -> None:
    """Trains a network, evaluates it on the test cases, and writes the report.

    Args:
        parser: of the app's options.
        task: whose options they are.
    """

    def before(args: argparse.Namespace) -> "TrainingJob":
        from keras_mia.cli.training_job import training_job

        return training_job(args, task)

    def main(args: argparse.Namespace, job: "TrainingJob") -> None:
        from keras_mia.cli.train import train

        train(args, job)

    run(parser, main, before=before)


def stopped(args: argparse.Namespace, parser: "argparse.ArgumentParser | TaskParser") -> str:
    """What is said of a stop by hand: with which command a run goes on."""
    if "resume" in args and is_run(args.output):
        return f"stopped. Go on with: {going_on(sys.argv[1:], parser.prog)}"
    return "stopped."


def _begin(args: argparse.Namespace) -> None:
    """Sets up the devices of an app that trains."""
    if hasattr(args, "devices"):
        from keras_mia.training.distributed import devices

        devices.begin(args.devices)
