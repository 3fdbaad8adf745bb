import argparse
import subprocess
import sys
import tempfile

from keras_mia.cli.app import run
from keras_mia.core.files.process_mark import machine_mark, mark
from keras_mia.core.files.temporary import remove_temporary, temporary_folder


def test_temporary_folders_go_with_their_process(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import tempfile; tempfile.tempdir = {!r}; from keras_mia.core.files.temporary import *;"
        " (temporary_folder() / 'image.npy').write_text('x'); raise ValueError"
    )
    subprocess.run([sys.executable, "-c", code.format(str(tmp_path))], stderr=subprocess.DEVNULL)
    assert list(tmp_path.iterdir()) == []
    folder = temporary_folder()
    (folder / "image.npy").write_text("x")
    remove_temporary()
    assert list(tmp_path.iterdir()) == []


def test_what_killed_processes_left_goes_at_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f"keras-mia-{machine_mark()}-{ended.pid}-xyz"
    others = [tmp_path / f"{mark()}-of-this-process", tmp_path / "keras-mia-thesis"]
    for path in (left, *others):
        path.mkdir()
        (path / "image.npy").write_text("x")
    folder = temporary_folder()
    assert set(tmp_path.iterdir()) == {*others, folder}
    remove_temporary()


def test_every_app_removes_what_killed_processes_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["app"])
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f"keras-mia-{machine_mark()}-{ended.pid}-xyz").mkdir()
    run(argparse.ArgumentParser(), lambda args: None, tensorflow=False)
    assert list(tmp_path.iterdir()) == []
