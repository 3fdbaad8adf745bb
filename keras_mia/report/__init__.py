"""A finished run as pictures and one page."""

from keras_mia.core.lazy import lazy

HOMES = {
    "CasePicture": "pictures",
    "bland_altman_figure": "agreement_figures",
    "confusion_figure": "confusion_matrix",
    "planes": "pictures",
    "precision_recall_figure": "ranking_figures",
    "reliability_figure": "agreement_figures",
    "roc_figure": "ranking_figures",
    "write_report": "page",
}
__getattr__, __dir__, __all__ = lazy(__name__, HOMES)
