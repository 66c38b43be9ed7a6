"""The fax: 1-bit pages on the far end's own grid, as TIFF and as PDF, with the header line.

The TIFF is such that HylaFAX sends it as it is (min-is-white, one strip a page, 1728 wide); any
other it would render anew with its own fonts and dither.
"""

from __future__ import annotations

import ctypes
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Literal

from .fonts import SANS

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

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
# grey levels from which a pel is white: at 98 lines an inch thin horizontal strokes need more ink
_THRESHOLD: dict[Resolution, int] = {"fine": 150, "standard": 175}

_HEADER_SIZE = 26  # px of the fine grid: 3.2 mm
_HEADER_TOP = 34  # rows of the fine grid: the upper 4 mm are HylaFAX's tag line and paper feed
_HEADER_SIDE = 48


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
        return _tiff(self.pages, self.dpi)

    def pdf(self) -> bytes:
        """The same pixels as PDF, for accounts that take no TIFF."""
        out = io.BytesIO()
        self.pages[0].save(
            out,
            "PDF",
            save_all=True,
            append_images=list(self.pages[1:]),
            dpi=self.dpi,
            producer="",
            creationDate=None,
            modDate=None,
        )
        return out.getvalue()

    def seconds(self, rate: int = 14_400) -> float:
        """How long the line is busy, about; measured on calls with ECM and MMR at 14,400 bit/s.

        16 s for a call and its white first page, 6 % of framing, 3.5 s for each further page or
        started 64 kB block (T.30 Annex A: a partial page of 256 frames of 256 octets).
        """
        strips = [len(_group4(page)) for page in self.pages]
        blocks = sum(1 + size // 65_536 for size in strips)
        return 16 + 1.06 * 8 * sum(strips) / rate + 3.5 * (blocks - 1)


def render(pdf: bytes, paper: Paper, resolution: Resolution) -> Fax:
    """A PDF's pages as a fax, thresholded, never dithered: dots cost minutes on the line."""
    import pypdfium2
    import pypdfium2.raw as pdfium
    from PIL import Image

    rows = _ROWS[paper, resolution]
    threshold = _THRESHOLD[resolution]
    levels = [0 if level < threshold else 255 for level in range(256)]
    pages = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            width, height = page.get_size()
            across = round(width / 72 * _ACROSS)
            down = round(height / 72 * _DOWN[resolution])
            bitmap = pdfium.FPDFBitmap_CreateEx(WIDTH, rows, pdfium.FPDFBitmap_Gray, None, 0)
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, WIDTH, rows, 0xFFFFFFFF)
            # PDFium scales both ways on its own: straight onto the grid, nothing is resampled
            left = (WIDTH - across) // 2
            flags = pdfium.FPDF_GRAYSCALE | pdfium.FPDF_ANNOT
            pdfium.FPDF_RenderPageBitmap(bitmap, page.raw, left, 0, across, down, 0, flags)
            stride = pdfium.FPDFBitmap_GetStride(bitmap)
            grey = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * rows)
            pdfium.FPDFBitmap_Destroy(bitmap)
            page.close()
            image = Image.frombuffer("L", (WIDTH, rows), grey, "raw", "L", stride, 1)
            pages.append(image.point(levels, "1"))
    return Fax(tuple(pages), resolution)


# -- the header line ----------------------------------------------------------------------------


def header(moment: datetime, sender: str, number: str) -> str:
    """What 47 CFR 68.318(d) asks for on each page: date and time sent, sender, sender's number."""
    return f"{moment:%Y-%m-%d %H:%M %z}   {sender}   {number}"


