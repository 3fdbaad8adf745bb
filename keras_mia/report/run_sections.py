"""What the report says of each run, whatever its task."""

import math
from collections.abc import Mapping, Sequence

from keras_mia.report.figures.curves import curves
from keras_mia.report.figures.gradients import gradient_figures
from keras_mia.report.formatting import count, duration, plain, value
from keras_mia.report.metric_names import heading
from keras_mia.report.sections import Bullets, Charts, Code, Details, Facts, Section
from keras_mia.report.table import Row, Table

SIZES = {"patch", "spacing_mm", "pool"}
FEW = 8  # choices of a plan that need not be folded away


def understood(run: Mapping) -> Section:
    """What was understood of the data."""
    return Section("What was understood", [Bullets(run.get("notes") or ())])


def training(history: Sequence[Mapping], gradients: Sequence[Mapping]) -> Section:
    """Curves over training.

    Args:
        history: the rows of history.csv.
        gradients: the rows of gradients.csv.
    """
    return Section("Training", [Charts([*curves(history), *gradient_figures(gradients)])])


def how_run(run: Mapping) -> Section:
    """The command, the machine, and how long it took."""
    return Section(
        "How it was run",
        [
            Code("Command", str(run.get("command") or "")),
            Code("To repeat it, in a folder beside it", str(run.get("repeat") or "")),
            Facts(facts(run)),
        ],
    )


def planned(plan: Mapping) -> Section:
    """Field, value and reason of each choice of the plan."""
    reasons = plan.get("reasons") or {}
    rows = [
        Row(name.replace("_", " "), [plain(content, name in SIZES), str(reasons.get(name, ""))])
        for name, content in plan.items()
        if name not in ("format", "task", "reasons")
    ]
    table = Table(["Field", "Value", "Why"], rows, "Plan", prose=True)
    summary = f"{len(rows)} choices, and why each was made"
    return Section("Plan", [Details(summary, [table], open=len(rows) <= FEW)])


def facts(run: Mapping) -> list[tuple[str, str]]:
    """How the run was made: names and texts."""
    waiting, peak = value(run.get("waiting_share")), run.get("peak_memory_gib")
    pairs = {
        "Started": str(run.get("started") or "").replace("T", " ").replace("+00:00", " UTC"),
        "Versions": ", ".join(
            f"{name} {text}" for name, text in (run.get("versions") or {}).items()
        ),
        "Machine": ", ".join(_machine(run.get("machine") or {})),
        "Time": ", ".join(_times(run)),
        "Waiting for data": "" if math.isnan(waiting) else f"{100 * waiting:.1f} % of training",
        "Peak memory": f"{peak} GiB" if peak else "",
        "Precision": str(run.get("precision") or ""),
        "Batch size": str(run.get("batch_size") or ""),
        "Steps": str(run.get("steps") or ""),
        "Best network by": heading(str(run.get("chosen_by") or "")),
        "Seed": str(run["seed"]) if run.get("seed") is not None else "",
        "Fold": str(run.get("fold") or ""),
        "Data": str(run.get("data") or ""),
        "Fingerprint of the data": str(run.get("fingerprint") or ""),
    }
    return [(name, text) for name, text in pairs.items() if text]


def _machine(machine: Mapping) -> list[str]:
    parts = [str(machine["cpu"])] if machine.get("cpu") else []
    parts += [count(machine["cores"], "core")] if machine.get("cores") else []
    parts += [f"{machine['memory_gib']} GiB memory"] if machine.get("memory_gib") else []
    return parts + [str(gpu) for gpu in machine.get("gpus") or ["no GPU"]] if machine else []


def _times(run: Mapping) -> list[str]:
    seconds = run.get("seconds") or {}
    times = [f"{name} {duration(taken)}" for name, taken in seconds.items()]
    total = sum(value(taken) for taken in seconds.values())
    times += [f"{duration(total)} in all"] if len(seconds) > 1 else []
    reserved = value(run.get("reserved_seconds"))
    if reserved > 0:
        times.append(f"{duration(reserved)} of the minutes were kept back for evaluation")
    return times
