"""Which font shows which script. They come from packages, never from what a machine happens to
have: the same letter is the same page everywhere."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import SetupError

if TYPE_CHECKING:
    import typst


@dataclass(frozen=True)
class Font:
    """A font family, the package that brings it, and the scripts that it is taken for."""

    family: str
    package: str
    scripts: tuple[str, ...]  # as the first word of a character's Unicode name
    extra: str = ""  # of faxappeal; empty where the font always comes along

    @property
    def folder(self) -> Path | None:
        """Where its files lie, or None where the package is not installed."""
        return _folder(self.package)


@cache
def _folder(package: str) -> Path | None:
    found = find_spec(package)
    return Path(found.origin).parent if found and found.origin else None


SANS = Font("Noto Sans", "fontpkg_noto_sans", ("LATIN", "GREEK", "CYRILLIC"))
FONTS = (
    SANS,
    Font("Noto Sans Arabic", "fontpkg_noto_sans_arabic", ("ARABIC",)),
    Font("Heebo", "fontpkg_heebo", ("HEBREW",)),
    Font("Noto Sans Devanagari", "fontpkg_noto_sans_devanagari", ("DEVANAGARI",), "devanagari"),
    Font("Noto Sans Khmer", "fontpkg_noto_sans_khmer", ("KHMER",), "khmer"),
    Font("Noto Sans Tamil", "fontpkg_noto_sans_tamil", ("TAMIL",), "tamil"),
    Font("Noto Sans Telugu", "fontpkg_noto_sans_telugu", ("TELUGU",), "telugu"),
    Font("Noto Sans Thai", "fontpkg_noto_sans_thai", ("THAI",), "thai"),
)
_CJK_PACKAGE = "manimgx_fonts_cjk"
_CJK_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH")
# the same character is written in five ways; which one depends on the letter's language
_CJK_FACES = {"ja": "JP", "ko": "KR", "zh-hk": "HK", "zh-mo": "HK", "zh-tw": "TC", "zh-hant": "TC"}


def is_cjk(language: str) -> bool:
    """Whether a language is written in characters that need a fine page or a larger type."""
    return language.split("-")[0].lower() in ("zh", "ja", "ko")


def _cjk(language: str) -> Font:
    tag = language.lower()
    faces = (face for start, face in _CJK_FACES.items() if tag.startswith(start))
    return Font(f"Noto Sans CJK {next(faces, 'SC')}", _CJK_PACKAGE, _CJK_SCRIPTS, "cjk")


def fonts_for(language: str) -> list[Font]:
    """The fonts at hand, in the order in which a character is looked for."""
    if SANS.folder is None:
        raise SetupError("the font Noto Sans is missing", "pip install fontpkg-noto-sans")
    return [font for font in (*FONTS, _cjk(language)) if font.folder]


def missing_hint(character: str) -> str:
    """What to install, or to do, so that this character can be printed."""
    script = unicodedata.name(character, "").split(" ")[0]
    for font in (*FONTS, _cjk("zh")):
        if script in font.scripts and font.extra and font.folder is None:
            return f"pip install 'faxappeal[{font.extra}]'"
    return "leave it out, or name a font file that has it: fonts = […] in [fax]"


@dataclass(frozen=True)
class FontSet:
    """Fonts as Typst takes them: the files at hand, and the families of the user's own files."""

    typst: typst.Fonts
    own: tuple[str, ...]


@cache
def font_set(own: tuple[Path, ...] = ()) -> FontSet:
    """All fonts at hand with the user's `own` files; SetupError for a file that is not a font.

    Typst reads folders. What else lies beside a user's file is read too, but not asked for.
    """
    import typst

    folders = [str(font.folder) for font in fonts_for("zh")]
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[*folders, *(str(path.parent) for path in own)],
    )
    families = tuple(_family(path) for path in own)
    for path, family in zip(own, families, strict=True):
        if family not in fonts.families():
            raise SetupError(f"the font file {path.name} cannot be used", "take a .ttf or .otf")
    return FontSet(fonts, families)


def _family(path: Path) -> str:
    from PIL import ImageFont

    try:
        return str(ImageFont.truetype(str(path), 10).getname()[0])
    except OSError as error:
        raise SetupError(
            f"{path.name} is no font file, or cannot be read", "look at fonts in [fax]"
        ) from error
