"""What this machine is, and what it can do fast."""

import os
import platform
import resource
from pathlib import Path

PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")


def cpu_flags() -> set[str]:
    """The CPU's instruction sets as Linux names them; empty where it does not say."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    lines = (line for line in text.splitlines() if line.startswith("flags"))
    return set(next(lines, "").partition(":")[2].split())


def gpus() -> list[dict]:
    """`{"name", "capability"}` of each GPU that TensorFlow sees."""
    import tensorflow as tf

    details = [
        tf.config.experimental.get_device_details(gpu)
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    return [
        {
            "name": gpu.get("device_name", "GPU"),
            "capability": tuple(gpu.get("compute_capability", (0, 0))),
        }
        for gpu in details
    ]


def precision(choice: str = "auto") -> str:
    """The name of a Keras dtype policy; "auto" takes bfloat16 where the hardware computes in it.

    Args:
        choice: one of `PRECISIONS`.

    Returns:
        "float32", "mixed_bfloat16" or "mixed_float16".
    """
    if choice != "auto":
        return choice
    devices = gpus()
    # AVX512's bfloat16 alone, without AMX, makes a U-Net's step slower than float32 does.
    fast = "amx_bf16" in cpu_flags()
    if devices:
        fast = all(gpu["capability"] >= (8, 0) for gpu in devices)
    return "mixed_bfloat16" if fast else "float32"


def memory_bytes() -> int:
    """The memory of this machine, or of the container that limits it."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            return min(total, int(Path(limit).read_text()))
        except (OSError, ValueError):
            continue
    return total


def peak_memory_gib() -> float:
    """The most memory that this process has held so far."""
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def cpu_name() -> str:
    """The CPU's model, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(x.partition(":")[2].strip() for x in lines if x.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def machine() -> dict:
    """What a report says about the machine, without its name."""
    return {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory_bytes() / 2**30, 1),
        "gpus": [gpu["name"] for gpu in gpus()],
    }
