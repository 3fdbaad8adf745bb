"""The kinds of answer, and the views of volumes; in a file of its own: help texts load nothing."""

KINDS = ("multiclass", "multilabel", "regression", "box")
VIEWS = ("volume", "slices", "neighbours", "planes", "random")
BALANCED = "balanced"
"""How classes are weighed, or drawn, so that all of them count alike."""
