"""Translation: an image to an image."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "Predictor": "predictor",
    "TranslationPlan": "translation_plan",
    "batches": "training_stream",
    "build": "network",
    "make_plan": "planning",
    "plan": "planning",
    "report_content": "sections",
    "validate": "validation",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
