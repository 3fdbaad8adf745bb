"""Makes the figures of docs/results.md again: `make results`.

Each figure is a run of `keras-mia segment` with defaults. A run that is finished is not repeated,
so that a stopped `make results` goes on where it was. The runs lie in `results/`.
"""

import argparse
import csv
import datetime
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "results"
PAGE = ROOT / "docs" / "results.md"
BEGIN, END = "<!-- begin: made by benchmarks/results.py -->", "<!-- end -->"


@dataclass(frozen=True)
class Figure:
    """One command, and what it is to reach.

    Attributes:
        name: of the runs' folder.
        data: below $KERAS_MIA_DATA, or a sample.
        aims: metric of the mean -> (at least or at most, bar).
        minutes: that the whole command may take.
        options: beyond `--data`, `--output`, `--seed`.
        seeds: how often it is run.
    """

    name: str
    data: str
    aims: dict[str, tuple[str, float]]
    minutes: float
    options: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0, 1, 2)


FIGURES = (
    Figure("hippocampus", "msd_hippocampus", {"dice": (">=", 0.885)}, 12),
    Figure("drive", "drive", {"dice": (">=", 0.81), "auc": (">=", 0.978)}, 15),
    Figure("nuclei", "dsb2018_nuclei", {"dice": (">=", 0.92)}, 15),
    Figure("membrane", "membrane.csv", {"pixel_error": ("<=", 0.075)}, 15),
    Figure("demo", "sample:mni152", {"dice": (">=", 0.875)}, 8, ("--minutes", "3"), (0,)),
)


def membrane_table(data: Path) -> Path:
    """isbi2012_membrane as a CSV with slices 24 to 29 held out, a block: neighbours look alike."""
    path = RUNS / "membrane.csv"
    path.parent.mkdir(exist_ok=True)
    folder = data / "isbi2012_membrane" / "train"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "label", "split"])
        for number in range(30):
            image, label = (
                os.path.relpath(folder / kind / f"{number}.png", path.parent)
                for kind in ("image", "label")
            )
            writer.writerow([image, label, "test" if number >= 24 else "train"])
    return path


def make(figure: Figure, seed: int, data: Path) -> Path:
    """Runs one seed of a figure unless it is finished; returns its folder."""
    folder = RUNS / figure.name / f"seed_{seed}"
    if (folder / "metrics.json").exists() and (folder / "seconds.txt").exists():
        return folder
    source = figure.data
    if figure.data == "membrane.csv":
        source = str(membrane_table(data))
    elif not figure.data.startswith("sample:"):
        source = str(data / figure.data)
    mode = "--resume" if (folder / "checkpoint").exists() else "--overwrite"
    command = [
        *(sys.executable, "-m", "keras_mia.cli.main", "segment", "--data", source),
        *("--output", str(folder), "--seed", str(seed), mode, *figure.options),
    ]
    begun = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT)
    (folder / "seconds.txt").write_text(f"{time.perf_counter() - begun:.0f}\n")
    return folder


def row(figure: Figure, folders: list[Path]) -> list[str]:
    """The lines of a figure's table."""
    runs = [json.loads((folder / "run.json").read_text()) for folder in folders]
    scores = [json.loads((folder / "metrics.json").read_text()) for folder in folders]
    seconds = [int((folder / "seconds.txt").read_text()) for folder in folders]
    peak = max(run["peak_memory_gib"] for run in runs)
    steps = ", ".join(str(run["steps"]) for run in runs)
    lines = []
    for metric, (relation, bar) in figure.aims.items():
        values = [score["mean"][metric] for score in scores]
        median = statistics.median(values)
        reached = median >= bar if relation == ">=" else median <= bar
        shown = ", ".join(f"{value:.4f}" for value in values)
        lines.append(
            f"| {figure.name} | {metric} | **{median:.4f}** | {shown} | {relation} {bar} | "
            f"{'yes' if reached else 'no'} | {max(seconds) / 60:.1f} | {peak:.1f} | {steps} |"
        )
    return lines


def write_page(tables: list[str]) -> None:
    """Puts the tables between the two marks of docs/results.md."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{chr(10).join(tables)}\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", help="names of figures (default: all)")
    parser.add_argument("--seeds", type=int, nargs="*", help="seeds (default: each figure's own)")
    args = parser.parse_args()
    if "KERAS_MIA_DATA" not in os.environ:
        parser.error("KERAS_MIA_DATA does not name the folder of the real data sets")
    data = Path(os.environ["KERAS_MIA_DATA"]).resolve()
    for figure in FIGURES:
        if args.only and figure.name not in args.only:
            continue
        for seed in args.seeds if args.seeds is not None else figure.seeds:
            make(figure, seed, data)
    header = [
        f"Written on {datetime.date.today()}. Median over seeds 0, 1, 2 where three are shown.",
        "",
        "| figure | metric | median | seeds | aim | reached | minutes | peak GiB | steps |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines = []
    for figure in FIGURES:
        folders = sorted((RUNS / figure.name).glob("seed_*"))
        done = [folder for folder in folders if (folder / "seconds.txt").exists()]
        if done:
            lines += row(figure, done)
    write_page(header + lines)


if __name__ == "__main__":
    main()
