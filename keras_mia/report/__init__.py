"""A finished run as pictures and one page."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "CasePicture": "pictures.cases",
    "bland_altman_figure": "figures.agreement",
    "confusion_figure": "figures.confusion_matrix",
    "planes": "pictures.cases",
    "precision_recall_figure": "figures.ranking",
    "reliability_figure": "figures.agreement",
    "roc_figure": "figures.ranking",
    "write_report": "page",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
