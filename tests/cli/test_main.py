"""`keras-mia NAME`: which app it runs, and what it says of them."""

import subprocess
import sys
import time

import pytest

from keras_mia.cli import main


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "keras_mia.cli.main", *arguments], capture_output=True, text=True
    )


def test_help_names_every_app():
    done = command("--help")
    assert done.returncode == 0
    for name, file in main.apps().items():
        assert f"  {name:<10}{main.summary(file)}" in done.stdout
    assert "segment" in main.apps()


@pytest.mark.parametrize("name", sorted(main.apps()))
def test_the_help_of_an_app_needs_no_tensorflow(name):
    code = (
        f"import sys, runpy; sys.argv = ['keras-mia', {name!r}, '--help']\n"
        "from keras_mia.cli.main import main\n"
        "try: main()\nexcept SystemExit as end: assert end.code == 0\n"
        "heavy = {'tensorflow', 'keras', 'scipy', 'sklearn', 'pandas', 'matplotlib'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"usage: keras-mia {name}" in done.stdout
    print(f"{name}: {time.perf_counter() - begun:.2f} s")


def test_an_unknown_app_is_said():
    done = command("segmnt")
    assert done.returncode == 2
    assert "there is no app 'segmnt'" in done.stderr
    assert "segment" in done.stderr


@pytest.mark.parametrize("name", ["segment", "classify", "finetune", "translate", "generate"])
def test_an_app_that_trains_has_no_threads_before_it_waits_for_signals(name):
    """Those of numpy would take a signal that is meant for the one that waits for it."""
    code = (
        f"import runpy, sys; runpy.run_path('apps/{name}.py', run_name='app')\n"
        "assert 'numpy' not in sys.modules\n"
    )
    folder = main.apps()[name].parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
