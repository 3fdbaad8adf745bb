"""On what a network is trained: one device, several, or several machines."""

import contextlib
import functools
import json
import os
from collections.abc import Iterator

import tensorflow as tf

from keras_mia.core.problem import Problem
from keras_mia.training import slurm


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
        found = tf.config.list_physical_devices("GPU")
        if len(found) < max(1, number):
            raise Problem(
                f"{max(1, number)} GPUs were asked for, TensorFlow sees {len(found)}.",
                f"--devices {devices}",
                "Ask for fewer, or look whether the driver and TensorFlow's CUDA packages fit.",
            )
        tf.config.set_visible_devices(found[:number] if number else found, "GPU")
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
    try:
        resolver = _resolver()
        if resolver is not None:
            return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise Problem(
            f"The other machines are not known: {error}.",
            "TF_CONFIG, or the variables of Slurm",
            'Give TF_CONFIG={"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker",'
            ' "index": 0}} with another index in each process.',
        ) from error
    for kind in ("GPU", "CPU"):
        found = tf.config.list_logical_devices(kind)
        if len(found) > 1:
            return tf.distribute.MirroredStrategy([device.name for device in found])
    return tf.distribute.get_strategy()


def is_chief() -> bool:
    """Whether this process is the one that writes: the first of several workers, or the only."""
    resolver = strategy().cluster_resolver
    return not (_several() and resolver.task_id)


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


@together()
def from_chief(value: float) -> float:
    """The chief's value in each worker; all of them have to call this."""
    if not _several():
        return value

    def mine(given):
        first = tf.distribute.get_replica_context().replica_id_in_sync_group == 0
        return tf.where(first, given, tf.zeros_like(given))

    given = strategy().run(mine, args=(tf.constant(value, tf.float64),))
    return float(strategy().reduce("SUM", given, axis=None))


def _several() -> bool:
    return isinstance(strategy(), tf.distribute.MultiWorkerMirroredStrategy)


def _resolver():
    """Who the workers are; None where there is one."""
    if not os.environ.get("TF_CONFIG") and (found := slurm.tf_config(os.environ)):
        if tf.config.list_physical_devices("GPU") and slurm.share_devices(os.environ):
            raise ValueError(
                "several tasks of this node would share its GPUs, give each its own by srun"
                " --gpus-per-task, or start one a node"
            )
        os.environ["TF_CONFIG"] = found
    described = json.loads(os.environ.get("TF_CONFIG") or "{}")
    if len(described.get("cluster", {}).get("worker", [])) > 1:
        return tf.distribute.cluster_resolver.TFConfigClusterResolver()
    return None
