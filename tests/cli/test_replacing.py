"""An earlier run goes only when the one that replaces it has all that it needs."""

import pytest

from keras_mia.core.files.lock import FILE as LOCK
from keras_mia.core.problem import Problem
from keras_mia.training import memory
from tests.cli.conftest import call, train

FOLDS = ["--folds", 2]


def contents(folder):
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != LOCK
    }


def refusing(verb):
    """A verb that does its work and then finds that it does not do."""

    def refuse(self, *args, **options):
        verb(self, *args, **options)
        raise Problem("There is no room.", "here", "Free some space.")

    return refuse


@pytest.fixture
def trained(family, table, tmp_path, monkeypatch, capsys):
    """Trains into one folder; gives the exit code and what was printed."""

    def trained(*more):
        words = ["--data", table, "--output", tmp_path / "run", "--steps", 2, *more]
        words += ["--precision", "float32"]
        return call(monkeypatch, capsys, lambda: train(family), *words)

    return trained


@pytest.mark.parametrize("earlier", [[], FOLDS], ids=["single", "folds"])
@pytest.mark.parametrize("later", [[], FOLDS], ids=["single", "folds"])
def test_an_earlier_run_stays_until_all_is_prepared(
    trained, family, tmp_path, monkeypatch, earlier, later
):
    assert trained(*earlier)[0] == 0
    before = contents(tmp_path / "run")
    for verb in ("plan", "build", "check_memory", "prepare"):
        with monkeypatch.context() as patched:
            patched.setattr(family, verb, refusing(getattr(family, verb)))
            code, text = trained(*later, "--overwrite")
        assert code == 2, verb
        assert "no room" in text
        assert contents(tmp_path / "run") == before, verb
    with monkeypatch.context() as patched:
        patched.setattr(memory, "memory_bytes", lambda: memory.PROGRAM + 4 * memory.WEIGHTS)
        code, text = trained(*later, "--overwrite")
    assert code == 2
    assert "for the weights of the network alone" in text
    assert contents(tmp_path / "run") == before
    code, text = trained(*later, "--overwrite")
    assert code == 0, text
    assert "Left alone" not in text
    names = {path.relative_to(tmp_path / "run").parts[0] for path in contents(tmp_path / "run")}
    assert ("fold_1" in names) == (later == FOLDS)
    assert not list((tmp_path / "run").glob("**/.keras-mia-*-*"))
