"""A logo, a signature, a photograph in a letter: read from the campaign's folder, made harmless.

What leaves is the picture alone. Where and by whom it was taken (EXIF) stays here.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 20_000_000
MAX_PELS = 40_000_000  # a file of few bytes may unfold to any size
_WIDEST = 1728  # pels: what a fax line has; more would only make the e-mail larger
_DPI = 150  # of a file that says nothing itself
_QUALITY = 85
_MM = 25.4
_HIGHEST = 220  # mm: a higher one would be cut off at the foot of the page


class ImageError(ValueError):
    """A file that is not an image, or not one that a letter can hold."""


@dataclass(frozen=True)
class Picture:
    """An image as all outputs show it: PNG or JPEG bytes without metadata, and its width in mm."""

    data: bytes
    kind: str  # png or jpeg
    width: float
    widest: float  # mm: wider, it would be higher than a page


@lru_cache(32)  # a campaign has a few, and each of its letters shows them
def picture(data: bytes) -> Picture:
    """The image in a file's `data`, as wide as the file says. Raises ImageError."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(data) > MAX_BYTES:
        raise ImageError(f"larger than {MAX_BYTES // 1_000_000} MB")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MAX_PELS:
                raise Image.DecompressionBombError  # as Pillow does with still more
            kind = "jpeg" if opened.format == "JPEG" else "png"
            dpi = float(opened.info.get("dpi", (0, 0))[0])
            image = _on_white(ImageOps.exif_transpose(opened))
    except Image.DecompressionBombError:
        raise ImageError(f"more than {MAX_PELS // 1_000_000} million pixels") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise ImageError("not a PNG or JPEG image, or a damaged one") from None
    width = image.width / (dpi if 30 <= dpi <= 2400 else _DPI) * _MM
    if image.width > _WIDEST:
        image = image.resize((_WIDEST, max(1, round(image.height * _WIDEST / image.width))))
    out = io.BytesIO()
    if kind == "jpeg":
        image.save(out, "JPEG", quality=_QUALITY)
    else:
        image.save(out, "PNG", optimize=False)
    return Picture(out.getvalue(), kind, width, _HIGHEST * image.width / image.height)


def _on_white(image: Image) -> Image:
    """The image without transparency, as grey or RGB: PDF/A and paper know nothing else."""
    from PIL import Image as Images

    if image.mode in ("1", "L", "I;16"):
        return image.convert("L")
    if image.mode == "RGB" and "transparency" not in image.info:
        image.load()
        return image.copy()
    white = Images.new("RGBA", image.size, "white")
    return Images.alpha_composite(white, image.convert("RGBA")).convert("RGB")
