"""New images made by a trained network, for `sample`."""

import argparse
from collections.abc import Iterator
from dataclasses import replace

from keras_mia.cli.sampling.sample_files import write_archive, write_folder, write_grid
from keras_mia.cli.sampling.sample_formats import samples_in
from keras_mia.cli.sampling.sampling_job import SamplingJob, is_file
from keras_mia.core.progress import progress
from keras_mia.core.text import listing, plural
from keras_mia.tasks.values import Samples
from keras_mia.training.runs.run import Run


def sample(args: argparse.Namespace, job: SamplingJob) -> None:
    """Writes samples of a network.

    Args:
        args: of the app.
        job: the network.
    """
    output, parts = args.output, _parts(args, job)
    if not is_file(output):
        written = write_folder(output, parts, args.format, args.seed)
        if rest := sorted({*samples_in(output)} - {*written}):
            print(f"  Left alone, of an earlier call ({len(rest)}): {listing(rest, 3)}.")
    elif output.suffix.lower() == ".npz":
        write_archive(output, parts, job.classes)
    else:
        write_grid(output, parts, args.count)
    print(f"{plural(args.count, 'sample')} written to {output}")


def _parts(args: argparse.Namespace, job: SamplingJob) -> Iterator[Samples]:
    """All samples, a batch at a time. Batches are always whole, and the rest of the last one is
    dropped: numbers of a batch may depend on its size in their last digits."""
    model = Run(job.folder).best_model(job.plan)
    size = job.plan.batch_size
    options = {"seed": args.seed, "class_name": args.class_name}
    for first in progress(range(0, args.count, size), "sampling"):
        part = job.task.sample(model, job.plan, size, first=first, **options)
        kept = min(size, args.count - first)
        yield replace(part, images=part.images[:kept], classes=part.classes[:kept])
