"""The pictures of one case, with what stands around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CasePicture:
    """What the page shows of one case.

    Args:
        title: its heading, such as "Best: case_07".
        caption: what is to be seen.
        images: pairs of a label and the bytes of a PNG or JPEG file.
        colors: class name to CSS colour.
        errors: kind of error to CSS colour, those that there are; None: they are not shown.
    """

    title: str
    caption: str
    images: Sequence[tuple[str, bytes]]
    colors: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] | None = None
