"""A finished run as pictures and one page."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "Bullets": "sections",
    "CasePicture": "pictures.case_picture",
    "Cell": "table",
    "Charts": "sections",
    "Code": "sections",
    "Content": "sections",
    "Details": "sections",
    "Facts": "sections",
    "Figure": "figures.figure",
    "Headline": "headline",
    "Pictures": "sections",
    "Row": "table",
    "Section": "sections",
    "Table": "table",
    "Text": "sections",
    "bland_altman_figure": "figures.agreement",
    "confusion_figure": "figures.confusion_matrix",
    "planes": "pictures.cases",
    "precision_recall_figure": "figures.ranking",
    "reliability_figure": "figures.agreement",
    "roc_figure": "figures.ranking",
    "write_report": "page",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
