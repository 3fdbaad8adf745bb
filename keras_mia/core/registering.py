"""What Keras needs to open saved models: the package's classes by name, loaded when first used.

Importing the package must not import Keras, and Keras opens a file by the names that are registered
with it. So placeholders of them are registered, whichever of the two is imported first.
"""

import importlib
import sys
from collections.abc import Mapping
from importlib.abc import MetaPathFinder

PACKAGE = __name__.partition(".")[0]
EXPORTS = {
    "layers.borders": ("MirrorPadding",),
    "layers.channels": ("TakeChannels",),
    "layers.convolutions.small_maps": ("Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose"),
    "layers.data_consistency": ("DataConsistency",),
    "layers.convolutions.depthwise": ("DepthwiseConv",),
    "layers.convolutions.grouped": ("GroupedConv1D", "GroupedConv2D", "GroupedConv3D"),
    "layers.local_response": ("LocalResponseNormalization",),
    "layers.normalization": (
        *("BatchNormalization", "GroupNormalization", "InstanceNormalization"),
    ),
    "layers.pooling": ("L2Pooling",),
    "layers.convolutions.strided_pointwise": ("StridedPointwiseConv1D", "StridedPointwiseConv2D"),
    "layers.upsampling": ("Upsampling",),
    "losses.adversarial": (*("Hinge", "LeastSquares", "Minimax", "NonSaturating", "Wasserstein"),),
    "losses.classes": ("ClassCrossEntropy",),
    "losses.combine": ("WeightedSum",),
    "losses.cross_entropy": ("BinaryCrossEntropy", "CrossEntropy"),
    "losses.findings": ("FindingsCrossEntropy",),
    "losses.focal": ("Focal",),
    "losses.overlap": ("Dice", "Jaccard", "Tversky"),
    "losses.perceptual": ("Perceptual",),
    "losses.structural_similarity": ("StructuralSimilarity",),
    "metrics.segmentation.overlap": ("Dice", "Jaccard"),
    "models.generation.adversarial": ("Adversarial",),
    "models.generation.conditional_gan": ("ConditionalGAN",),
    "models.translation.cycle_translator": ("CycleTranslator",),
    "models.translation.image_pool": ("ImagePool",),
    "models.translation.label_translator": ("LabelTranslator",),
    "models.translation.refiner": ("Refiner",),
    "models.translation.translator": ("Translator",),
    "training.optimizers": ("AdamW", "GroupedAdamW", "Muon"),
}
"""Modules below the package, and the classes that they register with Keras."""


class Placeholder:
    """Stands for a class until a saved object of it is made.

    Args:
        module: where the class is.
        name: of the class.
    """

    def __init__(self, module: str, name: str):
        self.module, self.name = module, name

    def from_config(self, config: Mapping):
        """An object of the class, which registers itself in place of this when it is imported.

        Args:
            config: as the object's `get_config` gave it.
        """
        return getattr(importlib.import_module(self.module), self.name).from_config(config)


def registered_names() -> dict[str, Placeholder]:
    """Name in saved models -> where the class is; metrics have names of their own.

    Example:
        >>> registered_names()["keras_mia>Dice"].module, len(registered_names()) > 20
        ('keras_mia.losses.overlap', True)
    """
    return {
        f"{PACKAGE}.metrics>{name}" if module.startswith("metrics.") else f"{PACKAGE}>{name}": (
            Placeholder(f"{PACKAGE}.{module}", name)
        )
        for module, names in EXPORTS.items()
        for name in names
    }


def register_with_keras() -> None:
    """Registers all names with Keras; as soon as it is imported, where it is not yet."""
    if "keras" in sys.modules:
        _register()
    else:
        sys.meta_path.insert(0, _AfterKeras())


def _register() -> None:
    registry = sys.modules["keras"].saving.get_custom_objects()
    for name, placeholder in registered_names().items():
        registry.setdefault(name, placeholder)


class _AfterKeras(MetaPathFinder):
    """Finds Keras as all others do, and has the names registered once it is loaded."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "keras":
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((one for one in specs if one is not None), None)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                _register()
                sys.meta_path.remove(self)  # not before: some only ask whether there is a Keras

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
