"""Files to cases, plans, prepared arrays and batches.

Names are loaded when first asked for, so that importing this room costs nothing.
"""

import importlib

_HOME = {
    "Case": "cases",
    "Cases": "cases",
    "Classes": "labels",
    "Image": "image",
    "classes_of": "labels",
    "read_cases": "reading",
    "read_image": "formats",
    "read_inputs": "reading",
    "read_label": "formats",
    "split": "splitting",
    "write_image": "formats",
}
__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(f"keras_mia.data.{_HOME[name]}"), name)
    raise AttributeError(f"module 'keras_mia.data' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
