import numpy as np

from keras_mia.core import hardware
from keras_mia.core.quiet import quiet


def test_precision_follows_the_hardware(monkeypatch):
    monkeypatch.setattr(hardware, "gpus", list)
    monkeypatch.setattr(hardware, "cpu_flags", lambda: {"avx2"})
    assert hardware.precision() == "float32"
    monkeypatch.setattr(hardware, "cpu_flags", lambda: {"avx512_bf16"})
    assert hardware.precision() == "float32"
    monkeypatch.setattr(hardware, "cpu_flags", lambda: {"avx512_bf16", "amx_bf16"})
    assert hardware.precision() == "mixed_bfloat16"
    assert hardware.precision("float32") == "float32"
    monkeypatch.setattr(hardware, "gpus", lambda: [{"name": "old", "capability": (7, 5)}])
    assert hardware.precision() == "float32"


def test_peak_memory_grows_with_what_is_held():
    before = hardware.peak_memory_gib()
    held = np.ones(2**27)
    assert hardware.peak_memory_gib() >= max(before, held.nbytes / 2**30)


def test_quiet_drops_what_native_code_says(capfd):
    import os

    with quiet():
        os.write(2, b"talk")
    os.write(2, b"word")
    assert capfd.readouterr().err == "word"
