"""Do samples of a generator help a classifier? Real images, real and synthetic, synthetic alone.

`python benchmarks/synthetic.py` trains, for each seed, a conditional generator on 200 images of
pneumoniamnist, and three classifiers: on these images, on them and as many samples, and on the
samples alone. All are scored on the same real test images, and compared case by case. What is done
is kept in `benchmarks/synthetic.json`; runs, which lie in `results/synthetic`, are resumed, so that
it goes on where it was stopped. The tables go to docs/results.md.

`--trial 10` takes ten steps a training, to see that all works: nothing is kept but in
`results/synthetic_trial`.
"""

import argparse
import csv
import datetime
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_mia.metrics.classification.scores import classification_scores
from keras_mia.metrics.statistics.interval import mean_score
from keras_mia.metrics.statistics.paired import Comparison, paired_comparison
from keras_mia.tasks.classification.runs.comparison import compare
from results import ROOT, RUNS, write_page

KEPT = ROOT / "benchmarks" / "synthetic.json"
BEGIN = "<!-- begin: made by benchmarks/synthetic.py -->"
DATA = "pneumoniamnist/pneumoniamnist.npz"
LIMIT = 200
GENERATOR, REAL, BOTH, ALONE = "generator", "real", "real and synthetic", "synthetic alone"
CLASSIFIERS = {REAL: (), BOTH: ("--synthetic",), ALONE: ("--synthetic-only", "--synthetic")}
"""What each is trained on, and the options that say so, to which the generator's run is added."""
METRICS = ("auc", "accuracy", "balanced_accuracy")


@dataclass(frozen=True)
class Setting:
    """How the runs are made.

    Attributes:
        data: the file of images.
        folder: of all runs.
        length: of a classifier's training, as options.
        generator_length: of a generator's.
        again: whether runs that are there are made anew.
    """

    data: Path
    folder: Path
    length: tuple[str, str]
    generator_length: tuple[str, str]
    again: bool

    def run(self, seed: int, name: str) -> Path:
        """The folder of a run."""
        return self.folder / f"seed_{seed}" / name.replace(" ", "_")


def make(setting: Setting, seed: int, name: str) -> dict:
    """Makes a run, or goes on with it, and gives what is kept of it."""
    folder, generator = setting.run(seed, name), setting.run(seed, GENERATOR)
    if name == GENERATOR:
        app, options = "generate", ["--network", "conditional", *setting.generator_length]
    else:
        app, options = "classify", [*CLASSIFIERS[name], *setting.length]
        if CLASSIFIERS[name]:
            options.insert(len(CLASSIFIERS[name]), str(generator))
    goes_on = "--resume" if (folder / "run.json").exists() and not setting.again else "--overwrite"
    command = [
        *(sys.executable, "-m", "keras_mia.cli.main", app, "--data", str(setting.data)),
        *("--limit", str(LIMIT), "--seed", str(seed), "--output", str(folder), goes_on, *options),
    ]
    subprocess.run(command, check=True, cwd=ROOT)
    run = json.loads((folder / "run.json").read_text())
    mean = json.loads((folder / "metrics.json").read_text())["mean"]
    if name != GENERATOR:
        mean = {metric: mean[metric] for metric in METRICS}
    return {
        "date": str(datetime.date.today()),
        "minutes": round(sum(run["seconds"].values()) / 60, 1),
        "steps": run["steps"],
        "cpu": run["machine"]["cpu"],
        "precision": run["precision"],
        "mean": mean,
    }


def check_same_images(setting: Setting, seed: int) -> None:
    """Sees to it that generator and classifiers have the same images in each part."""
    lists = {}
    for name in (GENERATOR, *CLASSIFIERS):
        with (setting.run(seed, name) / "cases.csv").open(newline="") as file:
            lists[name] = sorted((row["split"], row["image"]) for row in csv.DictReader(file))
    odd = [name for name, one in lists.items() if one != lists[GENERATOR]]
    if odd or sum(split == "train" for split, _ in lists[GENERATOR]) != LIMIT:
        sys.exit(f"Other images than {LIMIT} of the generator: {', '.join(odd)}")


