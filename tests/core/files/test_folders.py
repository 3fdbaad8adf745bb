import os
from pathlib import Path

import pytest

from keras_mia.core.files.folders import check_folder, check_new, make_folder
from keras_mia.core.problem import Problem


@pytest.mark.parametrize("beyond", ["", "x", "x/y"])
def test_what_is_no_folder_is_said_before_the_work(tmp_path, beyond):
    (tmp_path / "file").touch()
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for name in ("file", "broken", "loop", "pipe"):
        with pytest.raises(Problem, match=name):
            check_folder(tmp_path / name / beyond)
        with pytest.raises(Problem, match=name):
            check_new(tmp_path / name / beyond / "a.csv", overwrite=True)
    for name in ("real", "link", "new"):
        check_folder(tmp_path / name / beyond)
        check_new(tmp_path / name / beyond / "a.csv", overwrite=False)


def test_only_files_are_replaced(tmp_path):
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    (tmp_path / "real").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("broken", "real", "pipe"):
        with pytest.raises(Problem, match="no file to write to"):
            check_new(tmp_path / name, overwrite=True)
    (tmp_path / "file").touch()
    check_new(tmp_path / "file", overwrite=True)
    with pytest.raises(Problem, match="already"):
        check_new(tmp_path / "file", overwrite=False)


def test_a_folder_is_tried_and_not_only_asked_for_its_rights(tmp_path):
    make_folder(tmp_path / "a" / "b")
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "b"]
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "x", Path("/proc/keras-mia")):
        with pytest.raises(Problem, match="Cannot write here"):
            make_folder(folder)
