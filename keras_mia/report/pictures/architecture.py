"""A picture of a network: its layers side by side, as high as their sides, skips as arcs."""

import math
import os
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle
from matplotlib.path import Path as Line

from keras_mia.core.files.atomic import atomic
from keras_mia.models.describe import Row, total
from keras_mia.report.pictures.layer_boxes import Box, boxes_of

# In inches: the highest box, from box to box, a text's line, and the widths of boxes.
HEIGHT, SLOT, LINE = 2.4, 0.5, 0.14
THIN, WIDE = 0.08, 0.4
LETTER = 0.075
STROKE = "#444444"


def save_picture(path: str | os.PathLike, rows: Sequence[Row], title: str) -> None:
    """Draws a network into a file whose suffix tells the format: ".png", ".svg" or ".pdf".

    Args:
        path: the file; it is replaced.
        rows: of the network, by `keras_mia.models.describe.describe`.
        title: to write above.

    Raises:
        Problem: the file cannot be written.
    """
    figure = draw(rows, title)
    with atomic(path) as temporary:
        figure.savefig(temporary, dpi=120, facecolor="white")


def draw(rows: Sequence[Row], title: str) -> Figure:
    """The picture: a box's height is the logarithm of its sides, its width that of its channels."""
    boxes = boxes_of(rows)
    frames = frames_of(boxes)
    numbers = {name: number for number, name in enumerate(boxes)}
    connections = [
        (numbers[source], numbers[name]) for name, box in boxes.items() for source in box.inputs
    ]
    arcs = sorted(connection for connection in connections if connection[1] - connection[0] != 1)
    top = max([HEIGHT / 2, *(apex(frames, *arc) for arc in arcs)])
    left, right = -SLOT, SLOT * max(len(boxes), 12)
    bottom = -HEIGHT / 2 - 0.2 - LETTER * max(map(len, captions(boxes)))
    figure = Figure(figsize=(right - left, top + 0.8 - bottom))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(bottom, top + 0.8))
    axes.set_axis_off()
    for (name, box), frame in zip(boxes.items(), frames, strict=True):
        draw_box(axes, frame, name, box)
    for connection in connections:
        draw_arrow(
            axes,
            curve(frames, *connection) if connection in arcs else straight(frames, *connection),
        )
    draw_text(axes, boxes, rows, title, (left + 0.15, top + 0.7))
    return figure


def captions(boxes: Mapping[str, Box]) -> list[str]:
    """Everything that is written below boxes."""
    return [text for name, box in boxes.items() for text in (box.title(name), box.dimensions)]


def frames_of(boxes: Mapping[str, Box]) -> list[Rectangle]:
    """A rectangle a box, its middle on the line through all of them."""
    sizes = [share(box.size, max(other.size for other in boxes.values())) for box in boxes.values()]
    most = max(box.channels for box in boxes.values())
    frames = []
    for number, (box, size) in enumerate(zip(boxes.values(), sizes, strict=True)):
        channels = share(box.channels, most)
        # What is no image any more has its units upwards.
        upwards, across = (size, channels) if len(box.shape) > 1 else (0.8 * channels, 0)
        height = HEIGHT * (0.12 + 0.88 * upwards)
        width = THIN + (WIDE - THIN) * across
        frames.append(Rectangle((SLOT * number - width / 2, -height / 2), width, height))
    return frames


def share(number: float, most: float) -> float:
    """Where a number stands between 1 and the largest, by logarithm."""
    return math.log(number) / math.log(most) if most > 1 else 1.0


def draw_box(axes: Axes, frame: Rectangle, name: str, box: Box) -> None:
    """The box, and below it what it is and what comes out of it."""
    frame.set(facecolor=box.kind.color, edgecolor=STROKE, linewidth=0.8)
    axes.add_patch(frame)
    middle = frame.get_x() + frame.get_width() / 2
    for text, shift, ink in ((box.title(name), -LINE, "black"), (box.dimensions, 0, "#666666")):
        axes.text(
            middle + shift / 2 + (0 if shift else LINE / 2),
            -HEIGHT / 2 - 0.1,
            text,
            rotation=90,
            ha="center",
            va="top",
            fontsize=8,
            color=ink,
        )


def apex(frames: Sequence[Rectangle], source: int, target: int) -> float:
    """How high the control points of an arc lie: over all boxes between, longer arcs higher."""
    first, last = sorted((source, target))
    highest = max(frame.get_y() + frame.get_height() for frame in frames[first : last + 1])
    return highest + 0.3 + 0.05 * (last - first)


def curve(frames: Sequence[Rectangle], source: int, target: int) -> Line:
    """An arc from the top of one box to the top of another."""
    ends = [
        (frame.get_x() + frame.get_width() / 2, frame.get_y() + frame.get_height())
        for frame in (frames[source], frames[target])
    ]
    high = apex(frames, source, target)
    points = [ends[0], (ends[0][0], high), (ends[1][0], high), ends[1]]
    return Line(points, [Line.MOVETO, Line.CURVE4, Line.CURVE4, Line.CURVE4])


def straight(frames: Sequence[Rectangle], source: int, target: int) -> Line:
    """From a box to the next."""
    before, after = frames[source], frames[target]
    return Line([(before.get_x() + before.get_width(), 0), (after.get_x(), 0)])


def draw_arrow(axes: Axes, path: Line) -> None:
    """What a box takes from another one."""
    axes.add_patch(
        FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=6, color=STROKE, linewidth=0.8)
    )


def draw_text(axes: Axes, boxes: Mapping[str, Box], rows: Sequence[Row], title: str, corner):
    """The title with the sums, and what the colours mean."""
    sums = (total(row.parameters for row in rows), total(row.operations for row in rows))
    parameters, operations = ("?" if n is None else f"{n:,}" for n in sums)
    summary = f"{title}: {parameters} parameters, {operations} operations"
    axes.text(corner[0], corner[1], summary, fontsize=11, va="top")
    kinds = {box.kind.name: box.kind.color for box in boxes.values()}
    patches = [Patch(facecolor=ink, edgecolor=STROKE, label=kind) for kind, ink in kinds.items()]
    axes.legend(
        handles=patches,
        ncols=len(patches),
        loc="upper left",
        bbox_to_anchor=(corner[0] - 0.1, corner[1] - 0.2),
        bbox_transform=axes.transData,
        frameon=False,
        fontsize=8,
    )
