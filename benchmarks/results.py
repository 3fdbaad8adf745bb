"""Makes the figures of docs/results.md again: `make results`.

Each figure is a run of one app, with defaults but for what stands here.
What a finished run gave is kept in `benchmarks/figures.json` and not made again, so that a stopped
`make results` goes on where it was. The runs themselves lie in `results/`.
"""

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tables import TABLES, tree_table

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "results"
PAGE = ROOT / "docs" / "results.md"
FIGURES_FILE = ROOT / "benchmarks" / "figures.json"
BEGIN, END = "<!-- begin: made by benchmarks/results.py -->", "<!-- end -->"
GENERATION = "<!-- begin: generation, made by benchmarks/results.py -->"


@dataclass(frozen=True)
class Figure:
    """One command, and what it is to reach.

    Attributes:
        name: of the runs' folder.
        data: below $KERAS_MIA_DATA, a sample, or one of `TABLES`.
        aims: metric of the mean, or `dice:CLASS` -> (at least or at most, bar), or None, where the
            run has only to come to its end.
        minutes: that the whole command may take.
        options: beyond `--data`, `--output`, `--seed`.
        seeds: how often it is run.
        app: that makes it.
        weights: file below $KERAS_MIA_DATA that `--weights` names.
        tree: fine class -> coarse class, of the file that `--tree` names.
        folds: of a figure that is trained once a fold: its metrics are the medians of the folds,
            its minutes those of the longest one.
    """

    name: str
    data: str
    aims: dict[str, tuple[str, float] | None]
    minutes: float
    options: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0, 1, 2)
    app: str = "segment"
    weights: str = ""
    tree: Mapping[str, str] = field(default_factory=dict)
    folds: int = 0


