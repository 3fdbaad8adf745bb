"""Training: the strategy, the loop, the budget, the run folder."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "AdamW": "optimizers",
    "Budget": "fitting.budget",
    "Criterion": "fitting.selection",
    "FitSettings": "fitting.settings",
    "GroupedAdamW": "optimizers",
    "Loop": "fitting.loop",
    "Muon": "optimizers",
    "Run": "runs.run",
    "Validation": "fitting.selection",
    "deployable": "fitting.hooks",
    "end_training": "fitting.ending",
    "fine_tune": "fine_tuning",
    "fit": "fitting.fitting",
    "freeze": "fine_tuning",
    "gradient_norms": "gradients",
    "penalize": "penalty",
    "pretrain_layers": "layerwise",
    "strategy": "distributed.devices",
    "trainable_state": "fitting.hooks",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
