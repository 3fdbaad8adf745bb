"""A run in a few facts."""

import math
from collections.abc import Mapping, Sequence

from keras_mia.report import words
from keras_mia.report.words import value


def overview(run: Mapping, metrics: Mapping, classes: Sequence[str]) -> list[tuple[str, str]]:
    """What stands below the score: names and short texts."""
    split = metrics.get("split", "test")
    patients, seconds = metrics.get("patients"), (run.get("seconds") or {}).get("training")
    network = [words.count(run["parameters"], "parameter")] if run.get("parameters") else []
    network += [words.count(run["steps"], "step")] if run.get("steps") else []
    scored = [words.count(metrics["cases"], f"{split} case")] if metrics.get("cases") else []
    scored += [words.count(patients, "patient")] if patients else []
    parts = {
        "Scored on": scored,
        "Fold": [str(run["fold"])] if run.get("fold") else [],
        "Classes": [", ".join(classes) if len(classes) <= 4 else str(len(classes))],
        "Fine classes": _fine(metrics.get("fine") or {}),
        "Trained for": [words.duration(seconds)] if seconds else [],
        "Network": network,
    }
    return [(name, ", ".join(filter(None, texts))) for name, texts in parts.items() if any(texts)]


def _fine(metrics: Mapping) -> list[str]:
    """How well the fine classes below those that are told are known."""
    means, shown = metrics.get("mean") or {}, ("auc", "accuracy")
    told = [f"{words.heading(name)} {words.number(means[name])}" for name in shown if name in means]
    return [str(len(metrics["classes"])), *told] if told else []


def facts(run: Mapping) -> list[tuple[str, str]]:
    """How the run was made: names and texts."""
    machine, seconds = run.get("machine") or {}, run.get("seconds") or {}
    where = [str(machine["cpu"])] if machine.get("cpu") else []
    where += [words.count(machine["cores"], "core")] if machine.get("cores") else []
    where += [f"{machine['memory_gib']} GiB memory"] if machine.get("memory_gib") else []
    where += [str(gpu) for gpu in machine.get("gpus") or ["no GPU"]] if machine else []
    times = [f"{name} {words.duration(taken)}" for name, taken in seconds.items()]
    total = sum(value(taken) for taken in seconds.values())
    times += [f"{words.duration(total)} in all"] if len(seconds) > 1 else []
    reserved = value(run.get("reserved_seconds"))
    if reserved > 0:
        times.append(f"{words.duration(reserved)} of the minutes were kept back for judging")
    waiting = value(run.get("waiting_share"))
    peak = run.get("peak_memory_gib")
    found = {
        "Started": str(run.get("started") or "").replace("T", " ").replace("+00:00", " UTC"),
        "Versions": ", ".join(
            f"{name} {text}" for name, text in (run.get("versions") or {}).items()
        ),
        "Machine": ", ".join(where),
        "Time": ", ".join(times),
        "Waiting for data": "" if math.isnan(waiting) else f"{100 * waiting:.1f} % of training",
        "Peak memory": f"{peak} GiB" if peak else "",
        "Precision": str(run.get("precision") or ""),
        "Batch size": str(run.get("batch_size") or ""),
        "Steps": str(run.get("steps") or ""),
        "Best network by": words.heading(str(run.get("chosen_by") or "")),
        "Seed": str(run["seed"]) if run.get("seed") is not None else "",
        "Fold": str(run.get("fold") or ""),
        "Data": str(run.get("data") or ""),
        "Fingerprint of the data": str(run.get("fingerprint") or ""),
    }
    return [(name, text) for name, text in found.items() if text]
