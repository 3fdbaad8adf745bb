"""What apps that train look for before TensorFlow is loaded, so that it is said at once."""

import argparse
import os
from importlib.util import find_spec
from pathlib import Path

from keras_mia.cli.options import image_level as answer_options
from keras_mia.cli.options.groups import reading
from keras_mia.cli.options.labels import label_names, label_ranges, label_values
from keras_mia.cli.resuming import check_options
from keras_mia.core.files.atomic import check_folder as check_writable
from keras_mia.core.files.separation import check_apart
from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import read_run_facts
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.reading import read_cases
from keras_mia.models.builder_names import check_builder, check_file
from keras_mia.models.imagenet.table import find
from keras_mia.training.distributed.cluster import several_workers
from keras_mia.training.runs.folder import (
    check_folder,
    check_outside_runs,
    check_own,
    is_begun_only,
    is_run,
)

_found: list[tuple[argparse.Namespace, Cases]] = []


def begin_segmenting(args: argparse.Namespace) -> None:
    """Checks the options of `segment` or `plan`, and which cases there are.

    Raises:
        Problem: an option, the data or the output is wrong.
    """
    check_output(args)
    label_ranges(args)
    label_names(args.labels)
    label_values(args.classes)
    if args.network:
        check_file(args.network)
    _read(args, answers=False)


def begin_answering(args: argparse.Namespace) -> None:
    """The same of `classify` and `finetune`.

    Raises:
        Problem: an option, the data or the output is wrong.
    """
    check_output(args)
    answer_options.named_answers(args.labels)
    answer_options.given_options(args.option)
    answer_options.class_weights(args.class_weights)
    pretrained = hasattr(args, "weights")
    if pretrained:
        find(args.network or "MobileNetV2")
        if args.weights not in ("imagenet", "none"):
            _check_file(args.weights, "weights")
    elif args.network:
        check_builder(args.network, "classification")
    if args.tree:
        _check_file(args.tree, "classes")
    if not args.data.startswith("tfds:"):  # which cannot be read without TensorFlow
        _read(args, answers=True)


def cases_of(args: argparse.Namespace, *, answers: bool = False) -> Cases:
    """The cases of `--data`, which are read once.

    Args:
        args: of the app.
        answers: whether images have answers in words in place of label maps.
    """
    for known, cases in _found:
        if known is args:
            return cases
    return _read(args, answers=answers)


def _read(args: argparse.Namespace, *, answers: bool) -> Cases:
    cases = read_cases(args.data, answers=answers, **reading(args))
    _found[:] = [(args, cases)]
    return cases


def check_output(args: argparse.Namespace) -> None:
    """Sees to it that the run may begin, or go on, in `--output`.

    Of several workers only the chief could say so, and who that is TensorFlow knows.

    Raises:
        Problem: it may not, or goes on with other options.
    """
    if "output" not in args or several_workers():
        return
    check_writable(args.output)
    if args.cache:
        check_writable(args.cache)
    check_places(args)
    if getattr(args, "tensorboard", False) and find_spec("tensorboard") is None:
        raise Problem(
            "Logs for TensorBoard need the package tensorboard, which is not installed.",
            "--tensorboard",
            "pip install tensorboard, or leave it out.",
        )
    if not args.resume:
        check_folder(args.output, overwrite=args.overwrite)
        return
    if not is_run(args.output):
        raise Problem(
            "There is no run to resume.", args.output, "Leave --resume out, or name its folder."
        )
    check_own(args.output)
    if not is_begun_only(args.output):
        check_options(read_run_facts(args.output), args, args.output)


def check_places(args: argparse.Namespace) -> None:
    """Sees to it that the run, its cache, the data and other runs lie apart.

    Raises:
        Problem: they do not.
    """
    data = [Path(args.data)] if Path(args.data).exists() else []
    read = [Path(getattr(args, name, None) or "") for name in ("weights", "tree")]
    check_apart(args.output, [*data, *filter(Path.is_file, read)])
    check_outside_runs(args.output)
    if args.cache:
        check_apart(args.cache, data, option="--cache", may_hold=True)
        own, cache = os.path.realpath(args.output), Path(os.path.realpath(args.cache))
        if not cache.is_relative_to(own):
            check_outside_runs(args.cache, option="--cache", beside=True)


def _check_file(path: str | Path, what: str) -> None:
    if not Path(path).is_file():
        raise Problem(f"There is no such file of {what}.", path, "Check the path.")
