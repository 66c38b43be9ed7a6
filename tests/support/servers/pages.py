"""Do two fax TIFFs hold the same pages, pixel for pixel?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageSequence


class Unlike(AssertionError):
    """The two are not the same document: another number of pages, or pages of another size."""


@dataclass(frozen=True)
class Difference:
    """What became of a page on its way."""

    pixels: int  # that differ in the rows that both have
    rows: int  # missing at the foot: HylaFAX may lose the last one (MemoryDecoder::cutExtraEOFB)


def pages(path: Path) -> list[Image.Image]:
    """The pages of a TIFF, each in mode `1`."""
    with Image.open(path) as tiff:
        return [page.convert("1") for page in ImageSequence.Iterator(tiff)]


def same(sent: Path, received: Path) -> list[Difference]:
    """The difference of each page that was sent to the one that was received."""
    before, after = pages(sent), pages(received)
    if len(before) != len(after):
        raise Unlike(f"{len(before)} pages became {len(after)}")
    return [_difference(*pair) for pair in zip(before, after, strict=True)]


def _difference(sent: Image.Image, received: Image.Image) -> Difference:
    if received.width != sent.width or received.height > sent.height:
        raise Unlike(f"{sent.size} became {received.size}")
    top = sent.crop((0, 0, *received.size))
    pixels = ImageChops.logical_xor(top, received).histogram()[255]
    return Difference(pixels, sent.height - received.height)


def pixels(pdf: bytes) -> bytes:
    """The one image of a PDF that was made of fax pages."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        [image] = document[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
        return bytes(image.get_bitmap().to_pil().convert("1").tobytes())
