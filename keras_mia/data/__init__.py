"""Files to cases, plans, prepared arrays and batches.

Names are loaded when first asked for, so that importing this room costs nothing.
"""

from keras_mia.core.lazy import lazy

HOMES = {
    "Case": "cases",
    "Cases": "cases",
    "ClassTree": "class_tree",
    "Classes": "labels",
    "Image": "image",
    "Plan": "plan",
    "classes_of": "labels",
    "colours_to_labels": "mending",
    "content": "fingerprint",
    "diagnose": "doctor",
    "make_plan": "planning",
    "read_cases": "reading",
    "read_image": "formats",
    "read_inputs": "inputs",
    "read_label": "formats",
    "split": "splitting",
    "sum_up": "class_tree",
    "survey": "fingerprint",
    "threshold_labels": "mending",
    "write_image": "formats",
}
__getattr__, __dir__, __all__ = lazy(__name__, HOMES)
