"""What the tests of the contract share."""

import json

import pytest

from tests.contract.devices import train_all
from tests.sharing import made_once


@pytest.fixture(scope="session")
def device_differences(tmp_path_factory) -> dict[str, float]:
    """The largest difference of any weight between one device and two, a row."""
    folder = made_once(tmp_path_factory, "devices", train_all)
    return json.loads((folder / "differences.json").read_text())
