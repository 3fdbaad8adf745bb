"""What the words in names of files and folders tell: split, role, series, and which case it is."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

SPLIT_NAMES = {
    **dict.fromkeys(("train", "training", "tr"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev", "tuning"), "validation"),
    **dict.fromkeys(("test", "testing", "ts", "holdout", "heldout", "eval", "evaluation"), "test"),
}
FILLERS = {"set", "data", "dataset", "split"}
"""Words that say nothing beside that of a split."""
ROLES = {
    "image": {
        *(
            "image",
            "images",
            "img",
            "imgs",
            "input",
            "inputs",
            "scan",
            "scans",
            "volume",
            "volumes",
        ),
        *("original", "originals", "orig", "raw", "photo", "photos"),
    },
    "label": {
        *("label", "labels", "annotation", "annotations", "gt", "groundtruth", "ground_truth"),
        *("target", "targets", "truth", "seg", "segs", "segmentation", "segmentations"),
        *("manual", "manual1", "1st_manual", "1st_label", "1st_labels", "1st_observer"),
        *("1stho", "labelstr", "labelsts"),
    },
    "mask": {"mask", "masks"},
    "region": {"fov", "roi", "region", "regions"},
    "second": {"manual2", "2nd_manual", "2nd_label", "2nd_labels", "2nd_observer", "2ndho"},
}
LABEL_WORDS = {
    *(word for role in ("label", "mask") for word in ROLES[role] if word.isalpha()),
    *("msk", "lbl", "segm", "annot", "contour", "contours"),
}
IMAGE_WORDS = {*ROLES["image"], "im", "vol", "0000"}
OBSERVER = r"(?:observer|annotator|manual|rater|reader|expert|grader|ho)"
OBSERVERS = re.compile(rf"([1-9])(?:st|nd|rd|th)?_?{OBSERVER}|{OBSERVER}_?([1-9])")
SERIES = re.compile(
    r"(?:t1|t2)(?:w|c|ce|gd|kontrast|n|f|post|pre|reg|star|wi|km|axial|sag|cor|tse|flair)*|pdw?|"
    r"(?:t2)?flair(?:reg|w)?|dwi|adc|swi|tof|mra|bold|asl|cbf|cbv|dce|stir|pet|pt|ct|cbct|spect"
)


@dataclass(frozen=True)
class Named:
    """What a name tells.

    Args:
        key: the words that say which case it is.
        label: whether it says that this is a label map.
        part: which of several label maps of a case: a number, or the name of a structure.
        observer: which of several people drew it; 0 where it does not say.
        series: of a scanner ("flair"); "" where it does not say.
    """

    key: tuple[str, ...]
    label: bool = False
    part: tuple[str, ...] = ()
    observer: int = 0
    series: str = ""


def likely_role(folder: str) -> str | None:
    """The role that the last word of a folder's name tells, whatever stands before it.

    Example:
        >>> likely_role("ISIC_GroundTruth"), likely_role("lung masks"), likely_role("ISIC_Data")
        ('label', 'mask', None)
    """
    words = tokens(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", folder))
    ends = ("".join(words[-2:]), words[-1]) if words else ()
    return next((role for end in ends for role in ROLES if end in ROLES[role]), None)


def tokens(name: str) -> list[str]:
    """The words of a name, in small letters."""
    plain = unicodedata.normalize("NFC", name).lower()
    return [word for word in re.split(r"[_\-. ]+", plain) if word]


def meaning(folder: str) -> tuple[str | None, str | None]:
    """The split and the role that a folder's name tells; None where it tells none.

    Example:
        >>> meaning("train_images"), meaning("1st_manual"), meaning("stage1_train")
        (('train', 'image'), (None, 'label'), (None, None))
    """
    words = tokens(folder)
    if any(word in SPLIT_NAMES for word in words):
        words = [word for word in words if word not in FILLERS]
    splits = [SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES]
    rest = "_".join(word for word in words if word not in SPLIT_NAMES)
    role = next((role for role, names in ROLES.items() if rest in names), None)
    if len(splits) > 1 or (rest and role is None):
        return None, None
    return (splits[0] if splits else None), role


def named(stem: str) -> Named:
    """What the name of a file, without its suffix, tells.

    Example:
        >>> named("benign (3)_mask_1")
        Named(key=('benign', '(3)'), label=True, part=('1',), observer=0, series='')
        >>> named("Image_01L_1stHO").observer, named("p1_FLAIR").series
        (1, 'flair')
    """
    words = _numbers_split_off(tokens(stem))
    at, width, observer = _label_at(words)
    if at is None:
        return _image(words)
    before, after = words[:at], words[at + width :]
    key, part = (after, ()) if not before else (before, tuple(after))
    return Named(_image(key).key, True, part, observer)


def _image(words: Sequence[str]) -> Named:
    words = list(words)
    series = [word for word in words if SERIES.fullmatch(word)]
    if series:
        words.remove(series[-1])
    for end in (-1, 0):
        if words and words[end] in IMAGE_WORDS:
            words.pop(end)
    return Named(tuple(words), series=series[-1] if series else "")


def _numbers_split_off(words: Sequence[str]) -> list[str]:
    """Words of a role with their number as two: `mask1` as `mask`, `1`."""
    parts: list[str] = []
    for word in words:
        match = re.fullmatch(r"([a-z]+)(\d+)", word)
        of_role = match and match[1] in LABEL_WORDS | IMAGE_WORDS and not OBSERVERS.fullmatch(word)
        parts += [match[1], match[2]] if match and of_role else [word]
    return parts


def _label_at(words: Sequence[str]) -> tuple[int | None, int, int]:
    """Where the last words lie that call it a label map, how many they are, and the observer."""
    for end in range(len(words), 0, -1):
        for width in (2, 1):
            match = OBSERVERS.fullmatch("_".join(words[max(0, end - width) : end]))
            if match and width <= end:
                return end - width, width, int(match[1] or match[2])
        if words[end - 1] in LABEL_WORDS:
            width = 2 if words[max(0, end - 2) : end] == ["ground", "truth"] else 1
            return end - width, width, 0
    return None, 0, 0
