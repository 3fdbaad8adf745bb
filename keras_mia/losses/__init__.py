"""Losses: what a network is asked to make small.

Those of whole images, `ClassCrossEntropy` and `FindingsCrossEntropy`, take `(batch, classes)`;
`Perceptual` and `StructuralSimilarity` take two images. All others take integer label maps as
truth, `(batch, *space)` or `(batch, *space, 1)`, and the probabilities `(batch, *space, classes)`
of a softmax or `(batch, *space, 1)` of a sigmoid; logits with `from_logits=True`. Voxels that hold
`ignore_label` count in no sum and in no mean; where no voxel counts, the cost is 0. A label that is
neither a class nor `ignore_label` is an error.

A `sample_weight` is `(batch,)`, how much each image counts, or `(batch, *space)` or
`(batch, *space, 1)`, how much each voxel does; other shapes are an error.
"""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "BinaryCrossEntropy": "cross_entropy",
    "ClassCrossEntropy": "classes",
    "CrossEntropy": "cross_entropy",
    "Dice": "overlap",
    "FindingsCrossEntropy": "findings",
    "Focal": "focal",
    "gradient_penalty": "slope_penalties",
    "Hinge": "adversarial",
    "Jaccard": "overlap",
    "LeastSquares": "adversarial",
    "Minimax": "adversarial",
    "NonSaturating": "adversarial",
    "Perceptual": "perceptual",
    "r1": "slope_penalties",
    "StructuralSimilarity": "structural_similarity",
    "Tversky": "overlap",
    "Wasserstein": "adversarial",
    "WeightedSum": "combine",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
