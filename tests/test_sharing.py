"""A folder that several processes ask for is made by one of them."""

import subprocess
import sys
from pathlib import Path

CODE = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, sys.argv[3])
from sharing import made_once

def make(folder):
    time.sleep(0.5)
    with (Path(sys.argv[1]) / "made.txt").open("a") as file:
        file.write("made\\n")
    (folder / "x.txt").write_text("x")

root = Path(sys.argv[1]) / sys.argv[2]
root.mkdir()
factory = SimpleNamespace(getbasetemp=lambda: root)
print((made_once(factory, "folder", make) / "x.txt").read_text())
"""


def test_a_folder_is_made_once(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    words = [sys.executable, "-c", CODE, str(tmp_path)]
    options, tests = {"stdout": subprocess.PIPE, "text": True}, str(Path(__file__).parent)
    started = [subprocess.Popen([*words, name, tests], **options) for name in ("one", "two")]
    assert [process.communicate()[0].strip() for process in started] == ["x", "x"]
    assert (tmp_path / "made.txt").read_text() == "made\n"
