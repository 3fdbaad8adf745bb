"""How an app ends."""

import subprocess
import sys

import numpy as np

from keras_mia.data.io.image_io import write_image


def test_a_reader_that_has_seen_enough_is_no_traceback(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_image(tmp_path / name / "1.png", np.zeros((4, 5), np.uint8))
    words = [sys.executable, "-m", "keras_mia.cli.main", "doctor", "--data", str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        started.stdout.close()
        said = started.stderr.read().decode()
        started.wait()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
