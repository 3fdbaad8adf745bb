"""Whether targets are what they seem: missing ones, one class in two spellings, absurd numbers."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

MISSING = {
    *("", "?", "??", "-", "--", ".", "na", "n/a", "n.a.", "n.a", "#n/a", "<na>", "nan", "null"),
    *(
        "nil",
        "missing",
        "unknown",
        "unk",
        "not known",
        "not available",
        "not recorded",
        "undefined",
    ),
    *("unspecified", "not specified", "not reported", "not applicable", "tbd", "nd"),
}
"""What stands for a target that is not there, without regard to case."""

CODES = {sign * code for code in (9, 99, 999, 9999, 99999) for sign in (1, -1)} | {-1}
"""Numbers that often stand for one that is not there."""

FAR, ABSURD = 6.0, 1_000.0
"""Robust standard deviations from the median from which on a number looks like an error, or is."""

YES_OR_NO = {
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y", "positive", "pos", "present"), True),
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n", "negative", "neg", "absent"), False),
}
"""Words for yes and no, without regard to case."""


def missing_texts(texts: Iterable[str]) -> set[str]:
    """Those of some targets that say that there is none.

    Args:
        texts: one a case.

    Example:
        >>> sorted(missing_texts(["ill", "N/A", "well", "nan "]))
        ['N/A', 'nan ']
    """
    texts = set(texts)
    signs = "+" in {text.strip() for text in texts}
    return {
        text
        for text in texts
        if text.strip().casefold() in MISSING and not (signs and text.strip() == "-")
    }


def spellings(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Targets that are one but for case, space, or how a number is written.

    Args:
        texts: one a case.

    Returns:
        Groups of two or more texts that are one.

    Example:
        >>> spellings(["benign", "Benign", "malignant", "1", "1.0"])
        [('1', '1.0'), ('Benign', 'benign')]
        >>> spellings(["1", "0", "True", "False"])
        [('0', 'False'), ('1', 'True')]
    """
    texts = set(texts)
    plain_texts = {text.strip().casefold() for text in texts - missing_texts(texts)}
    binary = plain_texts <= set(YES_OR_NO)
    alike: dict[object, set[str]] = defaultdict(set)
    for text in texts:
        plain = text.strip().casefold()
        alike[YES_OR_NO[plain] if binary and plain in plain_texts else _plain(text)].add(text)
    return sorted(tuple(sorted(group)) for group in alike.values() if len(group) > 1)


def _plain(text: str) -> object:
    plain = re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text).casefold())
    if re.fullmatch(r"\d+(\.\d*)?|\.\d+", plain) and not text.strip().startswith("-"):
        return float(plain)
    return plain or text.strip()


def joined_findings(texts: Iterable[str]) -> dict[str, str]:
    """Targets that hold several, some of which stand by themselves in others -> what parts them.

    Args:
        texts: one a case.

    Example:
        >>> joined_findings(["Mass", "Mass;Effusion", "No Finding"])
        {'Mass;Effusion': ';'}
    """
    texts = set(texts)
    whole = {text.strip().casefold() for text in texts}
    return {
        text: sign
        for text in sorted(texts)
        for sign in (";", ",", "/", "+", "&")
        if sign in text and whole & {part.strip().casefold() for part in text.split(sign)} - {""}
    }


def decimal_commas(texts: Sequence[str]) -> bool:
    """Whether most of some targets are numbers with a comma in place of the decimal point.

    Args:
        texts: one a case.

    Example:
        >>> decimal_commas(["3,15", "2,5"]), decimal_commas(["3 15", "2.5"])
        (True, False)
    """
    with_comma = sum(re.fullmatch(r"\s*[-+]?\d+,\d+\s*", text) is not None for text in texts)
    return with_comma > len(texts) / 2


def outliers(values: Sequence[float]) -> list[tuple[int, bool, str]]:
    """Numbers that lie far from all others.

    Args:
        values: of the cases.

    Returns:
        The number of each such case, whether it is wrong for sure, and how far it lies in words.

    Example:
        >>> outliers([40, 41, 43, 44, 45, 46, 999])
        [(6, True, 'half of all lie within 2 of 44; 999 often stands for a missing one')]
    """
    numbers = np.array(values, float)
    if len(numbers) < 3:
        return []
    middle = float(np.median(numbers))
    distances = np.abs(numbers - middle)
    # 1.4826: of a normal distribution this is the standard deviation
    half = float(np.median(distances))
    deviation = 1.4826 * half
    scale = max(
        deviation, float(np.percentile(distances, 80, method="lower")), 1e-3 * abs(middle), 1e-9
    )
    outlying = []
    for number, (value, distance) in enumerate(zip(numbers, distances, strict=True)):
        absurd = distance > ABSURD * scale
        if not absurd and not (deviation and distance > FAR * deviation):
            continue
        explanation = f"half of all lie within {half:.3g} of {middle:.4g}"
        code = value in CODES
        explanation += f"; {value:g} often stands for a missing one" if code else ""
        outlying.append((number, bool(absurd or code), explanation))
    return outlying
