"""What the report shows of a run of generation."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from keras_mia.core.files.text_files import read_json
from keras_mia.report.figures.densities import DensityPanel, density_figures
from keras_mia.report.figures.figure import Figure
from keras_mia.report.figures.shares import share_figure
from keras_mia.report.formatting import interval, number, value
from keras_mia.report.headline import headline_of
from keras_mia.report.metric_names import heading
from keras_mia.report.pictures.grid import film_frames
from keras_mia.report.sections import Charts, Content, Film, ImagePair, ImagePairs, Section, Text
from keras_mia.report.table import Cell, Row, Table
from keras_mia.tasks.generation.callbacks.film import FOLDER
from keras_mia.tasks.generation.evaluation.pictures import BEST, PAIRS, REAL
from keras_mia.tasks.generation.objective_figures import objective_figures

PANELS = 6
COPIED = 0.5
"""Of the usual distance: images without the noise of real ones keep 0.7 of it."""
DISTANCES = {
    "frechet_distance": "frechet_floor",
    "kernel_distance": "kernel_floor",
    "ks_distance": "ks_floor",
    "ms_ssim": "ms_ssim_real",
}
"""A score of samples -> the same of real images."""
ABOUT = (
    "The column of real images has as many training images in place of the samples; no samples come"
    " out much better. The baseline is a normal distribution fitted to the voxels of the training"
    " images. Distances depend on the features and on the number of images: compare runs that were"
    " judged by the same network on as many. Of few images a Fréchet distance is too large, that of"
    " real images as well; a kernel distance is right on average, and varies."
)


def report_content(folder: Path) -> Content:
    """What the report shows of a run folder.

    Args:
        folder: holds what there is of metrics.json, scores.csv and samples.

    Returns:
        Its head and its sections; empty where nothing was judged.

    Raises:
        Problem: a file is broken.
    """
    metrics = read_json(folder / "metrics.json") if (folder / "metrics.json").exists() else {}
    return Content(
        headline_of(metrics, metrics.get("main", "frechet_distance")),
        [("Evaluator", str(metrics.get("evaluator") or ""))],
        caveats=_caveats(metrics.get("mean") or {}),
        sections=[
            Section("Samples", [*_grids(folder), *(pairs := _pairs(folder))], _pairs_hint(pairs)),
            Section(
                "As it learnt", [_film(folder), Charts(_densities(folder))], _film_hint(folder)
            ),
            Section("Scores", [_scores(metrics), Text(_about(metrics))]),
            Section("Classes", [Charts(_shares(metrics)), _classes(metrics)]),
            Section(
                "Two objectives of the generator",
                [Charts(objective_figures(folder))],
                "Where the discriminator is sure that samples are fake, log(1 - D(G(z))) is flat"
                " and its gradient vanishes; that of -log D(G(z)) does not.",
            ),
        ],
    )


def _picture(path: Path) -> list[tuple[str, bytes]]:
    return [("", path.read_bytes())] if path.exists() else []


def _grids(folder: Path) -> list[Film]:
    """Samples of the best generator, and real images beside them."""
    titles = {BEST: "Samples of the best generator", REAL: "Training images"}
    return [
        Film(title, [(title, file) for _, file in _picture(folder / FOLDER / name)])
        for name, title in titles.items()
    ]


def _pairs(folder: Path) -> list[ImagePairs]:
    pairs = []
    for pair in range(1, PAIRS + 1):
        files = [folder / FOLDER / f"pair_{pair}_{what}.png" for what in ("sample", "nearest")]
        if all(file.exists() for file in files):
            first, second = (file.read_bytes() for file in files)
            pairs.append(ImagePair(f"Pair {pair}", first, second))
    return [ImagePairs(("Sample", "the training image nearest to it"), pairs)]


def _pairs_hint(pairs: list[ImagePairs]) -> str:
    return "Pairs are of those samples that lie nearest to a training image." if any(pairs) else ""


def _epochs(folder: Path, suffix: str) -> list[tuple[int, Path]]:
    files = sorted((folder / FOLDER).glob(f"epoch_*{suffix}"))
    return [(int(file.stem.removeprefix("epoch_")), file) for file in files]


def _caption(epoch: int) -> str:
    return f"Epoch {epoch}" if epoch else "Before"


def _film(folder: Path) -> Film:
    files = _epochs(folder, ".png")
    pictures = []
    for _, file in files:
        with Image.open(file) as picture:
            pixels = np.asarray(picture)
        pictures.append(pixels if pixels.ndim == 3 else pixels[..., None])
    captions = [_caption(epoch) for epoch, _ in files]
    frames = film_frames(captions, pictures) if pictures else []
    return Film("Samples of the same noise, as the generator learnt", frames)


def _film_hint(folder: Path) -> str:
    return "Samples of the same noise after each epoch." if _epochs(folder, ".png") else ""


def _densities(folder: Path) -> list[Figure]:
    files = _epochs(folder, ".json")
    if not files:
        return []
    chosen = {round(i * (len(files) - 1) / (PANELS - 1)) for i in range(PANELS)}
    panels = []
    for epoch, file in (files[index] for index in sorted(chosen)):
        content = read_json(file)
        curve = content["x"], content["discriminator"]
        panels.append(DensityPanel(_caption(epoch), content["real"], content["samples"], curve))
    return density_figures(panels)


def _scores(metrics: Mapping) -> Table:
    mean, simple = metrics.get("mean") or {}, metrics.get("baseline") or {}
    ends = metrics.get("interval") or {}
    rows = []
    for name, score in mean.items():
        if name in DISTANCES.values() or not math.isfinite(value(score)):
            continue
        cells: list[str | Cell] = [
            Cell(number(score, name), interval(ends.get(name), name)),
            number(mean.get(DISTANCES.get(name, "")), name),
            number(simple.get(name), name),
        ]
        rows.append(Row(heading(name), cells))
    return Table(["", "Samples", "Real images", "Baseline"], rows, "Scores of samples")


def _about(metrics: Mapping) -> str:
    """What was compared with what."""
    if not metrics:
        return ""
    compared, samples = metrics.get("compared"), metrics.get("samples")
    return (
        f"Distances compare {compared} test images with as many samples; the other scores are of"
        f" up to {samples} samples. {ABOUT}"
    )


def _shares(metrics: Mapping) -> list[Figure]:
    classes = metrics.get("classes") or {}
    if not classes:
        return []
    real = [value(row["real_share"]) for row in classes.values()]
    samples = [value(row["sample_share"]) for row in classes.values()]
    return share_figure([*classes], real, samples)


def _classes(metrics: Mapping) -> Table:
    columns = {
        "real_share": "Share of real images",
        "sample_share": "Share of samples",
        "label_accuracy": "Read as asked for",
    }
    classes = metrics.get("classes") or {}
    present = [name for name in columns if any(name in row for row in classes.values())]
    rows = [
        Row(name, [number(row.get(score), score) for score in present])
        for name, row in classes.items()
    ]
    headings = ["Class", *(columns[name] for name in present)]
    return Table(headings, rows, "Classes of samples", tall=len(rows) > 12)


def _caveats(mean: Mapping) -> list[str]:
    sentences = []
    ratio, p = value(mean.get("nearest_ratio")), value(mean.get("nearer_p"))
    share = value(mean.get("memorized_share"))
    if math.isfinite(share) and share > 0.05 and p < 0.01:
        sentences.append(
            f"{100 * share:.0f} % of the samples lie nearer to a training image than the nearest"
            f" 1 % of held-out images do (median distance {ratio:.2f} of theirs): the generator"
            + (
                " copies training images."
                if ratio < COPIED
                else " may copy training images, or its samples have less noise than real images:"
                " the pairs below show which."
            )
        )
    alike, usual = value(mean.get("ms_ssim")), value(mean.get("ms_ssim_real"))
    if math.isfinite(alike) and alike > usual + 0.1:
        sentences.append(
            f"Samples are more alike than real images (MS-SSIM {alike:.2f}, real {usual:.2f}): the"
            " generator makes few kinds of images."
        )
    return sentences
