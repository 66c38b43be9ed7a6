"""TIFF-F, the file format of faxes (RFC 3949, profile F), and T.6, its code.

The file is such that HylaFAX sends it as it is (min-is-white, one strip a page, 1728 wide); any
other it would render anew with its own fonts and dither.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def group4(page: Image) -> bytes:
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


def tiff(strips: Sequence[bytes], size: tuple[int, int], dpi: tuple[int, int]) -> bytes:
    """A TIFF-F file of pages of one size, each coded by `group4`.

    Pillow's own writer for several pages leaves chance bytes in PageNumber and writes
    min-is-black, which HylaFAX would render anew.
    """
    short, long, fraction = 3, 4, 5
    out = bytearray(b"II*\0\0\0\0\0")
    link = 4
    width, height = size
    for number, strip in enumerate(strips):
        at = len(out)
        out += strip + b"\0" * (len(strip) % 2)
        resolution = len(out)
        out += struct.pack("<IIII", dpi[0], 1, dpi[1], 1)
        tags = [
            (254, long, 1, 2),  # NewSubfileType: one page of several
            (256, long, 1, width),
            (257, long, 1, height),
            (258, short, 1, 1),  # BitsPerSample
            (259, short, 1, 4),  # Compression: T.6
            (262, short, 1, 0),  # PhotometricInterpretation: min is white
            (266, short, 1, 1),  # FillOrder
            (273, long, 1, at),  # StripOffsets
            (277, short, 1, 1),  # SamplesPerPixel
            (278, long, 1, height),  # RowsPerStrip
            (279, long, 1, len(strip)),
            (282, fraction, 1, resolution),
            (283, fraction, 1, resolution + 8),
            (293, long, 1, 0),  # T6Options
            (296, short, 1, 2),  # ResolutionUnit: inch
            (297, short, 2, number | len(strips) << 16),  # PageNumber
        ]
        directory = len(out)
        struct.pack_into("<I", out, link, directory)
        out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
        link = len(out)
        out += b"\0\0\0\0"
    return bytes(out)