def predictions(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The names of the test cases, their truth, and the probability of each class, in one order."""
    with (folder / "scores.csv").open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["case"])
    truth = np.array([int(row["truth"]) for row in rows])
    probabilities = np.array([[float(row["p 0"]), float(row["p 1"])] for row in rows])
    right = np.array([row["truth"] == row["prediction"] for row in rows], float)
    return np.array([row["case"] for row in rows]), truth, np.column_stack([probabilities, right])


def pooled(setting: Setting, seeds: Sequence[int], name: str) -> dict[str, dict]:
    """The mean score of a kind of classifier over seeds, less that of the classifiers of real
    images. The interval holds for other test images and these networks: chance of training shows
    in how far seeds lie apart."""
    tables = {one: [predictions(setting.run(seed, one)) for seed in seeds] for one in (REAL, name)}
    cases, truth, _ = tables[REAL][0]
    for table in (*tables[REAL], *tables[name]):
        assert (table[0] == cases).all()
        assert (table[1] == truth).all()

    def area(one: str):
        values = [table[2][:, :2] for table in tables[one]]

        def score(weights):
            areas = [
                classification_scores(truth, each, weights=weights).mean["auc"] for each in values
            ]
            return np.mean(areas, axis=0)

        return score

    def right(one: str):
        return mean_score(np.mean([table[2][:, 2] for table in tables[one]], axis=0))

    return {
        metric: kept(paired_comparison(score(REAL), score(name), list(cases)))
        for metric, score in (("auc", area), ("accuracy", right))
    }


def kept(comparison: Comparison) -> dict:
    low, high = comparison.interval[:2]
    return {
        "real": comparison.first,
        "score": comparison.second,
        "difference": comparison.difference,
        "low": low,
        "high": high,
        "p": comparison.p,
    }


def of_seed(setting: Setting, seed: int, name: str) -> dict[str, dict]:
    """A classifier less that of real images of the same seed: DeLong's and McNemar's tests."""
    rows = compare(setting.run(seed, name), setting.run(seed, REAL))
    fields = {"real": "against", "score": "run"}
    fields |= {one: one for one in ("difference", "low", "high", "p", "test")}
    return {row["score"]: {one: row[of] for one, of in fields.items()} for row in rows}


def tables(found: Mapping) -> list[str]:
    """Two tables: the scores of each seed, and the differences to real images alone."""
    if "pooled" not in found:
        return ["Not yet made."]
    seeds = sorted(found["seeds"], key=int)
    made = [found["seeds"][seed] for seed in seeds]
    lines = ["| trained on | metric | median | seeds | steps |", "|---|---|---|---|---|"]
    for name in CLASSIFIERS:
        for metric in METRICS:
            values = [one[name]["mean"][metric] for one in made]
            shown = ", ".join(f"{value:.4f}" for value in values)
            steps = ", ".join(str(one[name]["steps"]) for one in made)
            median = f"**{statistics.median(values):.4f}**"
            lines.append(f"| {name} | {metric} | {median} | {shown} | {steps} |")
    lines += [
        "",
        "| more than real images alone | metric | seed | difference | 95 % interval | p |",
        "|---|---|---|---|---|---|",
    ]
    for name in (BOTH, ALONE):
        compared = [(seed, one["compared"][name]) for seed, one in zip(seeds, made, strict=True)]
        for label, one in [("mean of all", found["pooled"][name]), *compared]:
            for metric in ("auc", "accuracy"):
                row = one[metric]
                ends = f"{row['low']:+.4f} to {row['high']:+.4f}"
                lines.append(
                    f"| {name} | {metric} | {label} | {row['difference']:+.4f} | {ends} |"
                    f" {row['p']:.2g} |"
                )
    generators = [one[GENERATOR] for one in made]
    quality = [
        " ".join([name, ", ".join(f"{one['mean'][name]:.3g}" for one in generators)])
        for name in ("frechet_distance", "frechet_floor", "label_accuracy")
        if all(name in one["mean"] for one in generators)
    ]
    where = sorted(
        {
            one[name][key]
            for one in made
            for name in one
            for key in ("date", "cpu")
            if name != "compared"
        }
    )
    minutes = (
        max(one["minutes"] for one in generators),
        max(one[name]["minutes"] for one in made for name in CLASSIFIERS),
    )
    lines += [
        "",
        f"Generators: {'; '.join(quality)}; at most {minutes[0]} minutes each, classifiers"
        f" {minutes[1]}. {', '.join(where)}.",
    ]
    return lines


def work(setting: Setting, seeds: Sequence[int], file: Path) -> dict:
    """All runs and comparisons that are not kept yet."""
    found = json.loads(file.read_text()) if file.exists() and not setting.again else {}
    made = found.setdefault("seeds", {})

    def keep() -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(found, indent=1) + "\n")

    for seed in seeds:
        one = made.setdefault(str(seed), {})
        for name in (GENERATOR, *CLASSIFIERS):
            lacking = (
                "compared" not in one and not (setting.run(seed, name) / "scores.csv").exists()
            )
            if name not in one or lacking:
                one[name] = make(setting, seed, name)
                keep()
        if "compared" not in one:
            check_same_images(setting, seed)
            one["compared"] = {name: of_seed(setting, seed, name) for name in (BOTH, ALONE)}
            found.pop("pooled", None)
            keep()
    if "pooled" not in found:
        every = sorted(map(int, made))
        found["pooled"] = {name: pooled(setting, every, name) for name in (BOTH, ALONE)}
        keep()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=3.0, help="of each classifier")
    parser.add_argument("--generator-minutes", type=float, default=6.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--again", action="store_true", help="also what is kept")
    parser.add_argument("--trial", type=int, metavar="STEPS", help="of all trainings; not kept")
    args = parser.parse_args()
    if "KERAS_MIA_DATA" not in os.environ:
        parser.error("KERAS_MIA_DATA does not name the folder of the real data sets")
    data = Path(os.environ["KERAS_MIA_DATA"]).resolve() / DATA
    if args.trial:
        folder = RUNS / "synthetic_trial"
        steps = ("--steps", str(args.trial))
        found = work(Setting(data, folder, steps, steps, args.again), args.seeds, folder / "f.json")
        print("\n".join(tables(found)))
        return
    minutes, of_generator = (
        ("--minutes", f"{length:g}") for length in (args.minutes, args.generator_minutes)
    )
    setting = Setting(data, RUNS / "synthetic", minutes, of_generator, args.again)
    write_page(tables(work(setting, args.seeds, KEPT)), BEGIN)


if __name__ == "__main__":
    main()
