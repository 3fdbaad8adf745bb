"""Workers that are found by the variables of Slurm."""

import json

import pytest

from keras_mia.core.problem import Problem
from keras_mia.training import devices
from keras_mia.training.slurm import hosts, tasks, tf_config

STEP = {
    "SLURM_STEP_NUM_TASKS": "3",
    "SLURM_STEP_NODELIST": "node[2,10]",
    "SLURM_STEP_TASKS_PER_NODE": "2,1",
    "SLURM_PROCID": "2",
    "SLURM_JOB_ID": "140007",
}


def test_workers_are_in_the_order_of_slurm():
    found = json.loads(tf_config(STEP))
    assert found["cluster"]["worker"] == ["node2:12007", "node2:12008", "node10:12007"]
    assert found["task"] == {"type": "worker", "index": 2}


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
    ],
)
def test_variables_that_do_not_fit_are_told(monkeypatch, wrong):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    for name, value in (STEP | wrong).items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    with pytest.raises(Problem, match="other machines are not known"):
        devices.strategy.__wrapped__()
