"""The files of a fax: the same dots in each."""

from __future__ import annotations

import io

from PIL import Image, TiffImagePlugin

from faxappeal.documents.fax import raster


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
