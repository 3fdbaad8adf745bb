"""Pictures within the page."""

import base64
import io
from dataclasses import dataclass

from PIL import Image

WIDE = 1.9  # from this ratio of its sides on, a picture gets a row of its own


@dataclass(frozen=True)
class Embedded:
    """A picture as the page holds it.

    Args:
        label: what it shows.
        source: the whole file, as a `data:` address.
        width: in pixels.
        height: in pixels.
    """

    label: str
    source: str
    width: int
    height: int

    @property
    def wide(self) -> bool:
        """Whether it needs a row of its own."""
        return self.width > WIDE * self.height


def embedded(image: tuple[str, bytes]) -> Embedded:
    """A label and a PNG or JPEG file, a pair of `CasePicture.images`, as the page holds them."""
    label, file = image
    opened = Image.open(io.BytesIO(file))
    source = f"data:{Image.MIME[opened.format or 'PNG']};base64,"
    source += base64.b64encode(file).decode("ascii")
    return Embedded(label, source, opened.width, opened.height)
