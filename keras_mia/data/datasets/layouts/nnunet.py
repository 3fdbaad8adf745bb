"""The layout of nnU-Net and of the Medical Segmentation Decathlon."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keras_mia.core.files.text_files import read_json
from keras_mia.core.problem import Problem
from keras_mia.core.text import plural
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import IMAGE, Case, Cases, Incomplete
from keras_mia.data.datasets.layouts.layout import FolderChoices
from keras_mia.data.io.formats import image_files, stem_of


def read_nnunet(folder: Path, choices: FolderChoices) -> Cases | None:
    """The cases of `imagesTr` and `labelsTr`, and of `imagesTs` if `labelsTs` is there.

    An image `case_0000` is the first channel of the case that the label `case` belongs to.
    `dataset.json` names the classes and channels, and may list the files.

    Args:
        folder: to look in.
        choices: of the user; the layout leaves none.

    Returns:
        The cases, or None if the folder is laid out otherwise.
    """
    about = folder / "dataset.json"
    training = folder / "imagesTr"
    if not about.is_file() and not (training.is_dir() and (folder / "labelsTr").is_dir()):
        return None
    facts = read_json(about) if about.is_file() else {}
    if not isinstance(facts, dict):
        raise Problem("A JSON object was expected.", about, "Give nnU-Net's dataset.json.")
    if not training.is_dir() and not {"dataset", "training"} & set(facts):
        return None
    names, notes = _names(facts.get("labels", {}), about)
    channels = facts.get("channel_names", facts.get("modality", {}))
    channels = list(channels.values()) if isinstance(channels, dict) else []
    incomplete: list[Incomplete] = []
    if training.is_dir() and not isinstance(facts.get("dataset"), dict):
        cases = _scanned(folder, "Tr", incomplete)
    else:
        cases = _listed(folder, facts, notes, incomplete)
    test = _scanned(folder, "Ts", incomplete) if (folder / "labelsTs").is_dir() else []
    if not test and (folder / "imagesTs").is_dir() and image_files(folder / "imagesTs"):
        notes.append("imagesTs has no labels and is left out.")
    split = ("train", "test") if test else (None, None)
    made = [
        Case(name, {IMAGE: images}, LabelMapFile(label), "", split=part)
        for part, group in zip(split, (cases, test), strict=True)
        for name, images, label in group
    ]
    made = _with_all_channels(made, channels, incomplete)
    kind = "nnU-Net's or the Decathlon's layout"
    more = f", channels {', '.join(map(str, channels))}" if channels else ""
    return Cases(
        tuple(made),
        str(folder),
        (f"Read as {kind}{more}.", *notes),
        names,
        _modality(channels),
        incomplete=tuple(incomplete),
    )


def read_nnunet_channels(folder: Path, choices: FolderChoices) -> Cases | None:
    """The training and test images of the layout where each is several files, its channels, without
    their label maps; None otherwise, since files are then images by themselves.

    Args:
        folder: to look in.
        choices: of the user; the layout leaves none.
    """
    cases = read_nnunet(folder, choices)
    if cases is None or all(len(case.images) == 1 for case in cases):
        return None
    alone = tuple(replace(case, target=None) for case in cases)
    return replace(cases, cases=alone, names={}, incomplete=())


Rows = list[tuple[str, tuple[Path, ...], Path]]


def _scanned(folder: Path, part: str, incomplete: list[Incomplete]) -> Rows:
    labels = {stem_of(path): path for path in image_files(folder / f"labels{part}")}
    images: dict[str, list[Path]] = {}
    missing = []
    for path in image_files(folder / f"images{part}"):
        stem = stem_of(path)
        channel = re.fullmatch(r"(.+)_\d{4}", stem)
        if stem in labels:
            images.setdefault(stem, []).append(path)
        elif channel and channel[1] in labels:
            images.setdefault(channel[1], []).append(path)
        else:
            missing.append(path)
    if missing:
        what = f"{plural(len(missing), 'image')} with no label map in labels{part}."
        remedy = "Add the label maps, or take the images away."
        incomplete.append(Incomplete(what, tuple(missing), remedy))
    without = sorted(set(labels) - set(images))
    if without:
        what = f"{plural(len(without), 'label map')} with no image in images{part}."
        remedy = "Add the images, or take the label maps away."
        incomplete.append(Incomplete(what, tuple(labels[name] for name in without), remedy))
    return [(name, tuple(sorted(paths)), labels[name]) for name, paths in images.items()]


def _listed(
    folder: Path, facts: Mapping[str, Any], notes: list[str], incomplete: list[Incomplete]
) -> Rows:
    about = folder / "dataset.json"
    try:
        if isinstance(facts.get("dataset"), dict):
            rows = [(name, row["images"], row["label"]) for name, row in facts["dataset"].items()]
        else:
            rows = [
                (stem_of(row["image"]), [row["image"]], row["label"]) for row in facts["training"]
            ]
        listed = [
            (str(name), tuple(folder / path for path in images), folder / label)
            for name, images, label in rows
        ]
    except (KeyError, TypeError) as error:
        raise Problem(
            "Neither imagesTr nor a list of images and labels was found.",
            about,
            "Put the images into imagesTr and the labels into labelsTr.",
        ) from error
    paths = [path for _, images, label in listed for path in (*images, label)]
    missing = [path for path in paths if not path.exists()]
    if missing:
        what = f"{plural(len(missing), 'file')} that dataset.json lists cannot be found."
        incomplete.append(Incomplete(what, tuple(missing), "Correct the list."))
        listed = [row for row in listed if not {*row[1], row[2]} & set(missing)]
    outside = [path for path in paths if not path.resolve().is_relative_to(folder.resolve())]
    if outside:
        notes.append(
            f"{plural(len(outside), 'file')} listed in dataset.json, such as {outside[0]}, lie"
            f" outside its folder: a copy of {folder} would lack them."
        )
    return listed


def _names(labels: Any, about: Path) -> tuple[dict[int, str], list[str]]:
    """Decathlon: value -> name; nnU-Net 2: name -> value, or the values of a region."""
    names, notes = {}, []
    if not isinstance(labels, dict):
        raise Problem("`labels` was expected to name the classes.", about, 'Write {"liver": 1}.')
    for key, value in labels.items():
        if isinstance(value, list):
            notes.append(f"The region {key} in dataset.json is not used: it joins labels {value}.")
            continue
        pair = (key, value) if str(key).lstrip("-").isdecimal() else (value, key)
        try:
            names[int(pair[0])] = str(pair[1])
        except (TypeError, ValueError) as error:
            raise Problem(
                f"`labels` pairs names with whole numbers, found {key!r}: {value!r}.",
                about,
                "Correct it.",
            ) from error
    return names, notes


def _modality(channels: list) -> str | None:
    if not channels:
        return None
    modalities = {str(channel).strip().upper() for channel in channels}
    if modalities == {"CT"}:
        return "CT"
    mr = re.compile(r"MR|T1|T2|FLAIR|ADC|DWI|PD")
    return "MR" if all(mr.match(one) for one in modalities) else None


def _with_all_channels(
    cases: list[Case], channels: list, incomplete: list[Incomplete]
) -> list[Case]:
    numbers = {len(case.images) for case in cases}
    # Several channels with one file a case are a 4D file.
    expected = len(channels) if channels and numbers != {1} else max(numbers, default=0)
    odd = tuple(case.name for case in cases if len(case.images) != expected)
    if odd:
        what = f"{expected} channels a case were expected, not all cases have as many files."
        remedy = "Add the missing files (_0000, _0001, ...), or take the cases away."
        incomplete.append(Incomplete(what, odd, remedy))
    return [case for case in cases if len(case.images) == expected]
