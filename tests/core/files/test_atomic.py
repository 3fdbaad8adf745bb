import errno
import os
import subprocess
import sys

import pytest

from keras_mia.core.files import atomic as atomic_module
from keras_mia.core.files.atomic import atomic, reserve
from keras_mia.core.files.process_mark import OLD_SECONDS, machine_mark, mark
from keras_mia.core.files.text_files import write_text
from keras_mia.core.problem import Problem


def test_a_file_is_whole_or_not_there(tmp_path):
    path = tmp_path / "folder" / "file.txt"
    with pytest.raises(RuntimeError), atomic(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert not path.exists()
    assert list(path.parent.iterdir()) == []
    write_text(path, "old")
    with pytest.raises(RuntimeError), atomic(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"


def test_the_name_beside_keeps_its_suffixes(tmp_path):
    with atomic(tmp_path / "scan.nii.gz") as temporary:
        assert temporary.name.endswith(".nii.gz")
        temporary.write_bytes(b"x")
    assert (tmp_path / "scan.nii.gz").read_bytes() == b"x"


def test_a_name_may_be_as_long_as_the_system_bears(tmp_path):
    name = "ä" * 120 + ".nii.gz"
    write_text(tmp_path / name, "x")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_permissions_follow_the_mask(tmp_path):
    write_text(tmp_path / "file", "x")
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o666 & ~mask


def test_an_unwritable_place_is_a_problem(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Problem, match="Cannot write"):
        write_text(tmp_path / "file" / "below", "x")


def test_a_file_is_on_the_disk_before_it_replaces_another(tmp_path, monkeypatch):
    order = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("sync"), sync(handle)))
    monkeypatch.setattr(os, "replace", lambda a, b: (order.append("replace"), replace(a, b)))
    write_text(tmp_path / "plan.json", "x")
    assert order == ["sync", "replace", "sync"]


def test_a_disk_without_room_is_said_before_a_map_is_written(tmp_path, monkeypatch):
    """Writing to a memory map without room ends the process by a signal."""
    path = tmp_path / "array.npy"
    path.write_bytes(b"x")
    reserve(path, 5000)
    assert path.stat().st_size == 5000

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(Problem, match="MiB are missing"):
        reserve(path, 2**60)


def test_only_what_a_process_that_is_gone_was_writing_is_removed(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    gone = tmp_path / f".keras-mia-{machine_mark()}-{ended.pid}-abcd1234-last.npz"
    elsewhere = tmp_path / ".keras-mia-0123456789-1-abcd1234-last.npz"
    old = tmp_path / ".keras-mia-0123456789-2-abcd1234-last.npz"
    stay = [
        tmp_path / f".{mark()}-abcd1234-last.npz",
        elsewhere,
        tmp_path / ".writing-thesis",
        tmp_path / ".keras-mia-notes.txt",
        tmp_path / "below" / gone.name,
    ]
    for path in (gone, old, *stay):
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    os.utime(old, (0, old.stat().st_mtime - OLD_SECONDS - 1))
    write_text(tmp_path / "new", "x")  # the first file that this process writes there
    stay.append(tmp_path / "new")
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == set(stay)


def test_each_write_is_told_to_who_watches(tmp_path, monkeypatch):
    events = []
    monkeypatch.setattr(
        atomic_module, "watchers", [lambda event, path, _: events.append((event, path))]
    )
    write_text(tmp_path / "a", "x")
    assert events == [(event, tmp_path / "a") for event in ("begin", "written", "done")]
