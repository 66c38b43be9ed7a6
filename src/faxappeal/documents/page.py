"""The page: the letter as PDF, set by Typst, the same bytes for the same letter."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from ..core.errors import UsageError
from ..core.text import clean
from .content import Content, isolation
from .fonts import font_set, fonts_for, is_cjk, missing_hint
from .images import picture
from .parts import parts, with_parts

_HERE = Path(__file__).parent
PDF_STANDARDS = ("a-2a", "ua-1")  # archived, tagged; ua-1 also refuses a character without a glyph
PAPERS = {"a4": "a4", "letter": "us-letter"}

# All lengths in mm, of type in pt, of spacing in em. The telefax lines stand where DIN 5008 has
# dispatch notes, above the address; US Letter has its address where a #10 envelope's window is.
_SHEETS: dict[str, dict[str, float]] = {
    "a4": {"head": 17, "notes": 27, "address": 44.7, "body": 80.5, "left": 25, "right": 20},
    "letter": {"head": 17, "notes": 27, "address": 44.7, "body": 78, "left": 25.4, "right": 19},
}
# Weight 500 keeps its strokes at the fax's threshold; letters of nine tenths of the usual width
# take fewer lines, and the call is shorter.
_STYLE: dict[str, float] = {"weight": 500, "bold": 700, "stretch": 90, "bottom": 20}
# From the most generous on; the first that gives the fewest pages is taken. The small letters of
# 11 pt and 10.3 pt are 16 and 15 rows high on the fine grid (Noto Sans: 0.536 em), so that their
# tops are sharp. 10 pt is the floor: below it 204x98 dpi loses the bars of "e".
_FITS: tuple[dict[str, float], ...] = (
    {"size": 11, "leading": 0.35, "spacing": 0.85},
    {"size": 10.3, "leading": 0.28, "spacing": 0.7, "bottom": 18},
    {"size": 10.3, "leading": 0.14, "spacing": 0.45, "bottom": 13, "right": 12},
    {"size": 10, "leading": 0.12, "spacing": 0.42, "bottom": 13, "right": 12},
)
# Chinese characters of less than 12 pt blot at 98 lines an inch
_COARSE_CJK: dict[str, float] = {"size": 12, "leading": 0.35, "spacing": 0.7}


class PageError(UsageError):
    """The letter cannot be set; the text says which character or element is in the way."""

    code = "page"
    character = ""  # that no font can show


def pdf(
    content: Content, paper: str, *, coarse: bool = False, fonts: tuple[Path, ...] = ()
) -> bytes:
    """The letter as PDF/A-2a and PDF/UA-1 on `a4` or `letter` paper, on as few pages as it fits.

    `coarse` is for a fax of 98 lines an inch, `fonts` are files for scripts that ours do not have.
    PageError names a character that no font can show.
    """
    fits = (_COARSE_CJK,) if coarse and is_cjk(content.language) else _FITS
    tightest = len(fits) - 1

    @cache
    def document(fit: int) -> bytes:
        style = {**_STYLE, **_SHEETS[paper], **fits[fit], "paper": PAPERS[paper]}
        return _compile(content, style, fonts)

    @cache
    def pages(fit: int) -> int:
        return page_count(document(fit))

    def best(fit: int) -> bool:
        """No fit gives fewer pages, none more generous as few: a tighter fit never takes more."""
        fewest = pages(fit) == 1 or pages(fit) == pages(tightest)
        return fewest and (fit == 0 or pages(fit - 1) > pages(fit))

    # letters of one campaign are of one length: the last one's fit is the likeliest
    fit = min(_last_fit.get(paper, 0), tightest)
    if not best(fit):
        fit = bisect_left(range(tightest), -pages(tightest), key=lambda each: -pages(each))
    _last_fit[paper] = fit
    return document(fit)


_last_fit: dict[str, int] = {}


def page_count(document: bytes) -> int:
    """How many pages a PDF has."""
    import pypdfium2

    with pypdfium2.PdfDocument(document) as opened:
        return len(opened)


def _compile(content: Content, style: dict[str, Any], fonts: tuple[Path, ...]) -> bytes:
    words = content.words
    pictures = {name: picture(data) for name, data in content.pictures.items()}
    data = {
        **with_parts(content.data),
        "title": " ".join(content.letter.subject),
        "sender-line": parts(" · ".join(content.sender)),
        "reach-line": parts(" · ".join(content.reach)),
        "telefax-lines": [parts(line) for line in content.telefax_lines],
        "right-to-left": content.letter.right_to_left,
        "author": clean(content.sender[0]),
        "date": isolation(content.language)(content.date_text),
        "day": [content.date.year, content.date.month, content.date.day],
        "page": words.page,
        "labels": {"copy": words.copy, "signed": words.signed},
        "signed-line": parts("; ".join(content.signed)),
        "style": style,
        "pictures": {
            name: {**asdict(image), "data": list(image.data)} for name, image in pictures.items()
        },
    }
    return typeset(_HERE / "letter.typ", data, content.language, fonts)


def typeset(
    template: Path, data: dict[str, Any], language: str, fonts: tuple[Path, ...] = ()
) -> bytes:
    """A Typst file of ours with `data`, which reaches it as JSON only. Raises PageError."""
    import typst

    families = [font.family for font in fonts_for(language)] + list(font_set(fonts).own)
    try:
        document, warnings = _compiler(template, fonts).compile_with_warnings(
            format="pdf",
            sys_inputs={"data": json.dumps({**data, "fonts": families}, ensure_ascii=False)},
            pdf_standards=list(PDF_STANDARDS),
            timestamp=0,  # the PDF's date is the letter's
        )
    except typst.TypstError as error:
        raise _page_error(error.message) from error
    if warnings:
        raise PageError("the page cannot be set: " + "; ".join(w.message for w in warnings))
    return bytes(document)


def _page_error(message: str) -> PageError:
    missing = re.search(r'the text `"(.+)"` could not be displayed', message, re.S)
    if not missing:
        return PageError(f"the page cannot be set: {message}", "tell us, please")
    escaped = re.match(r"\\u\{([0-9a-f]+)\}", missing[1])  # as Typst writes what cannot be seen
    character = chr(int(escaped[1], 16)) if escaped else missing[1][:1]
    found = PageError(
        f"no font has the character {character} (U+{ord(character):04X})", missing_hint(character)
    )
    found.character = character
    return found


@cache
def _compiler(template: Path, fonts: tuple[Path, ...]) -> Any:
    import typst

    nowhere = str(template.parent / "no-packages")  # a letter never fetches anything
    return typst.Compiler(
        str(template),
        root=str(template.parent),
        font_paths=font_set(fonts).typst,
        package_path=nowhere,
        package_cache_path=nowhere,
    )
