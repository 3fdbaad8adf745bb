"""Names of builders, found out without TensorFlow."""

from pathlib import Path

from keras_mia import models
from keras_mia.core.problem import Problem

HELPERS = (
    *("Adversarial", "ConditionalGAN", "CycleTranslator", "LabelTranslator"),
    *("Refiner", "Translator"),
    *("fold_batchnorm", "inflate", "multi_task", "patch_discriminator", "pretrained"),
    *("resnet_generator", "without_auxiliary"),
)
"""What `keras_mia.models` offers besides builders, `(input_shape, classes, ...)` or of GANs
`(image_shape, ...)`."""


def builder_names(package: str = "") -> list[str]:
    """The package's builders.

    Args:
        package: folder of the package that is meant; "": any.
    """
    modules = models.EXPORTS.items()
    return sorted(
        name for name, module in modules if module.startswith(package) and name not in HELPERS
    )


def check_builder(text: str, package: str = "") -> None:
    """Sees to it that a builder has this name, or that there is the file of `FILE.py:FUNCTION`.

    Raises:
        Problem: there is none.
    """
    if ":" in text:
        check_file(text)
    elif text not in builder_names(package):
        raise Problem(
            f"There is no network {text!r}.",
            "--network",
            f"Choose {', '.join(builder_names(package))}, or FILE.py:FUNCTION.",
        )


def check_file(text: str) -> None:
    """Sees to it that `FILE.py:FUNCTION` names a Python file.

    Raises:
        Problem: it does not.
    """
    file, _, name = text.rpartition(":")
    if not name or Path(file).suffix != ".py" or not Path(file).is_file():
        raise Problem("A network is named as FILE.py:FUNCTION.", text, "Check the file's path.")
