"""Workers that are found by the variables of Slurm."""

import json

import pytest

from keras_mia.core.problem import Problem
from keras_mia.training.distributed import devices
from keras_mia.training.distributed.slurm import hosts, share_devices, tasks, tf_config

STEP = {
    "SLURM_STEP_NUM_TASKS": "3",
    "SLURM_STEP_NODELIST": "node[2,10]",
    "SLURM_STEP_TASKS_PER_NODE": "2,1",
    "SLURM_PROCID": "2",
    "SLURM_JOB_ID": "140007",
}


def test_workers_are_in_the_order_of_slurm():
    config = json.loads(tf_config(STEP))
    assert config["cluster"]["worker"] == ["node2:18624", "node2:18625", "node10:18624"]
    assert config["task"] == {"type": "worker", "index": 2}


def test_jobs_and_steps_in_a_row_have_ports_of_their_own():
    ports = set()
    for job in range(5):
        for step in range(3):
            here = STEP | {"SLURM_JOB_ID": str(job), "SLURM_STEP_ID": str(step)}
            workers = json.loads(tf_config(here))["cluster"]["worker"]
            ports.update(name for name in workers if name.startswith("node2"))
    assert len(ports) == 5 * 3 * 2


def test_tasks_that_would_share_gpus(monkeypatch):
    assert share_devices(STEP | {"SLURM_NODEID": "0"})
    assert not share_devices(STEP | {"SLURM_NODEID": "1"})
    assert not share_devices(STEP | {"SLURM_GPUS_PER_TASK": "1"})
    assert not share_devices({})
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda kind: [kind])
    for name, value in STEP.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Problem, match="--gpus-per-task"):
        devices.cluster_of_process.__wrapped__()


@pytest.mark.parametrize("variables", [{}, {"SLURM_STEP_NUM_TASKS": "1"}])
def test_a_task_alone_has_no_cluster(variables):
    assert tf_config(variables) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("login", ["login"]),
        ("a,b2", ["a", "b2"]),
        ("n[9-11]", ["n9", "n10", "n11"]),
        ("n[098-101]-x", ["n098-x", "n099-x", "n100-x", "n101-x"]),
        ("r[1-2]n[1,3],m", ["r1n1", "r1n3", "r2n1", "r2n3", "m"]),
    ],
)
def test_lists_of_nodes(text, names):
    assert hosts(text) == names


def test_lists_of_tasks():
    assert tasks("4") == [4]
    assert tasks("2(x2),3,1(x2)") == [2, 2, 3, 1, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"SLURM_PROCID": None},
        {"SLURM_STEP_TASKS_PER_NODE": "3"},
        {"SLURM_STEP_NODELIST": "node[a-b]"},
        {"SLURM_STEP_NUM_TASKS": "many"},
        {"SLURM_NODEID": "0"},  # the third task is on the second node
    ],
)
def test_variables_that_do_not_fit_are_told(monkeypatch, wrong):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    for name, value in (STEP | wrong).items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    with pytest.raises(Problem, match="other machines are not known"):
        devices.cluster_of_process.__wrapped__()
