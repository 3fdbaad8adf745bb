"""Who trains together, and who is missing."""

import json
import subprocess
import sys

import pytest

from keras_mia.core.problem import Problem
from keras_mia.training.distributed.cluster import read_cluster, several_workers


def config(job="worker", index=0, **cluster):
    return json.dumps({"cluster": cluster, "task": {"type": job, "index": index}})


@pytest.mark.parametrize(
    ("text", "writes", "count"),
    [
        (config("chief", 0, chief=["a:1"], worker=["b:1"]), True, 2),
        (config("worker", 0, chief=["a:1"], worker=["b:1"]), False, 2),
        (config("worker", 1, chief=["a:1"], worker=["b:1", "c:1"]), False, 3),
        (config("worker", 0, worker=["b:1", "c:1"]), True, 2),
        (config("worker", "1", worker=["b:1", "c:1"]), False, 2),
    ],
)
def test_one_process_writes_whatever_it_is_called(text, writes, count):
    cluster = read_cluster(text)
    assert (cluster.writes, len(cluster.members)) == (writes, count)
    assert len(cluster.others) == count - 1


@pytest.mark.parametrize(
    "text", [None, "", "{}", config(worker=["a:1"]), config("chief", 0, chief=["a:1"])]
)
def test_a_process_alone_has_no_cluster(text):
    assert read_cluster(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "no cluster"),
        ("[1]", "no cluster"),
        ("3", "no cluster"),
        ("{", "not JSON"),
        (99999 * "[", "not JSON"),
        (config("worker", "\u00b2", worker=["a:1", "b:1"]), "none of its cluster's"),
        ('{"cluster": []}', "no cluster"),
        ('{"cluster": {"worker": "a:1"}}', "no list of host:port"),
        ('{"cluster": {"worker": ["a", "b"]}}', "no list of host:port"),
        ('{"cluster": {"worker": [1, 2]}}', "no list of host:port"),
        (config(worker=["a:1", "b:1"], ps=["c:1"]), "ps"),
        (config(worker=["a:1", "a:1"]), "twice"),
        (config("chief", 0, chief=["a:1", "b:1"]), "several chiefs"),
        (config("worker", 2, worker=["a:1", "b:1"]), "worker 0, worker 1"),
        (config("chief", 0, worker=["a:1", "b:1"]), "none of its cluster's"),
        ('{"cluster": {"worker": ["a:1", "b:1"]}}', "none of its cluster's"),
        ('{"cluster": {"worker": ["a:1", "b:1"]}, "task": 3}', "none of its cluster's"),
    ],
)
def test_a_description_that_is_wrong_is_a_problem(text, message):
    with pytest.raises(Problem, match=message):
        read_cluster(text)


def test_waiting_names_who_is_missing_and_ends():
    code = (
        "import time; from keras_mia.core.quiet import quiet;"
        " from keras_mia.training.distributed.cluster import *;"
        " found = Cluster((Member('chief', 0, 'localhost:1'),"
        " Member('worker', 0, 'nowhere.invalid:1'), Member('worker', 1, 'localhost:2')), 0)\n"
        "with quiet(), waiting(found, 0.5): time.sleep(60)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50)
    assert done.returncode == 2
    assert "worker 0 at nowhere.invalid:1, worker 1 at localhost:2" in done.stderr
    assert "Start every process" in done.stderr


@pytest.mark.parametrize("tasks", [None, "", "1", "2", "x"])
def test_variables_of_slurm_that_are_no_number_are_read_later(monkeypatch, tasks):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.delenv("SLURM_STEP_NUM_TASKS", raising=False)
    if tasks is not None:
        monkeypatch.setenv("SLURM_STEP_NUM_TASKS", tasks)
    assert several_workers() == (tasks in ("2", "x"))
