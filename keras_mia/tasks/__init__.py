"""What the package does for one family of tasks: the same verbs for each, and a register."""

from keras_mia.core.lazy import lazy

EXPORTS = {"Evaluation": "values", "Prepared": "values", "REGISTER": "task", "Task": "task"}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
