"""The first page of a document, as a picture."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from faxappeal.documents import page
from faxappeal.documents.fax import encoding
from faxappeal.report.page_image import attached_page, fax_page, pdf_page
from tests.support.appeal import build_message, ink
from tests.support.letters import letter


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image


def fax(dpi: tuple[int, int], *blacks: int) -> bytes:
    """A TIFF with a page for each of these, so many of whose upper rows are black."""
    pages = []
    for black in blacks:
        image = Image.new("1", (1728, 400), 255)
        image.paste(0, (0, 0, 1728, black))
        pages.append(image)
    return encoding.tiff([encoding.group4(image) for image in pages], (1728, 400), dpi)


@pytest.mark.parametrize(
    ("dpi", "height"), [((204, 196), 416), ((204, 98), 833)], ids=["fine", "standard"]
)
def test_a_fax_is_shown_dot_for_dot_and_as_high_as_it_is_printed(
    dpi: tuple[int, int], height: int
) -> None:
    png, size = fax_page(fax(dpi, 100))
    assert opened(png).size == (1728, 400) and size == (1728, height)
    assert ink(opened(png)) == 1728 * 100


def test_of_several_pages_the_first_is_shown() -> None:
    png, _ = fax_page(fax((204, 196), 7, 200, 300))
    assert ink(opened(png)) == 1728 * 7


def test_a_picture_of_a_pdf_is_as_large_as_a_screen_needs_it() -> None:
    png, size = pdf_page(page.pdf(letter(), "a4"))
    assert opened(png).size == size == (1241, 1754)
    assert len(png) < 60_000


PDF = b"%PDF-1.7 the page"


@pytest.mark.parametrize(
    ("message", "found"),
    [
        pytest.param(build_message(letter(), PDF), PDF, id="the page"),
        pytest.param(
            build_message(letter(attachments=("facts.pdf",)), PDF), PDF, id="before other files"
        ),
        pytest.param(b"Subject: x\r\n\r\ntext\r\n", None, id="a text alone"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
            b"--x\r\nContent-Type: text/plain\r\n\r\ntext\r\n"
            b"--x\r\nContent-Type: image/png\r\nContent-Disposition: attachment\r\n\r\npng\r\n"
            b"--x--\r\n",
            None,
            id="another first file",
        ),
    ],
)
def test_the_page_of_an_email_is_its_first_attachment(message: bytes, found: bytes | None) -> None:
    assert attached_page(message) == found
