import json
import os
import subprocess
import sys
import threading
import time

import pytest

from keras_mia.core.files.lock import FILE, SILENCE, Lock, release_all
from keras_mia.core.problem import Problem

HOLD = (
    "import sys, time; from pathlib import Path; from keras_mia.core.files.lock import Lock;"
    " lock = Lock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
)


def holder(folder) -> subprocess.Popen:
    """Another process that holds a folder."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, folder], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_folder_is_held_by_one_process(tmp_path):
    other = holder(tmp_path / "run")
    try:
        with pytest.raises(Problem, match=f"Another process works in this folder: .*{other.pid}"):
            Lock(tmp_path / "run")
        assert json.loads((tmp_path / "run" / FILE).read_text())["process"] == other.pid
    finally:
        other.kill()
        other.wait()
    lock = Lock(tmp_path / "run")
    assert f"process {other.pid}" in lock.stale
    lock.release()
    assert not (tmp_path / "run" / FILE).exists()
    assert Lock(tmp_path / "run").stale is None
    release_all()


def test_a_folder_that_was_made_for_nothing_goes_again(tmp_path):
    lock = Lock(tmp_path / "runs" / "one")
    lock.release()
    assert list(tmp_path.iterdir()) == []
    lock = Lock(tmp_path / "runs" / "one")
    (tmp_path / "runs" / "one" / "file").write_text("x")
    lock.release()
    assert [path.name for path in (tmp_path / "runs" / "one").iterdir()] == ["file"]


@pytest.mark.parametrize(("age", "held"), [(5, True), (SILENCE + 5, False)])
def test_a_holder_on_another_machine_is_gone_when_it_is_silent(tmp_path, age, held, monkeypatch):
    monkeypatch.setattr("keras_mia.core.files.lock.WATCH", 0.3)
    path = tmp_path / FILE
    path.write_text(json.dumps({"machine": "0123456789", "host": "node2", "process": 1}))
    os.utime(path, (0, path.stat().st_mtime - age))
    if held:
        with pytest.raises(Problem, match="on node2"):
            Lock(tmp_path)
        assert path.exists()
        return
    lock = Lock(tmp_path)
    assert "node2" in lock.stale
    lock.release()


@pytest.mark.parametrize("ahead", [-3600, 3600])
def test_a_holder_whose_clock_is_wrong_is_told_by_its_touching(tmp_path, ahead, monkeypatch):
    monkeypatch.setattr("keras_mia.core.files.lock.WATCH", 5)
    path = tmp_path / FILE
    path.write_text(json.dumps({"machine": "0123456789", "host": "node2", "process": 1}))
    ended = threading.Event()

    def touch():
        while not ended.wait(0.1):
            os.utime(path, (0, time.time() + ahead))

    other = threading.Thread(target=touch)
    other.start()
    time.sleep(0.3)
    try:
        with pytest.raises(Problem, match="on node2"):
            Lock(tmp_path)
    finally:
        ended.set()
        other.join()
    monkeypatch.setattr("keras_mia.core.files.lock.WATCH", 0.3)
    Lock(tmp_path).release()


def test_parts_of_a_folder_are_held_apart(tmp_path):
    first, second = Lock(tmp_path, "1-of-2"), Lock(tmp_path, "2-of-2")
    assert first.stale is second.stale is None
    first.release()
    second.release()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_a_problem(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Problem, match="Cannot write here"):
        Lock(tmp_path / "file" / "run")
    (tmp_path / FILE).symlink_to(tmp_path / "file")
    with pytest.raises(Problem, match="Cannot write here"):
        Lock(tmp_path)
    assert (tmp_path / "file").read_text() == "x"
