"""What is checked before a training app begins."""

from argparse import Namespace
from pathlib import Path

from keras_mia.cli.training_job import check_separation


def test_a_sample_may_be_trained_on_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_separation(Namespace(output=Path("."), data="sample:digits", cache=None))
