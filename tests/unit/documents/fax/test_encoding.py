"""The files of a fax: the same dots in each."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from PIL import Image, TiffImagePlugin

from faxappeal.documents.fax import encoding, raster


def test_the_tiff_is_one_that_hylafax_sends_as_it_is(sheet: raster.Fax) -> None:
    with Image.open(io.BytesIO(sheet.tiff())) as tiff:
        assert isinstance(tiff, TiffImagePlugin.TiffImageFile)
        tags = tiff.tag_v2
        assert tags[TiffImagePlugin.COMPRESSION] == 4
        assert tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] == 0, "white is 0"
        assert tags[TiffImagePlugin.ROWSPERSTRIP] == tiff.height, "one strip"
        assert len(tags[TiffImagePlugin.STRIPOFFSETS]) == 1
        assert (tags[TiffImagePlugin.X_RESOLUTION], tags[TiffImagePlugin.Y_RESOLUTION]) == (
            204,
            196,
        )
        assert tiff.convert("1").tobytes() == sheet.pages[0].tobytes()


def test_several_pages_are_in_one_file(sheet: raster.Fax) -> None:
    three = raster.Fax(sheet.pages * 3, "fine")
    with Image.open(io.BytesIO(three.tiff())) as tiff:
        assert tiff.n_frames == 3  # type: ignore[attr-defined]
        for number in range(3):
            tiff.seek(number)
            assert tiff.tag_v2[297] == (number, 3)  # type: ignore[attr-defined]
            assert tiff.convert("1").tobytes() == sheet.pages[0].tobytes()


def test_the_pdf_for_accounts_holds_the_same_pixels(sheet: raster.Fax) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(sheet.pdf()) as pdf:
        [image] = pdf[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
        assert image.get_bitmap().to_pil().convert("1").tobytes() == sheet.pages[0].tobytes()


def pattern(width: int, height: int, seed: int) -> Image.Image:
    dots = random.Random(seed).randbytes(width // 8 * height)
    return Image.frombytes("1", (width, height), dots)


SIZES = [(8, 1), (16, 7), (64, 33), (1728, 20)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("pages", [1, 2, 5])
def test_whatever_is_drawn_comes_back_from_either_file(size: tuple[int, int], pages: int) -> None:
    import pypdfium2

    drawn = [pattern(*size, number) for number in range(pages)]
    strips = [encoding.group4(page) for page in drawn]
    with Image.open(io.BytesIO(encoding.tiff(strips, size, (204, 196)))) as tiff:
        for number, page in enumerate(drawn):
            tiff.seek(number)
            assert tiff.convert("1").tobytes() == page.tobytes()
    with pypdfium2.PdfDocument(encoding.pdf(strips, size, (204, 196))) as pdf:
        assert len(pdf) == pages
        for page, sheet in zip(drawn, pdf, strict=True):
            [image] = sheet.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
            assert image.get_bitmap().to_pil().convert("1").tobytes() == page.tobytes()


@pytest.mark.parametrize(
    ("dpi", "height"), [((204, 196), 842), ((204, 98), 1684)], ids=["fine", "standard"]
)
def test_the_pdf_is_as_large_as_the_paper(dpi: tuple[int, int], height: int) -> None:
    import pypdfium2

    size = (1728, 2292)
    strips = [encoding.group4(Image.new("1", size, 255))]
    with pypdfium2.PdfDocument(encoding.pdf(strips, size, dpi)) as pdf:
        assert [round(points) for points in pdf[0].get_size()] == [610, height]


@pytest.mark.parametrize("write", [encoding.tiff, encoding.pdf], ids=["tiff", "pdf"])
def test_the_same_pages_are_the_same_bytes(write: Callable[..., bytes]) -> None:
    one, two = ([encoding.group4(pattern(64, 33, 1))] for _ in range(2))
    assert write(one, (64, 33), (204, 196)) == write(two, (64, 33), (204, 196))


def test_an_empty_page_takes_next_to_nothing() -> None:
    assert len(encoding.group4(Image.new("1", (1728, 2292), 255))) < 300
