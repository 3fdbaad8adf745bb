"""What a report is made of: a head, and sections of blocks below it.

A task hands `write_report` a `Content`; the report lays it out and knows no task. What every run
has (what was understood, curves of training, how it was run, the plan) it makes itself.

All texts are plain and are escaped; only drawings are markup.

Example:
    >>> from keras_mia.report.table import Cell, Row
    >>> rows = [Row("left", ["31.2"]), Row("right", [Cell("29.8", note="28.1 to 31.4")])]
    >>> table = Table(["Kidney", "Volume (ml)"], rows)
    >>> section = Section("Volumes", [table, Text("Below a volume is its 95 % interval.")])
    >>> content = Content(headline=Headline("dice", 0.9), sections=[section])
    >>> # write_report(folder_of_the_run, content)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from keras_mia.report.figures.figure import Figure
from keras_mia.report.headline import Headline
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.table import Table


@dataclass(frozen=True)
class Charts:
    """Charts beside each other.

    Args:
        figures: in their order; none: the block is left out.
    """

    figures: Sequence[Figure]

    def __bool__(self) -> bool:
        return bool(self.figures)


@dataclass(frozen=True)
class Pictures:
    """Cases to look at.

    Args:
        pictures: in their order; none: the block is left out.
        paired: whether each case has two pictures at most, so that two cases fit beside each other.
    """

    pictures: Sequence[CasePicture]
    paired: bool = False

    def __bool__(self) -> bool:
        return bool(self.pictures)


@dataclass(frozen=True)
class Film:
    """Pictures in a row, as they follow each other; it scrolls sideways where there are many.

    Args:
        label: what they show, for those who do not see them.
        frames: pairs of a caption and the bytes of a PNG or JPEG file; none: the block is left out.
    """

    label: str
    frames: Sequence[tuple[str, bytes]]

    def __bool__(self) -> bool:
        return bool(self.frames)


@dataclass(frozen=True)
class ImagePair:
    """Two images to compare.

    Args:
        caption: of both.
        first, second: the bytes of a PNG or JPEG file each.
    """

    caption: str
    first: bytes
    second: bytes


@dataclass(frozen=True)
class ImagePairs:
    """Pairs of small images, such as a sample and what lies nearest to it.

    Args:
        labels: what the left images are, and the right ones; the first begins a sentence.
        pairs: in their order; none: the block is left out.
    """

    labels: tuple[str, str]
    pairs: Sequence[ImagePair]

    def __bool__(self) -> bool:
        return bool(self.pairs)


@dataclass(frozen=True)
class Text:
    """A remark on what stands before it, or behind it.

    Args:
        text: of it; empty: the block is left out.
    """

    text: str

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True)
class Bullets:
    """Sentences, each by itself.

    Args:
        sentences: in their order; none: the block is left out.
    """

    sentences: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.sentences)


@dataclass(frozen=True)
class Code:
    """Lines to be copied.

    Args:
        title: stands above them.
        code: as it is copied; empty: the block is left out.
    """

    title: str
    code: str

    def __bool__(self) -> bool:
        return bool(self.code)


@dataclass(frozen=True)
class Facts:
    """Names, and what belongs to each.

    Args:
        pairs: of a name and a text; none: the block is left out.
    """

    pairs: Sequence[tuple[str, str]]

    def __bool__(self) -> bool:
        return bool(self.pairs)


@dataclass(frozen=True)
class Details:
    """Blocks that are folded away.

    Args:
        summary: the line that stands for them, and unfolds them by a click.
        blocks: from top to bottom; none that holds something: the block is left out.
        open: whether they are unfolded at first.
    """

    summary: str
    blocks: Sequence["Block"]
    open: bool = False

    def __bool__(self) -> bool:
        return any(self.blocks)


Block = Table | Charts | Pictures | Film | ImagePairs | Text | Bullets | Code | Facts | Details


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading.

    Args:
        title: its heading.
        blocks: from top to bottom; where there is nothing but texts the section is left out.
        hint: how to read it, below the heading.
    """

    title: str
    blocks: Sequence[Block]
    hint: str = ""

    def __bool__(self) -> bool:
        return any(block and not isinstance(block, Text) for block in self.blocks)


@dataclass(frozen=True)
class Content:
    """What a task shows of a run.

    Args:
        headline: the main score; None: nothing was scored.
        facts: about the data and the scores, pairs of a name and a text; empty texts are left out.
        caveats: sentences that a reader has to know before trusting a score, beside those that
            follow from the run's files whatever its task.
        sections: from top to bottom, between what was understood and training.
    """

    headline: Headline | None = None
    facts: Sequence[tuple[str, str]] = ()
    caveats: Sequence[str] = ()
    sections: Sequence[Section] = ()