ODD_EVEN = {str(digit): "odd" if digit % 2 else "even" for digit in range(10)}
ORGANS = "1=spleen,2=right kidney,3=left kidney,5=liver,52=aorta"
SHORT = ("--minutes", "3")
GAIN = "more than "
"""Of the main score, over a baseline."""
OF_200 = ("--limit", "200", "--size", "96", "96")
FEW = (*OF_200, "--option", "alpha=0.35")
OF_SAMPLES: dict[str, tuple[str, float] | None] = {
    "frechet_distance": None,
    "frechet_floor": None,
    "classes_covered": (">=", 10),
    "smallest_class_share": (">=", 0.04),
}
ALL_DIGITS: dict[str, tuple[str, float] | None] = OF_SAMPLES | {"label_accuracy": (">=", 0.95)}
TEN_MINUTES = ("--minutes", "10")
FIGURES = (
    Figure("hippocampus", "msd_hippocampus", {"dice": (">=", 0.885)}, 12),
    Figure("drive", "drive", {"dice": (">=", 0.81), "auc": (">=", 0.978)}, 15),
    Figure("nuclei", "dsb2018_nuclei", {"dice": (">=", 0.92)}, 15),
    Figure("membrane", "membrane.csv", {"pixel_error": ("<=", 0.075)}, 15),
    Figure(
        "demo",
        "sample:mni152",
        {"dice:gray": (">=", 0.88), "dice:white": (">=", 0.87)},
        8,
        ("--minutes", "6"),
    ),
    Figure(
        "sunnybrook",
        "contours.csv",
        {"dice": (">=", 0.80)},
        10,
        ("--labels", "1=blood", "--folds", "5", "--minutes", "7"),
        seeds=(0,),
        folds=5,
    ),
    Figure(
        "organs of one CT",
        "organs.csv",
        {"dice": None},
        5,
        ("--classes", "1,2,3,5,52", "--labels", ORGANS, "--modality", "CT", "--minutes", "3"),
        seeds=(0,),
    ),
    Figure(
        "mnist",
        "mnist/mnist.npz",
        {"accuracy": (">=", 0.991)},
        4,
        ("--network", "lenet", "--minutes", "3"),
        app="classify",
    ),
    Figure(
        "odd and even",
        "mnist/mnist.npz",
        {"accuracy": (">=", 0.97), "auc": (">=", 0.995)},
        3,
        ("--network", "lenet", "--limit", "5000", "--minutes", "1"),
        seeds=(0,),
        app="classify",
        tree=ODD_EVEN,
    ),
    Figure(
        "pneumonia",
        "pneumoniamnist/pneumoniamnist.npz",
        {"auc": (">=", 0.975), "accuracy": (">=", 0.88)},
        8,
        app="classify",
    ),
    Figure(
        "pneumonia of 200",
        "pneumoniamnist/pneumoniamnist.npz",
        {"auc": (">=", 0.93)},
        5,
        FEW,
        app="finetune",
        weights="weights/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5",
    ),
    Figure(
        "the same from scratch",
        "pneumoniamnist/pneumoniamnist.npz",
        {"auc": None},
        5,
        (*FEW, "--weights", "none"),
        app="finetune",
    ),
    *(
        Figure(
            f"{network} from scratch",
            "pneumoniamnist/pneumoniamnist.npz",
            {"auc": None},
            5,
            (*OF_200, "--network", network, "--weights", "none", "--minutes", "2"),
            seeds=(0,),
            app="finetune",
        )
        for network in ("VGG16", "InceptionV3")
    ),
    *(
        Figure(
            f"hippocampus ends, {view}",
            "ends.csv",
            {"accuracy": (">=", 0.95)},
            4,
            ("--view", view, "--minutes", "2"),
            app="classify",
        )
        for view in ("volume", "slices", "planes")
    ),
    Figure(
        "volume in ml",
        "volumes.csv",
        {"mae": ("<=", 0.3)},
        4,
        ("--kind", "regression", *SHORT),
        seeds=(0,),
        app="classify",
    ),
    Figure(
        "count of nuclei",
        "counts.csv",
        {"mae": ("<=", 4.0)},
        4,
        ("--kind", "regression", "--flip", "0", "1", "--rotation", "180", *SHORT),
        seeds=(0,),
        app="classify",
    ),
    Figure(
        "box of the hippocampus",
        "corners.csv",
        {"iou": (">=", 0.83)},
        4,
        ("--kind", "box", *SHORT),
        seeds=(0,),
        app="classify",
    ),
    Figure(
        "box of a white cell",
        "cells.csv",
        {"iou": (">=", 0.5)},
        4,
        ("--kind", "box", *SHORT),
        seeds=(0,),
        app="classify",
    ),
    Figure(
        "findings of the chest",
        "chestxray14_small/labels.csv",
        {"auc": (">=", 0.6)},
        4,
        (
            *("--image-column", "path", "--label-column", "Finding Labels"),
            *("--patient-column", "Patient ID", "--kind", "multilabel", *SHORT),
        ),
        seeds=(0,),
        app="classify",
    ),
    Figure(
        "sex and age by one network",
        "chestxray14_small/labels.csv",
        {"Patient Gender: auc": (">=", 0.65), "Patient Age: mae": ("<=", 12.0)},
        4,
        (
            *("--image-column", "path", "--label-column", "Patient Gender", "Patient Age"),
            *("--patient-column", "Patient ID", "--kind", "multiclass", "regression", *SHORT),
        ),
        seeds=(0,),
        app="classify",
    ),
    Figure(
        "atypical mitoses",
        "amibr_mitosis",
        {"auc": (">=", 0.65)},
        15,
        ("--folds", "5", "--flip", "0", "1", "--rotation", "180", *SHORT),
        seeds=(0,),
        app="classify",
        folds=5,
    ),
    Figure(
        "denoising",
        "msd_hippocampus",
        {"psnr": None, GAIN + "identity": (">=", 5.0), GAIN + "non-local means": (">=", 1.0)},
        4,
        ("--degrade", "noise", *SHORT),
        app="translate",
    ),
    Figure(
        "super-resolution",
        "msd_hippocampus",
        {"psnr": None, GAIN + "cubic interpolation": (">=", 0.5)},
        4,
        ("--degrade", "resolution", *SHORT),
        app="translate",
    ),
    *(
        Figure(
            f"T2 to FLAIR, {name}",
            "contrasts.csv",
            {
                "mae": None,
                "psnr": None,
                "ssim": None,
                "kernel_distance": None,
                GAIN + "identity": ("<=", 0.0),
                GAIN + "mean training image": ("<=", 0.0),
            },
            8,
            (*options, "--minutes", "6"),
            seeds=(0,),
            app="translate",
        )
        for name, options in (
            ("regression", ()),
            ("pix2pix", ("--adversarial",)),
            ("cyclegan", ("--unpaired", "T2", "FLAIR")),
        )
    ),
    *(
        Figure(
            f"{name}, {game}",
            data,
            {"dice": None},
            9,
            (*options, "--minutes", "6"),
            seeds=(0,),
        )
        for name, data in (("membrane", "membrane.csv"), ("drive", "drive"))
        for game, options in (("alone", ()), ("with a discriminator", ("--adversarial",)))
    ),
    Figure(
        "generate normal",
        "sample:normal",
        {"ks_distance": ("<=", 0.05), "ks_floor": None},
        1,
        ("--network", "mlp_gan", "--minutes", "0.7"),
        app="generate",
    ),
    *(
        Figure(
            f"generate mnist {network}",
            "mnist/mnist.npz",
            ALL_DIGITS if network == "conditional" else OF_SAMPLES,
            14,
            ("--network", network, *TEN_MINUTES),
            app="generate",
        )
        for network in ("mlp_gan", "dcgan", "conditional")
    ),
    Figure(
        "generate amibr",
        "amibr_mitosis",
        {"kernel_distance": None, "kernel_floor": None},
        14,
        ("--network", "dcgan", "--size", "64", *TEN_MINUTES),
        app="generate",
    ),
)
METRICS = (
    *("dice", "auc", "pixel_error", "accuracy", "balanced_accuracy"),
    *("mae", "r2", "iou", "corner_error", "psnr", "ssim"),
    *("frechet_distance", "kernel_distance", "sample_precision", "sample_recall"),
)


