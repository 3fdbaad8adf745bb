"""What the tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data sets."""
    folder = os.environ.get("KERAS_MIA_DATA")
    if not folder:
        pytest.skip("KERAS_MIA_DATA does not name the folder of the real data sets")
    return Path(folder)
