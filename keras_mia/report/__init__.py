"""A finished run as pictures and one page."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "Bullets": "sections",
    "CasePicture": "pictures.case_picture",
    "Cell": "table",
    "Charts": "sections",
    "Code": "sections",
    "Content": "sections",
    "DensityPanel": "figures.densities",
    "Details": "sections",
    "Facts": "sections",
    "Figure": "figures.figure",
    "Film": "sections",
    "Headline": "headline",
    "ImagePair": "sections",
    "ImagePairs": "sections",
    "Pictures": "sections",
    "Row": "table",
    "Section": "sections",
    "Table": "table",
    "Text": "sections",
    "bland_altman_figure": "figures.agreement",
    "confusion_figure": "figures.confusion_matrix",
    "density_figures": "figures.densities",
    "film_frames": "pictures.grid",
    "image_files": "pictures.grid",
    "planes": "pictures.cases",
    "precision_recall_figure": "figures.ranking",
    "reliability_figure": "figures.agreement",
    "roc_figure": "figures.ranking",
    "sample_grid": "pictures.grid",
    "share_figure": "figures.shares",
    "write_report": "page",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