def make(figure: Figure, seed: int, data: Path) -> dict:
    """Runs one seed of a figure and gives what is kept of it."""
    folder = RUNS / figure.name.replace(",", "").replace(" ", "_") / f"seed_{seed}"
    source = figure.data
    if figure.data in TABLES:
        source = str(TABLES[figure.data](data, RUNS))
    elif not figure.data.startswith("sample:"):
        source = str(data / figure.data)
    command = [
        *(sys.executable, "-m", "keras_mia.cli.main", figure.app, "--data", source),
        *("--output", str(folder), "--seed", str(seed), "--overwrite", *figure.options),
        *(("--weights", str(data / figure.weights)) if figure.weights else ()),
        *(("--tree", str(tree_table(figure.tree, folder))) if figure.tree else ()),
    ]
    begun = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT)
    seconds = round(time.perf_counter() - begun)
    run = json.loads((folder / "run.json").read_text())
    scores = json.loads((folder / "metrics.json").read_text())
    names = (*METRICS, *figure.aims)
    gains = {f"{GAIN}{name}": one["difference"] for name, one in scores.get("gains", {}).items()}
    scores["mean"] |= gains
    found = {name: scores["mean"][name] for name in names if name in scores["mean"]}
    more = {}
    if figure.folds:
        names = [f"fold_{number}" for number in range(1, figure.folds + 1)]
        folds = [json.loads((folder / name / "metrics.json").read_text()) for name in names]
        runs = [json.loads((folder / name / "run.json").read_text()) for name in names]
        more = {"folds": {one: [fold["mean"][one] for fold in folds] for one in found}}
        found = {one: statistics.median(values) for one, values in more["folds"].items()}
        seconds = round(max(sum(one["seconds"].values()) for one in runs))
    first = next(iter(scores["interval"]), "")
    return {
        "date": str(datetime.date.today()),
        "seconds": seconds,
        "steps": run["steps"],
        "peak_memory_gib": run["peak_memory_gib"],
        "waiting_share": run["waiting_share"],
        "cpu": run["machine"]["cpu"],
        "precision": run["precision"],
        "cases": scores["cases"],
        "mean": found,
        "classes": {name: one.get("dice") for name, one in scores["classes"].items()},
        "interval": scores["interval"].get("dice" if "dice" in found else first),
        "trivial": {one: x for one, x in scores.get("baseline", {}).items() if one in found},
        **more,
    }


