"""Training: the strategy, the loop, the budget, the run folder."""

import importlib

EXPORTS = {
    "Budget": "fitting",
    "Loop": "loop",
    "Run": "run",
    "fit": "fitting",
    "strategy": "devices",
}
__all__ = list(EXPORTS)


def __getattr__(name: str):
    if name in EXPORTS:
        return getattr(importlib.import_module(f"keras_mia.training.{EXPORTS[name]}"), name)
    raise AttributeError(f"module 'keras_mia.training' has no attribute {name!r}")
