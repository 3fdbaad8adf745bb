"""Ctrl-C ends with one sentence, which names the command that goes on."""

import shlex

import pytest

from keras_mia.training.runs.run import Run


@pytest.mark.parametrize("options", [[], ["--overwrite"]])
@pytest.mark.parametrize("begun", [True, False])
def test_a_stop_names_the_command_that_goes_on(
    app, pictures, tmp_path, monkeypatch, options, begun
):
    folder = tmp_path / "my runs"
    words = ["--data", str(pictures), "--output", str(folder), "--steps", "250"]
    words += ["--patient", r"cell_\d"]

    def stop(*_):
        if begun:
            run = Run.start(folder, "segmentation")
            run.accept()
            run.finish()
        raise KeyboardInterrupt

    monkeypatch.setattr("keras_mia.cli.app.load_tensorflow", stop)
    done = app("segment", *words, *options)
    assert done.code == 130
    said = done.err.strip()
    if begun:
        start = "keras-mia segment: stopped. Go on with: "
        assert said.startswith(start)
        assert shlex.split(said.removeprefix(start)) == ["keras-mia", "segment", *words, "--resume"]
    else:
        assert said == "keras-mia segment: stopped."
