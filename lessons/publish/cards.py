"""The picture on the card of a lecture: one that its notebook stores, small."""

import base64
import io
from dataclasses import dataclass

from PIL import Image

# As wide as assets/pages.css shows it, in pixels.
WIDTH = 320


@dataclass(frozen=True)
class StoredPicture:
    """A picture of a scene, as a notebook stores it.

    Attributes:
        pixels: A PNG.
        alt: What it shows, in words.
    """

    pixels: bytes
    alt: str


def small(picture: StoredPicture) -> dict[str, str | int]:
    """Return a picture for a card, sharp on fine screens too: its address, its words, its size."""
    with Image.open(io.BytesIO(picture.pixels)) as large:
        height = round(WIDTH * large.height / large.width)
        size = (WIDTH * 3 // 2, height * 3 // 2)
        drawn = large.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    packed = io.BytesIO()
    drawn.save(packed, "WEBP", quality=60, method=6)
    address = f"data:image/webp;base64,{base64.b64encode(packed.getvalue()).decode('ascii')}"
    return {"address": address, "alt": picture.alt, "width": WIDTH, "height": height}
