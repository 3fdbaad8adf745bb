"""Training: the strategy, the loop, the budget, the run folder."""

from keras_mia.core.lazy import lazy

HOMES = {
    "Budget": "fitting",
    "Loop": "loop",
    "Muon": "optimizers",
    "Run": "run",
    "fit": "fitting",
    "strategy": "devices",
}
__getattr__, __dir__, __all__ = lazy(__name__, HOMES)
