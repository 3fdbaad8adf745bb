"""Files to cases, plans, prepared arrays and batches.

Names are loaded when first used, so that importing this package costs nothing.
"""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "Case": "datasets.cases",
    "Cases": "datasets.cases",
    "ClassTree": "targets.hierarchy",
    "Classes": "targets.label_map",
    "Image": "image",
    "Plan": "preprocess.plan",
    "classes_of": "targets.label_map",
    "colours_to_labels": "targets.conversion",
    "content": "fingerprint.survey",
    "read_cases": "datasets.reading",
    "read_image": "io.image_io",
    "read_inputs": "datasets.inputs",
    "read_label": "io.image_io",
    "split": "datasets.splits.splitting",
    "sum_up": "targets.hierarchy",
    "survey": "fingerprint.survey",
    "threshold_labels": "targets.conversion",
    "write_image": "io.image_io",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
