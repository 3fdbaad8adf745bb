"""Side by side with peers, as ratios from one run: `make bench`.

Both sides do the same work on the CPU, in turns (A B A B ...), and the fastest call counts. The
peer computes with the fastest of its own settings, all of which are tried and printed; ours with
the defaults of the apps. A ratio below 1 means that keras_mia is ahead.
"""

import argparse
import datetime
import json
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import bench_augment
import bench_classic
import bench_dcgan
import bench_prepare
import bench_surface
import bench_unet
import bench_window
from keras_mia.core.files.text_files import write_json
from keras_mia.core.hardware import cpu_name
from results import write_page
from turns import Row, race, threads

RESULTS = Path(__file__).parent / "results.json"
CIRCUMSTANCES = Path(__file__).parent / "circumstances.json"
"""Beside the results: name of a row -> when, where and with what it was measured."""
BEGIN = "<!-- begin: made by benchmarks/run.py -->"
PARTS = (
    bench_unet,
    bench_classic,
    bench_dcgan,
    bench_augment,
    bench_window,
    bench_surface,
    bench_prepare,
)
PACKAGES = ("tensorflow", "keras", "torch", "monai", "torchio")


def circumstances() -> str:
    """When, where and with what this run is made."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{datetime.date.today()}, {cpu_name()}, {threads()} threads, {packages}"


def read(path: Path, otherwise):
    return json.loads(path.read_text()) if path.exists() else otherwise


def keep(row: dict, ours: str, names: list[str]) -> None:
    """Puts a row into the results, in the order of `names`, and onto the page."""
    found = {one["name"]: one for one in read(RESULTS, [])} | {row["name"]: row}
    where = read(CIRCUMSTANCES, {}) | {row["name"]: {"ours": ours, "run": circumstances()}}
    ordered = [found[name] for name in names if name in found]
    write_json(RESULTS, ordered)
    write_json(CIRCUMSTANCES, {name: where[name] for name in names if name in found})
    write_page(page(ordered, where), BEGIN)


def page(rows: list[dict], where: dict) -> list[str]:
    """The table of docs/results.md, with the circumstances of all rows below."""
    lines = ["| what | keras_mia | ms | peer | ms | ratio |", "|---|---|---|---|---|---|"]
    for row in rows:
        ours = where[row["name"]]["ours"].removeprefix("keras_mia").removeprefix(", ")
        lines.append(
            f"| {row['name']} | {ours} | {row['ours_ms']} | {row['peer']} | {row['peer_ms']} | "
            f"**{row['ratio']}** |"
        )
    runs: dict[str, list[int]] = {}
    for number, row in enumerate(rows, 1):
        runs.setdefault(where[row["name"]]["run"], []).append(number)
    for run, numbers in runs.items():
        which = "All rows" if len(runs) == 1 else f"Rows {', '.join(map(str, numbers))}"
        lines += ["", f"{which}: {run}."]
    return lines


def chosen(rows: list[Row], wanted: list[str] | None) -> list[Row]:
    if wanted is None:
        return rows
    return [row for row in rows if any(part.lower() in row.name.lower() for part in wanted)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="rows whose name holds it")
    parser.add_argument("--turns", type=int, default=7, help="of each side (default: 7)")
    parser.add_argument(
        "--quick", action="store_true", help="try all rows on tiny images; nothing is kept"
    )
    args = parser.parse_args()
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    rows = [row for part in PARTS for row in part.rows(args.quick)]
    if not (asked := chosen(rows, args.only)):
        parser.error("--only fits none of:\n" + "\n".join(row.name for row in rows))
    for row in asked:
        print(row.name, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            found, ours = race(row, Path(folder), 1 if args.quick else args.turns)
        print(
            f"  {ours} {found['ours_ms']} ms, {found['peer']} {found['peer_ms']} ms:"
            f" {found['ratio']}",
            flush=True,
        )
        if not args.quick:
            keep(found, ours, [one.name for one in rows])


if __name__ == "__main__":
    main()
