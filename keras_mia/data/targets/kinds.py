"""The kinds of target, and the views of volumes; in a file of its own: help texts load nothing."""

KINDS = ("multiclass", "multilabel", "regression", "box")
LABEL_MAP = "label_map"
"""The kind of target that is a file on the image's grid."""
IMAGE = "image"
"""The kind of target that is an image, made from the one that a network is given."""
VIEWS = ("volume", "slices", "neighbours", "planes", "random")
BALANCED = "balanced"
"""How classes are weighed, or drawn, so that all of them count alike."""
