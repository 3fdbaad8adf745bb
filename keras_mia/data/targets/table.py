"""The kinds of target of an image: a new one is a file here, and a line in this table."""

from typing import get_args

from keras_mia.data.targets.box import Box
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multilabel import Multilabel
from keras_mia.data.targets.regression import Regression

AnyColumn = Multiclass | Multilabel | Regression | Box
"""A target that stands by itself, or is one of several of a `Multitask`."""

TARGETS: dict[str, type[AnyColumn]] = {one.kind: one for one in get_args(AnyColumn)}
"""Kind, as `--kind` names it -> class."""
