"""What is killed at each of its writes, and goes on, leaves what an uninterrupted start does."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import PIL.Image
import pytest

from keras_mia.core.files.text_files import read_csv, read_json

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("killed_at_writes.py")
TIMES = {"seconds", "started", "peak_memory_gib", "waiting_share", "command", "repeat", "options"}
SEGMENT = ["--filters", "2", "--depth", "1", "--patch", "8", "--batch-size", "2"]
CLASSIFY = ["--network", "lenet", "--size", "16", "--batch-size", "2"]
WRITTEN = {
    "segment": {
        *("run.json", "args.txt", "cases.csv", "plan.json", "best.keras", "history.csv"),
        *("checkpoint/last.npz", "scores.csv", "metrics.json", "report.html", "files.txt"),
    },
}
PREDICTED = {"segment": "pairs/images", "classify": "classes/low"}
WRITTEN["classify"] = WRITTEN["segment"] | {"calibration.json"}


@pytest.fixture
def tiny(tmp_path):
    """Pictures of bright discs: three with masks, eight in two folders of classes."""
    generator = np.random.default_rng(0)
    for number in range(8):
        rows, columns = np.indices((16, 16))
        disc = (rows - 4 - number) ** 2 + (columns - 8) ** 2 < 16
        noisy = np.clip(60 + 120 * disc + generator.normal(0, 10, disc.shape), 0, 255)
        picture, name = PIL.Image.fromarray(noisy.astype(np.uint8)), f"c_{number}.png"
        folders = [f"classes/{'low' if number % 2 else 'high'}"]
        if number < 3:
            folders.append("pairs/images")
            (tmp_path / "pairs" / "labels").mkdir(parents=True, exist_ok=True)
            mask = PIL.Image.fromarray((255 * disc).astype(np.uint8))
            mask.save(tmp_path / "pairs" / "labels" / name)
        for folder in folders:
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            picture.save(tmp_path / folder / name)
    return tmp_path


def starts(folder: Path, moments: str, *words) -> list[str]:
    """The places at which an app was killed until it ended well."""
    log = folder.with_suffix(".log")
    command = [sys.executable, SCRIPT, moments, log, folder, *map(str, words)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, log.read_text()[-3000:]
    assert "Traceback" not in log.read_text()
    return done.stdout.splitlines()


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def contents(path: Path) -> dict[str, bytes] | bytes:
    """Of a file; of an archive those of its parts, since it holds times."""
    if path.suffix != ".npz":
        return path.read_bytes()
    with np.load(path) as file:
        return {name: file[name].tobytes() for name in file.files}


def check_equal(one: Path, other: Path) -> None:
    """But for times, the same files with the same content."""
    assert files_below(one) == files_below(other)
    for name in ("cases.csv", "plan.json", "scores.csv", "metrics.json"):
        assert (one / name).read_text() == (other / name).read_text(), name
    for name in files_below(one):
        if name.startswith("predictions/"):
            assert (one / name).read_bytes() == (other / name).read_bytes(), name
    listed = [sorted((folder / "files.txt").read_text().split()) for folder in (one, other)]
    assert listed[0] == listed[1]
    facts = [read_json(folder / "run.json") for folder in (one, other)]
    assert facts[0].keys() == facts[1].keys()
    for name in facts[0].keys() - TIMES:
        assert facts[0][name] == facts[1][name], name
    rows = [read_csv(folder / "history.csv") for folder in (one, other)]
    for row, same in zip(*rows, strict=True):
        assert {**row, "seconds": ""} == {**same, "seconds": ""}
    models = [keras.models.load_model(folder / "best.keras") for folder in (one, other)]
    for weight, same in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(weight, same)
    with np.load(one / "checkpoint/last.npz") as a, np.load(other / "checkpoint/last.npz") as b:
        assert a.files == b.files
        for name in set(a.files) - {"state"}:
            np.testing.assert_array_equal(a[name], b[name])


@pytest.mark.parametrize(
    ("app", "data", "options"),
    [("segment", "pairs", SEGMENT), ("classify", "classes", CLASSIFY)],
)
def test_a_run_that_is_killed_at_each_write_ends_as_one_that_is_not(tiny, app, data, options):
    words = [app, "--data", tiny / data, "--steps", "1", "--precision", "float32", *options]
    places = starts(tiny / "killed", "begin,written", *words, "--output", tiny / "killed")
    names = {place.partition(" by ")[0] for place in places}
    assert names >= WRITTEN[app]
    assert any(name.startswith("cache/") for name in names)
    moments: dict[str, set[str]] = {}
    for where, _, moment in (place.rpartition(" ") for place in places):
        moments.setdefault(where, set()).add(moment)
    assert all(found == {"begin", "written"} for found in moments.values())
    assert starts(tiny / "whole", "none", *words, "--output", tiny / "whole") == []
    check_equal(tiny / "whole", tiny / "killed")

    words = ["predict", "--run", tiny / "whole", "--data", tiny / PREDICTED[app], "--shard", "1/1"]
    words += ["--probabilities"] if app == "segment" else []
    places = starts(tiny / "again", "begin,written", *words, "--output", tiny / "again")
    assert places
    assert starts(tiny / "once", "none", *words, "--output", tiny / "once") == []
    assert files_below(tiny / "again") == files_below(tiny / "once")
    for name in files_below(tiny / "once"):
        one, other = (tiny / folder / name for folder in ("once", "again"))
        assert contents(one) == contents(other), name
