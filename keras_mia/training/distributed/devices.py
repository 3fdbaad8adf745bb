"""On what a network is trained: one device, several, or several machines."""

import contextlib
import functools
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping

import tensorflow as tf

from keras_mia.core.problem import Problem
from keras_mia.training.distributed import slurm
from keras_mia.training.distributed.cluster import EXAMPLE, Cluster, read_cluster, waiting


def begin(devices: str | None = None) -> None:
    """Sets up the devices, and the connection to other machines; before anything is computed.

    Args:
        devices: "cpu", "gpu", or with how many of them, "cpu:2", "gpu:4"; several on a CPU are
            logical ones, to try what several GPUs would do. None: all GPUs, or the CPU.

    Raises:
        Problem: there are no such devices, or the other machines cannot be found.
    """
    kind, _, count = (devices or "").partition(":")
    number = int(count or 0)
    if kind == "cpu":
        tf.config.set_visible_devices([], "GPU")
        cpu = tf.config.list_physical_devices("CPU")[0]
        parts = [tf.config.LogicalDeviceConfiguration() for _ in range(max(1, number))]
        tf.config.set_logical_device_configuration(cpu, parts)
    elif kind == "gpu":
        gpus = tf.config.list_physical_devices("GPU")
        if len(gpus) < max(1, number):
            raise Problem(
                f"{max(1, number)} GPUs were asked for, TensorFlow sees {len(gpus)}.",
                f"--devices {devices}",
                "Ask for fewer, or look whether the driver and TensorFlow's CUDA packages fit.",
            )
        tf.config.set_visible_devices(gpus[:number] if number else gpus, "GPU")
    strategy()


@functools.cache
def strategy() -> tf.distribute.Strategy:
    """The `tf.distribute` strategy of this process, always the same one.

    Returns:
        `MultiWorkerMirroredStrategy` where `TF_CONFIG` or Slurm's variables name several workers,
        `MirroredStrategy` over two or more devices of this machine, TensorFlow's default strategy
        otherwise. A model is built within its `scope()`.

    Raises:
        Problem: the variables are wrong.
    """
    cluster = cluster_of_process()
    if cluster is not None:
        resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
        with waiting(cluster):
            return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    for kind in ("GPU", "CPU"):
        several = tf.config.list_logical_devices(kind)
        if len(several) > 1:
            return tf.distribute.MirroredStrategy([device.name for device in several])
    return tf.distribute.get_strategy()


def is_chief() -> bool:
    """Whether this process is the one that writes: the chief of several, or else the first worker,
    or the only process."""
    cluster = cluster_of_process()
    return cluster is None or cluster.writes


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Within it, another worker that stops is a `Problem`; `fit` and `from_chief` are within it."""
    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
        raise Problem(
            "Another worker stopped, and this one cannot go on alone.",
            "the cluster",
            "Look into that worker's output, then start all of them again with --resume.",
        ) from error


def from_chief(value: float) -> float:
    """The chief's value in each worker; all of them have to call this."""
    return from_all(value)[0]


@together()
def from_all(value: float) -> list[float]:
    """Each worker's value in each worker, the chief's first; all of them have to call this."""
    cluster = cluster_of_process()
    if cluster is None:
        return [value]
    count = len(cluster.members)
    local = strategy().num_replicas_in_sync // count

    def local_value(given):
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        first = tf.equal(replica % local, 0)
        slot = tf.one_hot(replica // local, count, dtype=given.dtype)
        # Not by multiplying: one that is not a number would spoil the others'.
        return tf.where((slot > 0) & first, given, tf.zeros_like(slot))

    given = strategy().run(local_value, args=(tf.constant(value, tf.float64),))
    return [float(one) for one in strategy().reduce("SUM", given, axis=None)]


def check_agreed(facts: Mapping[str, Callable[[], object]]) -> None:
    """Sees to it that all workers mean the same.

    Args:
        facts: what has to be equal, such as "data", to a function that gives anything whose text
            tells it apart; it is not called where one process trains alone.

    Raises:
        Problem: in each worker, naming those that differ from the chief, and in what.
    """
    cluster = cluster_of_process()
    if cluster is None:
        return
    differing: dict[str, list[str]] = {}
    for what, fact in facts.items():
        digest = hashlib.sha256(repr(fact()).encode()).digest()[:6]  # exact in a float64
        digests = from_all(float(int.from_bytes(digest)))
        for member, one in zip(cluster.members, digests, strict=True):
            if one != digests[0]:
                differing.setdefault(str(member), []).append(what)
    if differing:
        raise Problem(
            "The workers do not train the same.",
            "; ".join(f"{name} differs in {', '.join(what)}" for name, what in differing.items()),
            "Give each of them the same files, options and versions as the chief has.",
        )


@functools.cache
def cluster_of_process() -> Cluster | None:
    """Who trains together; None: this process alone.

    Raises:
        Problem: the variables are wrong.
    """
    try:
        if not os.environ.get("TF_CONFIG") and (text := slurm.tf_config(os.environ)):
            if tf.config.list_physical_devices("GPU") and slurm.share_devices(os.environ):
                raise ValueError(
                    "several tasks of this node would share its GPUs, give each its own by srun"
                    " --gpus-per-task, or start one a node"
                )
            os.environ["TF_CONFIG"] = text
    except (ValueError, KeyError, IndexError) as error:
        raise Problem(
            f"The other machines are not known: {error}.", "the variables of Slurm", EXAMPLE
        ) from error
    return read_cluster(os.environ.get("TF_CONFIG"))
