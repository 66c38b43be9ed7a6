"""Pages in T.6, the code of faxes, and the two files that they go out in: TIFF-F and PDF.

The TIFF (RFC 3949, profile F) is such that HylaFAX sends it as it is (min-is-white, one strip a
page, 1728 wide); any other it would render again with its own fonts and dither. The PDF, for
accounts that take no TIFF, holds the very same strips.
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
    min-is-black, which HylaFAX would render again.
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


def pdf(strips: Sequence[bytes], size: tuple[int, int], dpi: tuple[int, int]) -> bytes:
    """A PDF of pages of one size, each the one image that `group4` coded (ISO 32000-1, 7.4.6).

    Pillow's own writer would code each page a second time, and name its own producer.
    """
    width, height = size
    # in points; pels on a fax are not square
    across, down = (round(pels * 72 / by, 3) for pels, by in zip(size, dpi, strict=True))
    count = len(strips)
    kids = " ".join(f"{3 + 3 * number} 0 R" for number in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
    ]
    drawn = f"q {across} 0 0 {down} 0 0 cm /Page Do Q".encode()
    for number, strip in enumerate(strips):
        first = 3 + 3 * number
        objects += [
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {across} {down}]"
                f" /Contents {first + 1} 0 R"
                f" /Resources << /XObject << /Page {first + 2} 0 R >> >> >>"
            ).encode(),
            _stream("", drawn),
            _stream(
                f"/Type /XObject /Subtype /Image /Width {width} /Height {height}"
                " /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode"
                f" /DecodeParms << /K -1 /Columns {width} /Rows {height} >>",
                strip,
            ),
        ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    out += f"startxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"