def stamp(fax: Fax, text: str) -> Fax:
    """The pages with the header line and page number, drawn in pure black and white.

    It is done for each attempt, so that the letter's own pages do not depend on the time.
    """
    from PIL import Image, ImageDraw

    count = len(fax.pages)
    stamped = []
    for number, page in enumerate(fax.pages, 1):
        band = Image.new("1", (WIDTH, 2 * _HEADER_SIZE), 255)  # a 1 would be inverted to 254
        draw = ImageDraw.Draw(band)
        draw.fontmode = "1"
        right = f"P. {number}/{count}"
        room = WIDTH - 3 * _HEADER_SIDE - draw.textlength(right, _header_font())
        draw.text((_HEADER_SIDE, 0), _fitted(draw, text, room), font=_header_font(), fill=0)
        draw.text((WIDTH - _HEADER_SIDE, 0), right, font=_header_font(), fill=0, anchor="ra")
        top = _HEADER_TOP
        if fax.resolution == "standard":
            top //= 2
            # both fine rows of a standard row count: no stroke is lost
            half = band.convert("L").resize((WIDTH, _HEADER_SIZE), Image.Resampling.BOX)
            band = half.point([0] * 200 + [255] * 56, "1")
        copy = page.copy()
        copy.paste(band, (0, top))
        stamped.append(copy)
    return Fax(tuple(stamped), fax.resolution)


def _fitted(draw: object, text: str, room: float) -> str:
    from PIL.ImageDraw import ImageDraw

    assert isinstance(draw, ImageDraw)  # narrows the type without importing early
    while draw.textlength(text, _header_font()) > room:
        text = text[:-2].rstrip() + "…" if text.endswith("…") else text[:-1].rstrip() + "…"
    return text


@cache
def _header_font() -> FreeTypeFont:
    from PIL import ImageFont

    assert SANS.folder  # the page could not have been set without it
    path = SANS.folder / "files" / "NotoSans[wdth,wght].ttf"
    font = ImageFont.truetype(str(path), _HEADER_SIZE)
    font.set_variation_by_axes([500, 100])  # weight, width
    return font


# -- TIFF -----------------------------------------------------------------------------------------


def _group4(page: Image) -> bytes:
    """A page as one T.6 strip in which white is 0.

    libtiff codes it, through Pillow; but Pillow means black by 0, so that the page is inverted
    first. Coding the inverse costs a third more.
    """
    from PIL import Image as Images
    from PIL import ImageChops, TiffImagePlugin

    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[278] = page.height  # RowsPerStrip: all
    out = io.BytesIO()
    ImageChops.invert(page).save(out, "TIFF", compression="group4", tiffinfo=tags)
    with Images.open(out) as tiff:
        assert isinstance(tiff, TiffImagePlugin.TiffImageFile)  # just written
        (offset,), (length,) = tiff.tag_v2[273], tiff.tag_v2[279]
    return out.getvalue()[offset : offset + length]


def _tiff(pages: Sequence[Image], dpi: tuple[int, int]) -> bytes:
    """A TIFF-F file (RFC 3949 profile F). Pillow's own writer for several pages leaves chance
    bytes in PageNumber and writes min-is-black, which HylaFAX would render anew."""
    short, long, fraction = 3, 4, 5
    out = bytearray(b"II*\0\0\0\0\0")
    link = 4
    for number, page in enumerate(pages):
        strip = _group4(page)
        at = len(out)
        out += strip + b"\0" * (len(strip) % 2)
        resolution = len(out)
        out += struct.pack("<IIII", dpi[0], 1, dpi[1], 1)
        tags = [
            (254, long, 1, 2),  # NewSubfileType: one page of several
            (256, long, 1, page.width),
            (257, long, 1, page.height),
            (258, short, 1, 1),  # BitsPerSample
            (259, short, 1, 4),  # Compression: T.6
            (262, short, 1, 0),  # PhotometricInterpretation: min is white
            (266, short, 1, 1),  # FillOrder
            (273, long, 1, at),  # StripOffsets
            (277, short, 1, 1),  # SamplesPerPixel
            (278, long, 1, page.height),  # RowsPerStrip
            (279, long, 1, len(strip)),
            (282, fraction, 1, resolution),
            (283, fraction, 1, resolution + 8),
            (293, long, 1, 0),  # T6Options
            (296, short, 1, 2),  # ResolutionUnit: inch
            (297, short, 2, number | len(pages) << 16),  # PageNumber
        ]
        directory = len(out)
        struct.pack_into("<I", out, link, directory)
        out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
        link = len(out)
        out += b"\0\0\0\0"
    return bytes(out)
