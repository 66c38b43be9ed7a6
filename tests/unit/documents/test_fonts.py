"""Which font shows which script, and what is said of one that is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.documents import fonts
from faxappeal.documents.fonts import FONTS, SANS, font_set, fonts_for, is_cjk, missing_hint

CJK = "manimgx_fonts_cjk"


def installed(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """A machine that has these packages alone."""
    monkeypatch.setattr(fonts, "_folder", lambda name: Path(name) if name in packages else None)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh", True),
        ("zh-Hant", True),
        ("JA", True),
        ("ko-KR", True),
        ("en", False),
        ("vi", False),
        ("zha", False),
    ],
)
def test_languages_whose_characters_need_a_fine_page(language: str, expected: bool) -> None:
    assert is_cjk(language) is expected


@pytest.mark.parametrize(
    ("language", "face"),
    [
        ("zh", "SC"),
        ("zh-CN", "SC"),
        ("zh-Hans", "SC"),
        ("zh-TW", "TC"),
        ("zh-Hant", "TC"),
        ("zh-HK", "HK"),
        ("zh-mo", "HK"),
        ("ja", "JP"),
        ("ja-JP", "JP"),
        ("ko", "KR"),
        ("en", "SC"),
    ],
)
def test_one_character_is_written_as_the_letters_language_writes_it(
    monkeypatch: pytest.MonkeyPatch, language: str, face: str
) -> None:
    installed(monkeypatch, SANS.package, CJK)
    assert [font.family for font in fonts_for(language)] == ["Noto Sans", f"Noto Sans CJK {face}"]


def test_only_what_is_installed_is_asked_and_latin_letters_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, SANS.package, "fontpkg_heebo", "fontpkg_noto_sans_thai")
    families = [font.family for font in fonts_for("th")]
    assert families == ["Noto Sans", "Heebo", "Noto Sans Thai"]


def test_without_the_font_for_latin_letters_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, CJK)
    with pytest.raises(SetupError, match="Noto Sans is missing") as refused:
        fonts_for("en")
    assert refused.value.hint == "pip install fontpkg-noto-sans"


@pytest.mark.parametrize(
    ("character", "extra"),
    [("ก", "thai"), ("अ", "devanagari"), ("ត", "khmer"), ("த", "tamil"), ("త", "telugu")]
    + [(character, "cjk") for character in "答あア답ㄅ、\uff01"],
)  # fmt: skip
def test_a_script_whose_font_is_not_installed_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, character: str, extra: str
) -> None:
    installed(monkeypatch, SANS.package)
    assert f"faxappeal[{extra}]" in missing_hint(character)
    installed(monkeypatch, *(font.package for font in FONTS), CJK)
    assert "name a font file" in missing_hint(character)


@pytest.mark.parametrize("character", ["\U0001f4e0", "ন", "\x00", "A", "ש"])
def test_a_character_that_no_font_of_ours_has_is_left_out_or_brought_along(
    monkeypatch: pytest.MonkeyPatch, character: str
) -> None:
    installed(monkeypatch, SANS.package)
    assert missing_hint(character) == (
        "leave it out, or name a font file that has it: fonts = […] in [fax]"
    )


# -- files of one's own ----------------------------------------------------------------------------


@pytest.fixture
def bengali() -> bytes:
    import fontpkg_hind_siliguri as package

    folder = Path(str(package.__file__)).parent / "files"
    return (folder / "HindSiliguri-Medium.ttf").read_bytes()


def test_a_font_file_of_ones_own_comes_beside_ours(tmp_path: Path, bengali: bytes) -> None:
    own = tmp_path / "own.ttf"
    own.write_bytes(bengali)
    found = font_set((own,))
    assert found.own == ("Hind Siliguri",)
    assert {"Noto Sans", "Hind Siliguri"} <= set(found.typst.families())
    assert font_set().own == ()


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    own = tmp_path / "letter.ttf"
    own.write_bytes(b"no font")
    with pytest.raises(SetupError, match=r"letter\.ttf is no font file, or cannot be read"):
        font_set((own,))
    with pytest.raises(SetupError, match=r"missing\.ttf is no font file, or cannot be read"):
        font_set((tmp_path / "missing.ttf",))


def test_a_font_file_whose_name_ends_otherwise_cannot_be_used(
    tmp_path: Path, bengali: bytes
) -> None:
    own = tmp_path / "own.dat"
    own.write_bytes(bengali)
    with pytest.raises(SetupError, match=r"the font file own\.dat cannot be used") as refused:
        font_set((own,))
    assert refused.value.hint == "take a .ttf or .otf"
