"""Images: what a file may be, how wide it is, and that nothing private stays in it."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from faxappeal.documents import images, page
from faxappeal.documents.images import ImageError, picture
from tests.support.appeal import build_message, png, rich


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def claims(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it is so large."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    small = png(8, 8)
    return small[:12] + head + struct.pack(">I", zlib.crc32(head)) + small[33:]


RED = Image.new("RGB", (150, 75), "red")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "not a PNG or JPEG image, or a damaged one", id="nothing"),
        pytest.param(b"%PDF-1.7", "not a PNG or JPEG image, or a damaged one", id="a PDF"),
        pytest.param(saved(RED, "GIF"), "not a PNG or JPEG image, or a damaged one", id="a GIF"),
        pytest.param(saved(RED)[:-40], "not a PNG or JPEG image, or a damaged one", id="cut off"),
        pytest.param(b"\0" * 20_000_001, "larger than 20 MB", id="too many bytes"),
        pytest.param(claims(8_000, 5_001), "more than 40 million pixels", id="too many pels"),
        pytest.param(claims(60_000, 60_000), "more than 40 million pixels", id="a bomb"),
    ],
)
def test_what_a_letter_cannot_hold_is_refused_with_a_reason(data: bytes, words: str) -> None:
    with pytest.raises(ImageError) as refused:
        picture(data)
    assert str(refused.value) == words


@pytest.mark.parametrize(("kind", "name"), [("PNG", "png"), ("JPEG", "jpeg")])
def test_an_image_stays_of_its_kind(kind: str, name: str) -> None:
    found = picture(saved(RED, kind))
    assert found.kind == name and opened(found.data).format == kind


@pytest.mark.parametrize(
    ("dpi", "width"),
    [
        pytest.param(300, 12.7, id="as the file says"),
        pytest.param(None, 25.4, id="a file that says nothing"),
        pytest.param(1, 25.4, id="too coarse to be meant"),
        pytest.param(10_000, 25.4, id="too fine to be meant"),
    ],
)
def test_an_image_is_as_wide_as_its_file_says(dpi: int | None, width: float) -> None:
    data = saved(RED, dpi=(dpi, dpi)) if dpi else saved(RED)
    assert picture(data).width == pytest.approx(width, rel=0.001)


def test_an_image_is_never_higher_than_a_page() -> None:
    assert picture(saved(RED)).widest == pytest.approx(440)
    assert picture(saved(RED.rotate(90, expand=True))).widest == pytest.approx(110)


def test_an_image_has_no_more_pels_than_a_fax_line_and_keeps_its_width() -> None:
    found = picture(saved(Image.new("L", (3456, 100)), dpi=(600, 600)))
    assert opened(found.data).size == (1728, 50)
    assert found.width == pytest.approx(3456 / 600 * 25.4, rel=0.001)
    assert opened(picture(saved(Image.new("L", (3456, 1)))).data).size == (1728, 1)


def clear(mode: str) -> bytes:
    """An image that cannot be seen, though its pels are black."""
    if mode == "P":
        return saved(Image.new("P", (4, 4), 0), transparency=0)
    if mode == "RGB":
        return saved(Image.new("RGB", (4, 4), (0, 0, 0)), transparency=(0, 0, 0))
    return saved(Image.new(mode, (4, 4)))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = opened(picture(clear(mode)).data)
    assert image.mode == "RGB" and image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("mode", "colour", "shown"),
    [
        ("1", 1, 255),
        ("L", 100, 100),
        ("RGB", (1, 2, 3), (1, 2, 3)),
        ("P", 0, (0, 0, 0)),
    ],
)
def test_the_colours_stay(mode: str, colour: Any, shown: Any) -> None:
    image = opened(picture(saved(Image.new(mode, (4, 4), colour))).data)
    assert image.getpixel((0, 0)) == shown
    assert image.mode in ("L", "RGB"), "an archive's page knows no other"


def test_a_photograph_for_printers_is_turned_into_colours_of_a_screen() -> None:
    assert opened(picture(saved(Image.new("CMYK", (8, 8)), "JPEG")).data).mode == "RGB"


def test_a_photograph_that_was_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation
    found = picture(saved(RED, "JPEG", exif=exif))
    assert opened(found.data).size == (75, 150)
    assert not opened(found.data).getexif()


def test_what_a_camera_wrote_stays_here(tmp_path: Path) -> None:
    letter = rich(tmp_path)
    assert b"activist" in (tmp_path / "road.jpg").read_bytes()
    pdf = page.pdf(letter, "a4")
    assert b"activist" not in pdf and b"activist" not in build_message(letter, pdf)
    assert all(b"activist" not in images.picture(data).data for data in letter.pictures.values())
