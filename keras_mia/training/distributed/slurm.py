"""Who the workers of a Slurm job step are."""

import json
import re
from collections.abc import Mapping

PORTS, TASKS, JOBS = 12_000, 32, 600
"""The first port; how many each job step has for itself, as jobs may share a node; and how many
steps in a row differ."""


def tf_config(variables: Mapping[str, str]) -> str | None:
    """What `TF_CONFIG` would hold, by the variables that `srun` sets; None: there is one task.

    TensorFlow's own resolver for Slurm asks nvidia-smi, which machines without a GPU lack, and
    sorts nodes by name, which is not how Slurm numbers them (node2 comes before node10).

    Args:
        variables: the environment.

    Raises:
        ValueError: the variables cannot be understood.
        KeyError: one of them is missing.

    Source: https://slurm.schedmd.com/srun.html, output environment variables.
    """
    if int(variables.get("SLURM_STEP_NUM_TASKS") or 1) < 2:
        return None
    nodes = hosts(variables["SLURM_STEP_NODELIST"])
    counts = tasks(variables["SLURM_STEP_TASKS_PER_NODE"])
    step = int(variables.get("SLURM_JOB_ID", 0)) + 131 * int(variables.get("SLURM_STEP_ID", 0))
    first = PORTS + TASKS * (step % JOBS)
    workers = [
        (node, number) for node, count in zip(nodes, counts, strict=True) for number in range(count)
    ]
    index = int(variables["SLURM_PROCID"])
    here = int(variables.get("SLURM_NODEID", nodes.index(workers[index][0])))
    if workers[index][0] != nodes[here]:
        raise ValueError("Slurm does not number tasks node by node: srun --distribution=block does")
    addresses = [f"{node}:{first + number}" for node, number in workers]
    task = {"type": "worker", "index": index}
    return json.dumps({"cluster": {"worker": addresses}, "task": task})


def share_devices(variables: Mapping[str, str]) -> bool:
    """Whether another task of this node sees the same GPUs: `srun` gave each none of its own.

    Args:
        variables: the environment.
    """
    if int(variables.get("SLURM_STEP_NUM_TASKS") or 1) < 2:
        return False
    if any(variables.get(f"SLURM_{name}") for name in ("GPUS_PER_TASK", "GPU_BIND")):
        return False
    counts = tasks(variables["SLURM_STEP_TASKS_PER_NODE"])
    return counts[int(variables.get("SLURM_NODEID", 0))] > 1


def hosts(text: str) -> list[str]:
    """The nodes that a list of Slurm's names, in its order.

    Example:
        >>> hosts("gpu[08-10,12],login1")
        ['gpu08', 'gpu09', 'gpu10', 'gpu12', 'login1']
    """
    names: list[str] = []
    for part in re.findall(r"(?:[^,\[\]]|\[[^\[\]]*\])+", text):
        before, bracket, rest = part.partition("[")
        inside, _, after = rest.partition("]")
        heads = [f"{before}{number}" for number in _numbers(inside)] if bracket else [before]
        names += [f"{name}{end}" for name in heads for end in (hosts(after) if after else [""])]
    return names


def _numbers(text: str) -> list[str]:
    numbers = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        last = int(high or low)
        numbers += [f"{number:0{len(low)}}" for number in range(int(low), last + 1)]
    return numbers


def tasks(text: str) -> list[int]:
    """How many tasks each node has.

    Example:
        >>> tasks("2(x3),1")
        [2, 2, 2, 1]
    """
    counts: list[int] = []
    for part in text.split(","):
        count, _, times = part.rstrip(")").partition("(x")
        counts += [int(count)] * int(times or 1)
    return counts
