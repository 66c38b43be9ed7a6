"""The fax: 1-bit pages on the far end's own grid, as TIFF and as PDF, with the header line."""

from __future__ import annotations

import ctypes
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..page import PageError, typeset
from . import encoding
from .threshold import binarize

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

_HERE = Path(__file__).parent
Resolution = Literal["fine", "standard"]
Paper = Literal["a4", "letter"]

WIDTH = 1728  # T.4: pels in a line of 215 mm
_ACROSS = 204  # dpi
_DOWN: dict[Resolution, int] = {"fine": 196, "standard": 98}
_ROWS: dict[tuple[Paper, Resolution], int] = {
    ("a4", "fine"): 2292,
    ("a4", "standard"): 1146,
    ("letter", "fine"): 2156,
    ("letter", "standard"): 1078,
}
# Grey levels from which a pel is white, and how far from there it is in doubt. At 98 lines an inch
# thin horizontal strokes need more ink, and have less to lose.
_THRESHOLD: dict[Resolution, int] = {"fine": 150, "standard": 160}
_DOUBT: dict[Resolution, int] = {"fine": 80, "standard": 70}

# rows of the fine grid: the upper 4 mm are HylaFAX's tag line and paper feed
_HEADER_TOP, _HEADER_ROWS = 34, 52

# The order in which the pels of a cell turn black as grey grows darker: from the middle outwards,
# so that dots grow in clusters. Scattered pels would cost a minute on the line and smear.
_CLUSTER = (
    (62, 57, 48, 36, 37, 49, 58, 63),
    (56, 47, 35, 21, 22, 38, 50, 59),
    (46, 34, 20, 10, 11, 23, 39, 51),
    (33, 19, 9, 3, 0, 4, 12, 24),
    (32, 18, 8, 2, 1, 5, 13, 25),
    (45, 31, 17, 7, 6, 14, 26, 40),
    (55, 44, 30, 16, 15, 27, 41, 52),
    (61, 54, 43, 29, 28, 42, 53, 60),
)
_EDGE = 60  # pels left and right that nothing of ours reaches: 7 mm
_LINE_ART = 0.9  # share of nearly black and nearly white pels in a signature or a logo


@dataclass(frozen=True)
class Fax:
    """Pages as they go out: one PIL image in mode `1` for each."""

    pages: tuple[Image, ...]
    resolution: Resolution

    @property
    def dpi(self) -> tuple[int, int]:
        return _ACROSS, _DOWN[self.resolution]

    def tiff(self) -> bytes:
        """TIFF-F, Group 4 (T.6); the same pages always give the same bytes."""
        return encoding.tiff(self.strips, self.pages[0].size, self.dpi)

    def pdf(self) -> bytes:
        """The same pels as PDF, for accounts that take no TIFF."""
        return encoding.pdf(self.strips, self.pages[0].size, self.dpi)

    @cached_property
    def strips(self) -> tuple[bytes, ...]:
        """Each page in T.6, as a modern far end takes it."""
        return tuple(encoding.group4(page) for page in self.pages)

    def seconds(self, rate: int = 14_400) -> float:
        """How long the line is busy, within 3 % of calls with ECM and T.6 at this rate in bit/s.

        A call takes its handshake, the coded bits with 6.7 % of frames and stuffing, and more for
        each further page and each further block of 64 kB (T.30 Annex A: at most 256 frames of
        256 octets). The figures are fitted to calls between two fax machines in software
        (benchmarks/spandsp.py).
        """
        call = 16.2 if rate > 9_600 else 15.3  # V.17 trains longer than V.29
        sizes = [len(page) for page in self.strips]
        blocks = sum((size - 1) // 65_536 for size in sizes)
        data = 1.067 * 8 * sum(sizes) / rate
        return call + data + 3.2 * (len(self.pages) - 1) + 1.6 * blocks

    @cached_property
    def sha256(self) -> str:
        """Identity of the pels, whatever file they are in."""
        digest = hashlib.sha256()
        for page in self.pages:
            digest.update(f"{page.width}x{page.height} ".encode() + page.tobytes())
        return digest.hexdigest()


def render(pdf: bytes, paper: Paper, resolution: Resolution) -> Fax:
    """A PDF's pages as a fax: text and lines thresholded, photographs in clustered dots.

    PageError names a page on which something runs off the paper.
    """
    pages = tuple(_rasters(pdf, resolution, _ROWS[paper, resolution]))
    for number, page in enumerate(pages, 1):
        sides = (page.crop((0, 0, _EDGE, page.height)), page.crop((WIDTH - _EDGE, 0, *page.size)))
        if any(side.getextrema() != (255, 255) for side in sides):
            raise PageError(
                f"on page {number} something is wider than the paper",
                "shorten a long word, or take a column out of a table",
            )
    return Fax(pages, resolution)


def _rasters(pdf: bytes, resolution: Resolution, rows: int) -> Iterator[Image]:
    """Each page of a PDF on `rows` rows of the fax's grid, in black and white."""
    import pypdfium2
    from PIL import Image

    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            width, height = page.get_size()
            across = round(width / 72 * _ACROSS)
            down = round(height / 72 * _DOWN[resolution])
            left = (WIDTH - across) // 2
            grey = _grey(page, rows, left, across, down)
            inked = binarize(grey, WIDTH, _THRESHOLD[resolution], _DOUBT[resolution])
            image = Image.frombytes("1", (WIDTH, rows), inked)
            for box in _pictures(page, left, across, down):
                part = Image.frombuffer("L", image.size, grey, "raw", "L", 0, 1).crop(box)
                if not _is_line_art(part):
                    image.paste(_halftone(part, resolution), box[:2])
            page.close()
            yield image


def _grey(page: PdfPage, rows: int, left: int, across: int, down: int) -> bytes:
    """The grey levels of a page, a byte a pel."""
    import pypdfium2.raw as pdfium

    bitmap = pdfium.FPDFBitmap_CreateEx(WIDTH, rows, pdfium.FPDFBitmap_Gray, None, 0)
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, WIDTH, rows, 0xFFFFFFFF)
    # PDFium scales both ways on its own: straight onto the grid, nothing is resampled
    flags = pdfium.FPDF_GRAYSCALE | pdfium.FPDF_ANNOT
    pdfium.FPDF_RenderPageBitmap(bitmap, page.raw, left, 0, across, down, 0, flags)
    assert pdfium.FPDFBitmap_GetStride(bitmap) == WIDTH  # a multiple of 4
    grey = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), WIDTH * rows)
    pdfium.FPDFBitmap_Destroy(bitmap)
    return grey


