"""What may be found to be wrong with data, and its remedy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_mia.data.datasets.cases import Case
from keras_mia.data.targets.texts.box_corners import REMEDIES

KINDS = {
    "incomplete case": "Add what is missing, or take the case away.",
    "unreadable file": "Replace it by a whole copy, or leave the case out.",
    "not a number": "Replace NaN and infinity, for instance by 0, or leave the case out.",
    "other shape": "Resample it onto the image's grid.",
    "other spacing": "Resample it onto the image's grid, or correct its header.",
    "other orientation": "Turn it to the image's orientation, or correct its header.",
    "other position": "Resample it onto the image's grid, or correct its header.",
    "sform and qform": "Find out which is true (this package and nibabel take the sform, SimpleITK"
    " takes the qform unless the sform has code 1), and write it into both.",
    "empty region": "Leave the region out, or the case.",
    "unusable case": "Correct it, or leave the case out.",
    "constant image": "Export the image again, or leave the case out.",
    "odd channels": "Convert the image to be like the others, or leave the case out.",
    "odd size": "Look whether it is what it should be: images may be brought to one size.",
    "odd type": "Export it as the others are, since equal numbers mean other intensities.",
    "odd spacing": "Compare the voxel size in the header with that of the scan.",
    "unexpected label": "Correct the label map, or name the value where the labels are listed.",
    "odd label value": "Correct the label map, or name the value: --labels -1=ignore leaves its"
    " voxels out. Without a name the smallest value is background.",
    "missing label": "Look whether it is in the image and was left out of the label map.",
    "empty label map": "Look whether the label map was forgotten, or leave the case out.",
    "full label map": "Look whether the background is missing in the label map.",
    "too many labels": "Give label maps in place of images (JPEG blurs labels), or keep some values"
    " with --classes.",
    "blurred labels": "Save the masks again without loss, such as PNG; or say by ranges which"
    " values are which: --labels 0-127=background,128-255=NAME.",
    "numbered objects": "Say --instances merge to take all objects as one class.",
    "one class in several values": "Say which values are one class: --labels 1=NAME,255=NAME.",
    "no class": "Look whether these are the label maps, and whether the classes were kept when they"
    " were written.",
    "image as label map": "Look which of both files is the image; the other one is missing.",
    "class without cases": "Add cases that hold it, or take its name off the list of labels.",
    "untrained class": "Move a case that holds it to the training part.",
    "empty class": "Put images of the class into it, or take it away.",
    "untested class": "Move cases of it to that part, or read the scores without it.",
    "rare class": "Add images of it; --sampling balanced draws each class equally often.",
    "unknown target": "Fill in what is known; loss and scores leave out the rest.",
    "unusable target": "Correct the target, or leave the case out.",
    "missing target": "Leave these rows out, or write what is known.",
    "one class in several spellings": "Write it in one way.",
    "several targets in one": "Join them by |, as in Mass|Effusion, in every row.",
    "one class in several columns": "Write one column with the names.",
    **REMEDIES,
    "odd number": "Look whether its unit and its decimal point are right.",
    "class of one patient": "Add cases of other patients, since it can be trained or tested, not"
    " both; or leave it out.",
    "same image": "Keep one of them; where both are of one patient, say so with --patient.",
    "image as target": "Name the image that is to be made of it, not the image itself.",
    "constant target": "Export the target again, or leave the case out.",
    "other target": "Convert the target to be like the others, or leave the case out.",
    "same target": "Find out to which image it belongs; where both are of one patient, say so with"
    " --patient.",
    "shifted target": "Look at both: where they are of one scan their headers may be wrong; else"
    " register them to each other first.",
    "two targets": "Find out which target is true, and keep one of both.",
    "same label map": "Find out to which image it belongs; where both are of one patient, say so"
    " with --patient.",
    "similar images": "Look at both; where they are of one patient, say so with --patient, else"
    " keep one.",
    "changed by reading": "Nothing has to be done where it is meant so.",
    "patient in several parts": "Move all cases of a patient to one part of the split.",
}
"""Each kind of finding, and what to do about it."""

STOPS = (
    *("blurred labels", "numbered objects", "one class in several values", "no class"),
    "too many labels",
)
"""Kinds of findings that training stops at."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or worth a look.

    Args:
        kind: one of `KINDS`.
        severity: "wrong" if it has to be corrected before training; "note" if it may be meant so.
        case: the case's name; empty where it is about the data set.
        file: that it is about.
        what: was found, in a sentence.
        remedy: what to do about it.
    """

    kind: str
    severity: str
    case: str
    file: str
    what: str
    remedy: str


def finding(
    kind: str,
    case: Case | None,
    file: object,
    what: str,
    *,
    wrong: bool = True,
    remedy: str | None = None,
) -> Finding:
    """A `Finding` whose remedy is that of its kind, unless `remedy` says otherwise."""
    return Finding(
        kind,
        "wrong" if wrong else "note",
        case.name if case else "",
        str(file),
        what,
        remedy or KINDS[kind],
    )


def channel_file(case: Case, channels: Sequence[int], of: int) -> Path:
    """The file that holds the first of some channels, of as many as the case has in all."""
    return case.images[channels[0]] if len(case.images) == of else case.images[0]
