"""A run of `generate` that is killed goes on and ends as one that was not."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from keras_mia.training.fitting import checkpoint
from keras_mia.training.runs.network_file import load_network

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
STEPS = 200
WORDS = ("--data", "sample:digits", "--network", "mlp_gan", "--option", "units=16,8")
WORDS += ("--size", "16", "--steps", str(STEPS), "--seed", "3", "--precision", "float32")


def start(output: Path, *words) -> subprocess.Popen:
    command = [sys.executable, ROOT / "apps" / "generate.py", "--output", output, *WORDS, *words]
    with output.with_name(f"{output.name}.log").open("a") as log:
        return subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=log, stderr=log)


def said(output: Path) -> str:
    return output.with_name(f"{output.name}.log").read_text()


def kill_after_its_first_checkpoint(process: subprocess.Popen, output: Path) -> None:
    while not (output / "checkpoint" / "last.npz").exists():
        assert process.poll() is None, said(output)
        time.sleep(0.02)
    process.kill()
    process.wait()


def test_a_run_that_is_killed_ends_as_one_that_is_not(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole).wait() == 0, said(whole)
    kill_after_its_first_checkpoint(start(killed), killed)
    assert checkpoint.read_state(killed / "checkpoint" / "last.npz").step < STEPS
    assert not (killed / "metrics.json").exists()
    assert start(killed, "--resume").wait() == 0, said(killed)
    best = [load_network(folder / "best.keras").weights for folder in (whole, killed)]
    for one, other in zip(*best, strict=True):
        np.testing.assert_array_equal(one, other)
    metrics = [json.loads((folder / "metrics.json").read_text()) for folder in (whole, killed)]
    assert metrics[0] == metrics[1]
