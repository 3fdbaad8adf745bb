"""Tries a setting without the test: trains on a part of the training cases, judges on the rest.

`python benchmarks/trials.py dsb2018_nuclei --steps 700 --set norm=batch --change scale=0.5,2,0.5`

Each trial adds a line to `results/trials.jsonl`. The test cases are neither trained on nor judged:
of the others a quarter is held out, every fourth one, or with `--block` the last ones in the order
of their names (slices of a stack, whose neighbours look alike). A single image is trained on the
last quarter of its longest axis and judged on 0.5 to 0.68 of it, with a gap between, since its
test lies as far away.
"""

import argparse
import ast
import dataclasses
import json
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from keras_mia.data.augment.settings import Augmentation, Chance
from keras_mia.data.datasets.cases import Case, Cases, Slab
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.fingerprint.survey import content, survey
from keras_mia.data.preprocess.case_cache import cache_cases
from keras_mia.tasks import patches, segmentation
from keras_mia.tasks.segmentation.evaluation.evaluator import Evaluator
from keras_mia.training.fitting.loop import Loop
from keras_mia.training.fitting.schedule import learning_rate
from results import RUNS
from tables import TABLES


def held_out(cases: Cases, block: bool) -> tuple[list[Case], list[Case]]:
    """The cases to train on and those to judge, none of them of the test."""
    if any(isinstance(case.region, Slab) for case in cases):
        one = cases.train[0]
        axis = one.region.axis
        train, judged = Slab(axis, 0.75, 1.0), Slab(axis, 0.5, 0.68)
        return [dataclasses.replace(one, region=train)], [dataclasses.replace(one, region=judged)]
    known = [case for case in cases if case.split != "test"]
    quarter = known[-(len(known) // 4) :] if block else known[::4]
    return [case for case in known if case not in quarter], quarter


def values(pairs: list[str]) -> dict:
    """`name=value` pairs, the values as Python writes them, other words as they are."""
    found = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        try:
            found[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            found[name] = text
    return found


def changed(plan, changes: dict) -> Augmentation:
    """The plan's augmentation with some of its chances replaced."""
    chances = {name: Chance(*value) for name, value in changes.items()}
    return dataclasses.replace(patches.augmentation(plan), **chances)


def trial(args) -> dict:
    source = args.data
    if source in TABLES:
        source = TABLES[source](Path(os.environ["KERAS_MIA_DATA"]).resolve(), RUNS)
    elif not source.startswith("sample:"):
        source = Path(os.environ["KERAS_MIA_DATA"]) / source
    cases = survey(read_cases(source))
    cases = split(cases, content=lambda case: content(cases.facts[case]))
    training, judged = held_out(cases, args.block)
    plan = segmentation.plan(
        dataclasses.replace(cases, cases=tuple(training)),
        minutes=args.minutes,
        overrides=values(args.set),
    )
    stored = cache_cases(training, plan, RUNS / "trials")
    keras.utils.set_random_seed(args.seed)
    settings = changed(plan, values(args.change))
    model = segmentation.build(plan, **values(args.network))
    if args.optimizer == "adamw":
        adam = keras.optimizers.AdamW(args.rate, weight_decay=1e-4, global_clipnorm=5.0)
        model.compile(adam, loss=model.loss, jit_compile=False)
    batches = patches.batches(stored, plan, seed=args.seed, settings=settings)
    loop = Loop(model, batches, plan.batch_size)
    found, seconds = {}, 0.0
    for step in range(args.steps):
        begun = time.perf_counter()
        rate = learning_rate(step, args.steps, args.rate)
        model.optimizer.learning_rate.assign(rate)
        loop.step()
        seconds += time.perf_counter() - begun
        if (step + 1) % (args.every or args.steps) == 0 or step + 1 == args.steps:
            found[step + 1] = judge(model, plan, judged)
            print(f"step {step + 1}, {seconds:.0f} s: {found[step + 1]}", flush=True)
    return {**vars(args), "patch": plan.patch, "seconds": round(seconds), "scores": found}


def judge(model, plan, cases: list[Case]) -> dict:
    """The scores as those of the test are made."""
    predictor = segmentation.Predictor(model, plan)
    scores = Evaluator(plan.classes.names)
    for case in cases:
        segmentation.score(scores, case, predictor)
    mean = scores.metrics()["mean"]
    return {name: round(mean[name], 4) for name in ("dice", "auc", "pixel_error")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", help="a folder of the data sets, one of TABLES, or sample:NAME")
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--every", type=int, help="also judge after so many steps")
    parser.add_argument("--minutes", type=float, default=10.0, help="that the plan is made for")
    parser.add_argument("--rate", type=float, default=patches.PEAK_RATE)
    parser.add_argument("--optimizer", choices=("muon", "adamw"), default="muon")
    parser.add_argument("--set", nargs="*", default=[], help="fields of the plan: name=value")
    parser.add_argument("--network", nargs="*", default=[], help="options of the builder")
    parser.add_argument("--change", nargs="*", default=[], help="name=low,high,probability")
    parser.add_argument("--block", action="store_true", help="hold out the last quarter")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    row = trial(args)
    RUNS.mkdir(exist_ok=True)
    with (RUNS / "trials.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