def _pictures(
    page: PdfPage, left: int, across: int, down: int
) -> Iterator[tuple[int, int, int, int]]:
    """Where the images of a page lie on the grid."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    for image in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        x0, y0, x1, y1 = image.get_bounds()
        yield (
            left + int(x0 / width * across),
            int((1 - y1 / height) * down),
            left + math.ceil(x1 / width * across),
            math.ceil((1 - y0 / height) * down),
        )


def _is_line_art(part: Image) -> bool:
    counts = part.histogram()
    return sum(counts[:64]) + sum(counts[192:]) >= _LINE_ART * sum(counts)


def _halftone(part: Image, resolution: Resolution) -> Image:
    """A photograph as dots of 8 pels across, which grow with the grey."""
    from PIL import Image, ImageChops

    step = 8 if resolution == "fine" else 4  # rows of a dot, about as high as it is wide
    ranks = chain.from_iterable(_CLUSTER[:: 8 // step])
    levels = bytes(round((63.5 - rank) * 255 / 64) for rank in ranks)
    cell = Image.frombytes("L", (8, step), levels)
    tile = Image.new("L", part.size)
    for y in range(0, part.height, step):
        for x in range(0, part.width, 8):
            tile.paste(cell, (x, y))
    return ImageChops.subtract(part, tile).point([0] + [255] * 255, "1")


# -- the header line ----------------------------------------------------------------------------


def header(moment: datetime, sender: str, number: str) -> str:
    """What 47 CFR 68.318(d) asks for on each page: date and time sent, sender, sender's number."""
    # isolated: a name in Arabic or Hebrew must not turn the number round
    return f"{moment:%Y-%m-%d %H:%M %z}   \u2068{sender}\u2069   \u2066{number}\u2069"


def stamp(
    fax: Fax, moment: datetime, text: str, language: str = "en", fonts: tuple[Path, ...] = ()
) -> Fax:
    """The pages with the header line and page number, in pure black and white.

    It is done for each attempt, so that the letter's own pages do not depend on the time.
    """
    lines = _header_lines(text, len(fax.pages), moment.date(), fax.resolution, language, fonts)
    top = _HEADER_TOP * _DOWN[fax.resolution] // _DOWN["fine"]
    stamped = []
    for page, line in zip(fax.pages, lines, strict=True):
        copy = page.copy()
        copy.paste(line, (0, top))
        stamped.append(copy)
    return Fax(tuple(stamped), fax.resolution)


@lru_cache(4)  # letters that leave in one minute have one header line
def _header_lines(
    text: str,
    pages: int,
    day: date,
    resolution: Resolution,
    language: str,
    fonts: tuple[Path, ...],
) -> tuple[Image, ...]:
    """The header line of each page, on rows of its own."""
    rows = _HEADER_ROWS * _DOWN[resolution] // _DOWN["fine"]
    data = {
        "text": text,
        "pages": pages,
        "day": [day.year, day.month, day.day],
        "width": WIDTH / _ACROSS,
        "height": rows / _DOWN[resolution],
    }
    return tuple(_rasters(typeset(_HERE / "header.typ", data, language, fonts), resolution, rows))
