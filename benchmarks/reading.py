"""How long large data sets take to be looked through: `python benchmarks/reading.py`.

- `doctor` on 20,000 pictures of 64 x 64 pixels in two class folders: seconds, peak of memory;
- `read_cases` on a table of 100,000 rows whose files are there, and of as many that are not.

Each is measured in a process of its own.
"""

import argparse
import contextlib
import tempfile
import time
from pathlib import Path

import numpy as np

from memory import apart, memory_gib


def write_pictures(folder: Path, count: int) -> None:
    """Random pictures in two class folders."""
    import PIL.Image

    generator = np.random.default_rng(0)
    for number in range(count):
        path = folder / ("ill" if number % 2 else "well") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        pixels = generator.integers(0, 256, (8, 8), np.uint8).repeat(8, 0).repeat(8, 1)
        PIL.Image.fromarray(pixels).save(path)


def examine(folder: Path) -> tuple[float, float]:
    """Seconds and the peak in GiB of what `doctor` does."""
    from keras_mia.data import read_cases
    from keras_mia.doctor import diagnose

    begun = time.perf_counter()
    diagnose(read_cases(folder, targets=["label_map", "multiclass"])).describe()
    return time.perf_counter() - begun, memory_gib("VmHWM")


def write_table(folder: Path, count: int, part: str) -> Path:
    """A table of pictures, of which only the names are there."""
    (folder / "images").mkdir(exist_ok=True)
    for number in range(count):
        (folder / "images" / f"{number}.png").touch()
    rows = (f"{part}/{number}.png,{number % 7},p{number // 4}" for number in range(count))
    table = folder / f"{part}.csv"
    table.write_text("\n".join(["image,label,patient", *rows]))
    return table


def read(table: Path) -> float:
    """Seconds until the cases are found, or it is said that they are missing."""
    from keras_mia.core.problem import Problem
    from keras_mia.data import read_cases

    begun = time.perf_counter()
    with contextlib.suppress(Problem):
        read_cases(table, targets=["multiclass"])
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=100_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        write_pictures(Path(name), args.pictures)
        seconds, peak = apart(examine, Path(name))
        print(f"doctor, {args.pictures:,} pictures: {seconds:.1f} s, {peak:.2f} GiB", flush=True)
    with tempfile.TemporaryDirectory() as name:
        for part in ("images", "missing"):
            seconds = apart(read, write_table(Path(name), args.rows, part))
            print(f"read_cases, {args.rows:,} rows, {part}: {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
