"""A data set examined, for `doctor`."""

import argparse
import sys
from pathlib import Path

from keras_mia.cli.reading import print_notes, read
from keras_mia.core.files.folders import check_new
from keras_mia.core.files.separation import check_no_source
from keras_mia.tasks.register import task


def examine(args: argparse.Namespace) -> None:
    """Prints what is wrong with a data set; ends the process with 1 where something is.

    Args:
        args: of the app; `task` is the one that the data are for.

    Raises:
        Problem: nothing was found, or the output cannot be written.
    """
    if args.output:
        check_new(args.output, args.overwrite)
    configured = task(args.task).configured(args)
    cases = read(args, configured, strict=False)
    if args.output:
        sources = [Path(args.data), *(path for case in cases for path in case.files)]
        check_no_source([args.output], sources)
    print_notes(cases)
    diagnosis = configured.check(cases)
    print(f"\n{diagnosis.describe()}")
    if args.output:
        diagnosis.save(args.output)
        print(f"The findings are in {args.output}")
    if diagnosis.wrong:
        sys.exit(1)
