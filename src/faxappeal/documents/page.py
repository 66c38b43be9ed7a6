"""The page: the letter as PDF, set by Typst, the same bytes for the same letter."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import SetupError
from .content import Content

_HERE = Path(__file__).parent
PDF_STANDARDS = ("a-2a", "ua-1")  # archived, tagged; ua-1 also refuses a character without a glyph
_PAPERS = {"a4": "a4", "letter": "us-letter"}

# The most generous style that gives the fewest pages is taken. 10 pt is the floor: below it 204x98
# dpi loses the bars of "e". Weight 500 keeps its strokes at the fax's threshold. All in pt, em, mm.
_STYLE: dict[str, Any] = {
    "fonts": ["Noto Sans"],
    "weight": 500,
    "bold": 700,
    "size": 10.5,
    "leading": 0.35,
    "spacing": 0.85,
    "left": 22,
    "right": 18,
    "top": 18,  # the fax header line stands in the upper 7 mm
    "bottom": 18,
}
_FITS: tuple[dict[str, float], ...] = (
    {},
    {"leading": 0.30, "spacing": 0.7},
    {"leading": 0.26, "spacing": 0.6, "left": 20, "right": 16, "top": 16, "bottom": 15},
    {"leading": 0.26, "spacing": 0.6, "left": 20, "right": 16, "top": 16, "bottom": 15, "size": 10},
)


class PageError(ValueError):
    """The letter cannot be set; the text says which character or element is in the way."""


def pdf(content: Content, paper: str) -> bytes:
    """The letter as PDF/A-2a and PDF/UA-1 on `a4` or `letter` paper, on as few pages as it fits."""
    best: bytes | None = None
    fewest = 0
    for fit in _FITS:
        document = _compile(content, {**_STYLE, **fit, "paper": _PAPERS[paper]})
        pages = page_count(document)
        if best is None or pages < fewest:
            best, fewest = document, pages
        if pages == 1:
            break
    assert best is not None  # there is at least one fit
    return best


def page_count(document: bytes) -> int:
    """How many pages a PDF has."""
    import pypdfium2

    with pypdfium2.PdfDocument(document) as opened:
        return len(opened)


def _compile(content: Content, style: dict[str, Any]) -> bytes:
    data = {
        **content.as_data(),
        "right-to-left": content.letter.right_to_left,
        "author": content.sender[0],
        "date": content.date_text,
        "day": [content.date.year, content.date.month, content.date.day],
        "page": content.label("page"),
        "labels": {"telefax": content.label("telefax"), "copy": content.label("copy")},
        "style": style,
    }
    import typst

    try:
        document, warnings = _compiler().compile_with_warnings(
            format="pdf",
            sys_inputs={"letter": json.dumps(data, ensure_ascii=False)},
            pdf_standards=list(PDF_STANDARDS),
            timestamp=0,  # the PDF's date is the letter's
        )
    except typst.TypstError as error:
        raise PageError(f"the page cannot be set: {error.message}") from error
    if warnings:
        raise PageError("the page cannot be set: " + "; ".join(w.message for w in warnings))
    return bytes(document)


@cache
def _compiler() -> Any:
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder())]
    )
    nowhere = str(_HERE / "no-packages")  # a letter never fetches anything
    return typst.Compiler(
        str(_HERE / "letter.typ"),
        root=str(_HERE),
        font_paths=fonts,
        package_path=nowhere,
        package_cache_path=nowhere,
    )


def font_folder() -> Path:
    """Where the letter's font lies: in its package, never one that happens to be on the machine."""
    import fontpkg_noto_sans

    folder = Path(fontpkg_noto_sans.ROOT) / "files"
    if not folder.is_dir():
        raise SetupError("the font Noto Sans is missing", "pip install fontpkg-noto-sans")
    return folder
