"""Who trains together, by `TF_CONFIG` or Slurm's variables."""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from keras_mia.core.files.lock import release_all
from keras_mia.core.files.temporary import remove_temporary
from keras_mia.core.problem import Problem
from keras_mia.core.quiet import say

JOBS = ("chief", "worker")
FIRST_NOTICE, NOTICE_INTERVAL, LIMIT = 15.0, 60.0, 600.0
"""Seconds until it is said who is missing, until it is said again, and until waiting ends."""
EXAMPLE = (
    'Give TF_CONFIG={"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker",'
    ' "index": 0}} with another index in each process.'
)


@dataclass(frozen=True)
class Member:
    """One process of a cluster.

    Args:
        job: "chief" or "worker".
        index: its number in the job.
        address: "host:port".
    """

    job: str
    index: int
    address: str

    def __str__(self) -> str:
        return f"{self.job} {self.index} at {self.address}"


@dataclass(frozen=True)
class Cluster:
    """All processes that train together.

    Args:
        members: the one that writes first: the chief where there is one, else worker 0.
        index: which of them this process is.
    """

    members: tuple[Member, ...]
    index: int

    @property
    def writes(self) -> bool:
        """Whether this process writes the run."""
        return self.index == 0

    @property
    def others(self) -> tuple[Member, ...]:
        """All but this process."""
        return tuple(one for number, one in enumerate(self.members) if number != self.index)


def several_workers() -> bool:
    """Whether the environment names several machines that train together."""
    tasks = os.environ.get("SLURM_STEP_NUM_TASKS", "")  # what is no number is said by `slurm`
    return bool(os.environ.get("TF_CONFIG")) or tasks not in ("", "0", "1")


def read_cluster(text: str | None) -> Cluster | None:
    """The cluster that `TF_CONFIG` describes; None: this process trains alone.

    Args:
        text: the variable's value.

    Raises:
        Problem: it is no description of a cluster, or of one with other jobs than chief and worker.

    Example:
        >>> cluster = read_cluster('{"cluster": {"chief": ["a:1"], "worker": ["b:1"]},'
        ...                      ' "task": {"type": "worker", "index": 0}}')
        >>> cluster.writes, str(cluster.others[0])
        (False, 'chief 0 at a:1')
    """
    if not text:
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Problem(f"TF_CONFIG is not JSON: {error}.", "TF_CONFIG", EXAMPLE) from error
    cluster = content.get("cluster", {}) if isinstance(content, Mapping) else None
    if not isinstance(cluster, Mapping):
        raise Problem("TF_CONFIG describes no cluster.", "TF_CONFIG", EXAMPLE)
    unknown = [job for job in cluster if job not in JOBS]
    if unknown:
        raise Problem(
            f"Training runs on a chief and workers alone, TF_CONFIG has {', '.join(unknown)} too.",
            "TF_CONFIG",
            "Name all machines as worker.",
        )
    members = tuple(
        Member(job, index, address)
        for job in JOBS
        for index, address in enumerate(_addresses(cluster.get(job, []), job))
    )
    if len(members) < 2:
        return None
    if len({one.address for one in members}) < len(members):
        raise Problem("TF_CONFIG names an address twice.", "TF_CONFIG", EXAMPLE)
    return Cluster(members, _index(content.get("task"), members))


def _addresses(content: object, job: str) -> list[str]:
    good = isinstance(content, list) and all(
        isinstance(one, str) and one.rpartition(":")[0] and one.rpartition(":")[2].isdecimal()
        for one in content
    )
    if not good:
        raise Problem(f"TF_CONFIG's {job} is no list of host:port.", "TF_CONFIG", EXAMPLE)
    assert isinstance(content, list)
    if job == "chief" and len(content) > 1:
        raise Problem("TF_CONFIG names several chiefs.", "TF_CONFIG", "Name one.")
    return content


def _index(task: object, members: tuple[Member, ...]) -> int:
    if isinstance(task, Mapping) and str(task.get("index", "")).isdecimal():
        for number, one in enumerate(members):
            if one.job == task.get("type") and one.index == int(task["index"]):
                return number
    raise Problem(
        f"TF_CONFIG's task {json.dumps(task)} is none of its cluster's: "
        + ", ".join(f"{one.job} {one.index}" for one in members)
        + ".",
        "TF_CONFIG",
        EXAMPLE,
    )


@contextlib.contextmanager
def waiting(cluster: Cluster, limit: float = LIMIT) -> Iterator[None]:
    """Within it, who does not answer yet is named from time to time, and after a while waiting
    ends, with the process: TensorFlow itself waits for an hour, and says nothing.

    Args:
        cluster: whose members are to answer.
        limit: seconds.
    """
    done = threading.Event()

    def watch() -> None:
        begun, pause = time.monotonic(), min(FIRST_NOTICE, limit)
        while not done.wait(pause):
            missing = ", ".join(str(one) for one in cluster.others if not _is_reachable(one))
            passed = time.monotonic() - begun
            if done.is_set():
                return
            if passed >= limit:
                say(
                    f"\nThe other machines did not all answer within {limit / 60:.0f} minutes.\n"
                    f"  where:  {missing or 'all answer now, but do not take part'}\n"
                    "  remedy: Start every process of the cluster, and see that their ports are"
                    " open to each other.\n"
                )
                release_all()
                remove_temporary()
                os._exit(2)
            say(f"  Waiting for {missing or 'the others to take part'}.\n")
            pause = min(NOTICE_INTERVAL, limit - passed)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _is_reachable(member: Member) -> bool:
    host, _, port = member.address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=2):
            return True
    except OSError:
        return False
