"""Runs that are killed, alone and among several workers, and go on."""

import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from keras_mia.core.files.text_files import read_csv
from keras_mia.data.datasets.sources.samples import sample_file
from tests.sharing import made_once

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--data", "sample:digits", "--filters", "4", "--depth", "1", "--precision", "float32")


def start(output: Path, *words, **variables) -> subprocess.Popen:
    """`segment` in a process of its own, whose output goes to a file beside the run."""
    log = output.with_name(f"{output.name}-{variables.get('worker', 0)}.log")
    variables = {name: value for name, value in variables.items() if name != "worker"}
    with log.open("a") as file:
        return subprocess.Popen(
            [sys.executable, ROOT / "apps" / "segment.py", "--output", output, *SMALL, *words],
            env=os.environ | variables,
            cwd=ROOT,
            stdout=file,
            stderr=file,
        )


def by_tf_config() -> list[dict[str, str]]:
    """The variables of two workers on this machine."""
    sockets = [socket.socket() for _ in range(2)]
    for one in sockets:
        one.bind(("localhost", 0))
    workers = [f"localhost:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    tasks = [{"type": "worker", "index": index} for index in range(2)]
    return [{"TF_CONFIG": json.dumps({"cluster": {"worker": workers}, "task": x})} for x in tasks]


def by_chief() -> list[dict[str, str]]:
    """The same with one of them the chief."""
    found = [json.loads(one["TF_CONFIG"]) for one in by_tf_config()]
    chief, worker = found[0]["cluster"]["worker"]
    cluster = {"chief": [chief], "worker": [worker]}
    tasks = [{"type": job, "index": 0} for job in cluster]
    return [{"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})} for task in tasks]


def by_slurm() -> list[dict[str, str]]:
    """The same, as `srun --ntasks 2` sets them."""
    step = {"STEP_NUM_TASKS": "2", "STEP_NODELIST": "localhost", "STEP_TASKS_PER_NODE": "2"}
    step["JOB_ID"] = str(random.SystemRandom().randrange(20_000))
    return [
        {f"SLURM_{name}": value for name, value in {**step, "PROCID": str(index)}.items()}
        for index in range(2)
    ]


def start_workers(output: Path, *words, found_by=by_tf_config) -> list[subprocess.Popen]:
    return [
        start(output, *words, worker=index, **variables)
        for index, variables in enumerate(found_by())
    ]


def said(output: Path, worker: int = 0) -> str:
    return output.with_name(f"{output.name}-{worker}.log").read_text()


def variables(output: Path) -> list[np.ndarray]:
    with np.load(output / "checkpoint" / "last.npz") as file:
        return [file[name] for name in file.files if name != "state"]


def history(output: Path) -> list[dict]:
    rows = read_csv(output / "history.csv")
    return [{name: row[name] for name in row if name != "seconds"} for row in rows]


def test_a_run_that_is_killed_again_and_again_ends_as_one_that_is_not(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    steps = ("--steps", "200")
    assert start(whole, *steps).wait() == 0, said(whole)
    chance, kills = random.Random(0), 0
    while True:
        again = ("--resume",) if (killed / "run.json").exists() else ()
        process = start(killed, *steps, *again)
        try:
            # Before, TensorFlow is still being imported.
            process.wait(chance.uniform(4, 8) if kills < 3 else None)
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    assert process.returncode == 0, said(killed)
    assert kills
    assert history(killed) == history(whole)
    for one, other in zip(variables(whole), variables(killed), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("limit", [1000, 20_000], ids=["at the beginning", "after training"])
def test_a_full_disk_is_a_problem_and_leaves_whole_files(tmp_path, limit):
    """A limit to the size of files stands in for a disk that is full."""

    def no_more():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    output = tmp_path / "run"
    words = [sys.executable, ROOT / "apps" / "segment.py", "--output", output, *SMALL]
    words += ["--steps", "5", "--cache", tmp_path / "cache"]
    ended = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, preexec_fn=no_more)
    assert ended.returncode == 2
    assert "Writing failed: File too large" in ended.stderr
    assert "Free some space" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not list(tmp_path.rglob(".writing-*"))


@pytest.fixture(scope="module")
def devices(tmp_path_factory):
    """A run on two devices of one process."""

    def train(folder):
        run = folder / "run"
        assert start(run, "--steps", "5", "--devices", "cpu:2").wait() == 0, said(run)

    return made_once(tmp_path_factory, "two_devices", train) / "run"


@pytest.mark.parametrize("found_by", [by_tf_config, by_slurm, by_chief])
def test_two_workers_train_what_two_devices_do(devices, tmp_path, found_by):
    workers = tmp_path / "workers"
    for index, worker in enumerate(start_workers(workers, "--steps", "5", found_by=found_by)):
        assert worker.wait() == 0, said(workers, index)
    for one, other in zip(variables(devices), variables(workers), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert (workers / "report.html").exists()
    assert said(workers, 1) == ""


def test_a_worker_that_dies_is_missed_and_comes_back(tmp_path):
    output = tmp_path / "run"
    chief, other = start_workers(output, "--steps", "200")
    try:
        wait_for(output / "checkpoint" / "last.npz", chief)
        other.send_signal(signal.SIGKILL)
        assert chief.wait(120) == 2, said(output)
        assert "Another worker stopped" in said(output)
        assert "Traceback" not in said(output)
    finally:
        chief.kill()
        other.kill()
    for index, worker in enumerate(start_workers(output, "--steps", "200", "--resume")):
        assert worker.wait(300) == 0, said(output, index)
    assert [row["step"] for row in read_csv(output / "history.csv")] == ["100", "200"]


def test_workers_that_do_not_mean_the_same_all_say_so(tmp_path):
    """Swapped labels on one machine, or another option, would spoil the network unnoticed."""
    for number in range(2):
        shutil.copytree(sample_file("digits")[0].parent, tmp_path / f"data_{number}")
    swapped = tmp_path / "data_1" / "page_03_label.png"
    shutil.copy(tmp_path / "data_1" / "page_04_label.png", swapped)
    output = tmp_path / "run"
    tables = [["--data", tmp_path / f"data_{number}" / "cases.csv"] for number in range(2)]
    more = [[], ["--seed", "3"]]
    workers = [
        start(output, *tables[index], *more[index], "--steps", "5", worker=index, **variables)
        for index, variables in enumerate(by_tf_config())
    ]
    for index, worker in enumerate(workers):
        assert worker.wait(120) == 2, said(output, index)
        assert "The workers do not train the same" in said(output, index)
        assert re.search(r"worker 1 at .* differs in data, options", said(output, index))
    assert not output.exists()


def wait_for(path: Path, process: subprocess.Popen) -> None:
    """Until a file is there."""
    for _ in range(3000):
        if path.exists() or process.poll() is not None:
            break
        time.sleep(0.1)
    assert path.exists()


@pytest.mark.parametrize("asked", [0, 1], ids=["chief", "worker"])
def test_a_worker_that_is_asked_to_end_does_and_all_name_the_way_on(tmp_path, asked):
    output = tmp_path / "run"
    workers = start_workers(output, "--steps", "5000")
    try:
        wait_for(output / "checkpoint" / "last.npz", workers[0])
        workers[asked].send_signal(signal.SIGTERM)
        assert workers[asked].wait(30) == 143
        assert workers[1 - asked].wait(120) == 2
        for index in range(2):
            assert "--resume" in said(output, index)
            assert "Traceback" not in said(output, index)
    finally:
        for worker in workers:
            worker.kill()


def test_sigterm_ends_a_run_as_a_stop_by_hand_does(tmp_path):
    output = tmp_path / "run"
    process = start(output, "--steps", "5000")
    wait_for(output / "checkpoint" / "last.npz", process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    assert "Go on with: keras-mia segment" in said(output)
    assert not list(output.rglob(".keras-mia-*"))
