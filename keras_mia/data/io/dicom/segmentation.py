"""DICOM Segmentation: masks that an archive keeps beside the series they were drawn on.

Written by highdicom, read by pydicom. A segment is a class; its label value stands in the code of
its type, under the scheme `SCHEME`, since the standard numbers segments 1, 2, 3, ...

What is written carries the patient and the study of its source: that is how an archive knows where
it belongs. It is the only file of this package that does.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import keras_mia
from keras_mia.core.files.atomic import atomic
from keras_mia.core.problem import Problem
from keras_mia.data.image import Image, integer_type
from keras_mia.data.io.dicom import images
from keras_mia.data.io.dicom.headers import (
    frame_affines,
    group,
    header_errors,
    read_header,
    require_package,
)
from keras_mia.data.io.dicom.spacing import UNEVEN
from keras_mia.data.io.virtual_paths import source_of

SCHEME = "99KERASMIA"
# The standard wants these in every file, empty where they are not known.
REQUIRED = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "StudyID", "AccessionNumber"),
)
NUMBERS = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
MOST_LETTERS = 64
SAME_POSITION_MM = 0.01


def check_sources(sources: Sequence[Path]) -> None:
    """Sees to it that a segmentation can be written of each of these images.

    Args:
        sources: paths of images, as `read_image` takes them.

    Raises:
        Problem: a package is missing, or an image is not DICOM.
    """
    on_disk = [source_of(path) for path in sources]
    other = [path for path in on_disk if not (path.is_dir() or images.is_dicom(path))]
    if other:
        raise Problem(
            "A DICOM Segmentation refers to a DICOM series;"
            f" {len(other)} of {len(sources)} images are not DICOM.",
            ", ".join(map(str, other[:3])),
            "Name DICOM images alone, or leave --as dicom-seg out.",
        )
    for package in ("pydicom", "highdicom"):
        require_package(package, "--as dicom-seg")


def write(path: Path, source: Path, classes: np.ndarray, segments: Mapping[str, int]) -> None:
    """Writes a mask of a DICOM image as one DICOM Segmentation, with a frame a slice and segment.

    Frames without any voxel are written too, so that the file holds the source's whole grid.

    Args:
        path: the file.
        source: the image, as `read_image` reads it.
        classes: `(columns, rows, slices)` uint8 on the image's grid: 0, or the number of a segment.
        segments: name and label value of segment 1, 2, ...

    Raises:
        Problem: a package is missing, or the source's headers lack what the standard wants.
    """
    check_sources([source])
    import highdicom
    from pydicom.uid import generate_uid

    ordered, _ = images.slices(source)
    with header_errors(
        "No DICOM Segmentation can be made from the headers of this image: they lack what the"
        " standard wants, or break its rules",
        source,
        "Correct the headers, or leave --as dicom-seg out.",
    ):
        headers = [read_header(file) for file in dict.fromkeys(one.path for one in ordered)]
        _check_numbers(headers, source)
        made = highdicom.seg.Segmentation(
            source_images=_completed(headers, ordered),
            pixel_array=_frames(classes, ordered),
            segmentation_type="BINARY",
            segment_descriptions=[
                _description(number, name, value)
                for number, (name, value) in enumerate(segments.items(), 1)
            ],
            series_instance_uid=generate_uid(),
            series_number=1000 + int(headers[0].get("SeriesNumber") or 0),
            sop_instance_uid=generate_uid(),
            instance_number=1,
            manufacturer="keras_mia",
            manufacturer_model_name="keras_mia",
            software_versions=keras_mia.__version__,
            device_serial_number="0",
            series_description="Segmentation by keras_mia",
            content_label="SEGMENTATION",
            omit_empty_frames=False,
            specific_character_set="ISO_IR 192",  # UTF-8: names of classes are in any language
        )
        with atomic(path) as temporary:
            made.save_as(temporary)


def read_label(path: Path) -> Image:
    """A label map: a DICOM Segmentation, or an ordinary DICOM image of whole numbers.

    Voxels of a segment have the label value that `write` noted, otherwise the segment's number.
    The grid reaches from the first to the last slice that the file holds.

    Args:
        path: a DICOM file or folder.

    Returns:
        An `Image` with one channel, `(columns, rows, slices, 1)`.

    Raises:
        Problem: pydicom is not installed, the segments overlap or are no masks, or the file is
            broken.
    """
    if not images.is_segmentation(path):
        return images.read(path)
    header = read_header(path)
    with header_errors(
        "The DICOM Segmentation cannot be read", path, "Replace it by a whole copy."
    ):
        if header.SegmentationType == "FRACTIONAL":
            raise Problem(
                "A label map gives each voxel a class, this DICOM Segmentation probabilities.",
                path,
                "Give one of the type BINARY or LABELMAP.",
            )
        slices, affine = _slices_of_frames(header, path)
        space = (int(header.Columns), int(header.Rows), 1 + max(slices))
        values = _values(header)
        kind = integer_type(min(0, *values.values()), max(values.values()))
        label = np.zeros(space, kind)
        for frame, pixels in enumerate(_planes(path)):
            plane = label[:, :, slices[frame]].T
            for number, inside in _inside(header, frame, pixels):
                if (plane[inside] != 0).any():
                    raise Problem(
                        "The segments of this DICOM Segmentation overlap; a label map gives each"
                        " voxel one class.",
                        path,
                        "Leave some segments out.",
                    )
                plane[inside] = values[number]
    return Image(label[..., None], affine)


def _check_numbers(headers: Sequence[Any], source: Path) -> None:
    names = NUMBERS if len(headers) == 1 else (*NUMBERS, "FrameOfReferenceUID")
    missing = [name for name in names if not all(header.get(name) for header in headers)]
    if missing:
        raise Problem(
            f"A DICOM Segmentation refers to its image by numbers; the image has no"
            f" {', '.join(missing)}.",
            source,
            "Export the series again with its numbers, or leave --as dicom-seg out.",
        )


def _completed(headers: Sequence[Any], ordered: Sequence[images.Slice]) -> Sequence[Any]:
    """The headers with what highdicom asks of all of them, though not all sources have it."""
    first = headers[0]
    for header in headers:
        header.decode()
        for name in REQUIRED:
            if name not in header:
                setattr(header, name, "")
    if "PerFrameFunctionalGroupsSequence" in first:
        shared = first.SharedFunctionalGroupsSequence[0]
        for name in ("PixelMeasuresSequence", "PlaneOrientationSequence"):
            setattr(shared, name, [group(first, 0, name)])
    elif ordered[0].placed:
        way = ordered[-1].affine[:3, 3] - ordered[0].affine[:3, 3]
        gap = round(float(np.linalg.norm(way)) / max(1, len(ordered) - 1), 6)
        for header in headers:
            header.ImageOrientationPatient = first.ImageOrientationPatient
            header.SliceThickness = header.get("SliceThickness") or gap or 1
            if gap:  # scanners write it negative, or not at all
                header.SpacingBetweenSlices = gap
    return headers


def _frames(classes: np.ndarray, ordered: Sequence[images.Slice]) -> np.ndarray:
    """`(frames, rows, columns)`, in the order in which the sources hold them."""
    planes = classes.transpose(2, 1, 0)
    if not ordered[0].frame:
        return planes
    return planes[np.argsort([one.frame for one in ordered])]


def _description(number: int, name: str, value: int) -> Any:
    import highdicom
    from pydicom.sr.codedict import codes

    short = name.replace("\\", "/")[:MOST_LETTERS]  # a backslash separates values
    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=short,
        segmented_property_category=codes.SCT.Tissue,
        segmented_property_type=highdicom.sr.CodedConcept(str(value), SCHEME, short),
        algorithm_type="AUTOMATIC",
        algorithm_identification=highdicom.AlgorithmIdentificationSequence(
            name="keras_mia",
            version=keras_mia.__version__,
            family=codes.DCM.ArtificialIntelligence,
        ),
    )


def _values(header: Any) -> dict[int, int]:
    """Segment number to label value."""
    labels = {}
    for segment in header.SegmentSequence:
        number = int(segment.SegmentNumber)
        code = segment.SegmentedPropertyTypeCodeSequence[0]
        ours = code.get("CodingSchemeDesignator") == SCHEME
        labels[number] = int(code.CodeValue) if ours else number
    return labels


def _slices_of_frames(header: Any, path: Path) -> tuple[list[int], np.ndarray | None]:
    """Of each frame the slice that it belongs to, and the affine of the volume."""
    affines = frame_affines(header, path)
    count = int(header.NumberOfFrames)
    if len(affines) < count:  # of a picture that lies nowhere
        return [0] * count, None
    normal = np.cross(affines[0][:3, 0], affines[0][:3, 1])
    normal /= np.linalg.norm(normal)
    along = np.array([affine[:3, 3] @ normal for affine in affines])
    first, last = affines[int(along.argmin())], affines[int(along.argmax())]
    steps = np.diff(np.sort(along))
    steps = steps[steps > SAME_POSITION_MM]
    if not steps.size:
        return [0] * count, first
    exact = (along - along.min()) / steps.min()
    slices = np.round(exact).astype(int)
    if np.abs(exact - slices).max() > 2 * UNEVEN:
        raise Problem(
            f"The slices of this DICOM Segmentation lie {steps.min():.4g} to {steps.max():.4g} mm"
            " apart.",
            path,
            "Resample it to even slices.",
        )
    affine = first.copy()
    affine[:3, 2] = (last[:3, 3] - first[:3, 3]) / slices.max()
    return slices.tolist(), affine


def _planes(path: Path) -> Iterator[np.ndarray]:
    from pydicom.pixels import iter_pixels

    return iter_pixels(path)


def _inside(header: Any, frame: int, pixels: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """The segments of a frame, each with the pixels that it has there."""
    if header.SegmentationType == "LABELMAP":
        for number in np.unique(pixels[pixels != 0]).tolist():
            yield number, pixels == number
        return
    segment = group(header, frame, "SegmentIdentificationSequence")
    yield int(segment.ReferencedSegmentNumber), pixels != 0
