"""From a trained network to the label map of a new image."""

import importlib

EXPORTS = {
    "SlidingWindow": "window",
    "fill_holes": "clean",
    "largest_component": "clean",
}
__all__ = list(EXPORTS)


def __getattr__(name: str):
    if name in EXPORTS:
        return getattr(importlib.import_module(f"keras_mia.inference.{EXPORTS[name]}"), name)
    raise AttributeError(f"module 'keras_mia.inference' has no attribute {name!r}")