def aimed(aim: tuple[str, float] | None) -> str:
    return "" if aim is None else f"{aim[0]} {aim[1]}"


def reached(value: float, aim: tuple[str, float] | None) -> str:
    if aim is None:
        return ""
    return "yes" if (value >= aim[1] if aim[0] == ">=" else value <= aim[1]) else "no"


def rows(figure: Figure, runs: dict[str, dict]) -> list[str]:
    """The lines of a figure's table; what it is to reach where it is not yet made.

    Samples have their own table, of what is made alone, and with when and where.
    """
    if not runs and figure.app == "generate":
        return []
    if not runs:
        return [
            f"| {figure.name} | {name.replace(':', ' ')} | | | | {aimed(aim)} | not yet made |"
            f" {figure.minutes:g} | | |"
            for name, aim in figure.aims.items()
        ]
    found = [runs[seed] for seed in sorted(runs, key=int)]
    minutes = max(run["seconds"] for run in found) / 60
    peak = max(run["peak_memory_gib"] for run in found)
    steps = ", ".join(str(run["steps"]) for run in found)
    where = [*sorted({run["date"] for run in found}), *sorted({run["cpu"] for run in found})]
    made = f" {', '.join(where)} |"
    lines = []
    for name, aim in figure.aims.items():
        kind, _, which = (name, "", "") if name in found[0]["mean"] else name.partition(":")
        values = [run["classes"][which] if which else run["mean"][kind] for run in found]
        median = statistics.median(values)
        shown = ", ".join(f"{value:.4f}" for value in values)
        trivial = "" if which else found[0].get("trivial", {}).get(kind, "")
        without = f"{trivial:.3f}" if trivial != "" else ""
        lines.append(
            f"| {figure.name} | {kind} {which} | **{median:.4f}** | {shown} | {without} | "
            f"{aimed(aim)} | {reached(median, aim)} | "
            f"{minutes:.1f} of {figure.minutes:g} | {peak:.1f} | {steps} |"
            f"{made if figure.app == 'generate' else ''}"
        )
    return lines


def tables(kept: Mapping[str, dict]) -> tuple[list[str], list[str]]:
    """The lines of both tables of the page: of all figures but those of samples, and of these."""
    columns = ["figure", "metric", "median", "seeds 0, 1, 2", "trivial", "aim", "reached"]
    columns += ["minutes", "peak GiB", "steps"]
    made = []
    for samples in (False, True):
        names = [*columns, "made"] if samples else columns
        figures = [one for one in FIGURES if (one.app == "generate") == samples]
        lines = [line for one in figures for line in rows(one, kept.get(one.name, {}))]
        header = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
        made.append([*header, *lines] if lines else ["Not yet made."])
    return made[0], made[1]


def write_page(tables: list[str], begin: str = BEGIN, page: Path = PAGE) -> None:
    """Puts the tables between two marks of docs/results.md, or of another page."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{begin}\n{chr(10).join(tables)}\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", help="names of figures (default: all)")
    parser.add_argument("--again", action="store_true", help="also those that are kept")
    parser.add_argument("--seeds", type=int, nargs="*", help="seeds (default: each figure's own)")
    args = parser.parse_args()
    if "KERAS_MIA_DATA" not in os.environ:
        parser.error("KERAS_MIA_DATA does not name the folder of the real data sets")
    data = Path(os.environ["KERAS_MIA_DATA"]).resolve()
    kept = json.loads(FIGURES_FILE.read_text()) if FIGURES_FILE.exists() else {}
    for figure in FIGURES:
        if args.only and figure.name not in args.only:
            continue
        for seed in args.seeds if args.seeds is not None else figure.seeds:
            runs = kept.setdefault(figure.name, {})
            if str(seed) not in runs or args.again:
                runs[str(seed)] = make(figure, seed, data)
                FIGURES_FILE.write_text(json.dumps(kept, indent=1) + "\n")
    others, samples = tables(kept)
    write_page(others)
    write_page(samples, GENERATION)


if __name__ == "__main__":
    main()
