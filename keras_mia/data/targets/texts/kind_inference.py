"""What kind of target some texts look like."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from keras_mia.data.targets.base import Text, as_text
from keras_mia.data.targets.texts.numbers import numbers_in
from keras_mia.data.targets.texts.plausibility import decimal_commas, missing_texts

MOSTLY = 0.9
"""Share of the targets that are numbers where the others are slips."""

UNIT = re.compile(r"[-+]?\d+(?:[.,]\d+)?(\s*[^\W\d_%°]{1,6}|\s*[%°])")
MANY_VALUES, SOME_VALUES, FEW_EACH = 50, 15, 10
"""More different whole numbers are numbers and no classes; or some with few images each."""


def kind_of(texts: Sequence[Text]) -> str:
    """The kind of target that texts look like.

    Several labels where any joins findings by `|`; a box where all are four or six numbers; a
    number where nine in ten are numbers, some of them not whole, or more than 50 different ones, or
    more than 15 with fewer than 10 images each; else a class. Texts that say that there is none
    ("NA") do not count.

    Args:
        texts: one a case.

    Example:
        >>> kind_of(["0.5", "1", "NA"]), kind_of(["1", "2"]), kind_of(["[1, 2, 8, 9]"])
        ('regression', 'multiclass', 'box')
    """
    given = list(map(as_text, texts))
    if any("|" in text for text in given):
        return "multilabel"
    lacking = missing_texts(given)
    present = [text for text in given if text not in lacking]
    numbers = [numbers_in(text) for text in present]
    sizes = Counter(len(one) for one in numbers)
    if set(sizes) in ({4}, {6}):
        return "box"
    if decimal_commas(present):
        return "regression"
    values = [one[0] for one in numbers if len(one) == 1 and math.isfinite(one[0])]
    if not values and present and _measured(present):
        return "regression"
    if not values or len(values) < MOSTLY * len(present):
        return "multiclass"
    different = set(values)
    if all(value == math.floor(value) for value in different):
        few = len(values) < FEW_EACH * len(different)
        many = len(different) > MANY_VALUES or (len(different) > SOME_VALUES and few)
        return "regression" if many else "multiclass"
    return "regression"


def _measured(texts: Sequence[str]) -> bool:
    """Whether these are many numbers with one unit, such as the ages of DICOM, "061Y"."""
    units = Counter(match[1].strip() for text in texts if (match := UNIT.fullmatch(text.strip())))
    commonest = units.most_common(1)
    many = len(set(texts)) > SOME_VALUES and len(texts) < FEW_EACH * len(set(texts))
    return many and bool(commonest) and commonest[0][1] >= MOSTLY * len(texts)
