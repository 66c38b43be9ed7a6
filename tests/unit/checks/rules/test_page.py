"""Rules on the page: characters that no font has, and letters of many pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.campaigns import RECIPIENT
from tests.support.checked import GOOD, LETTER, SETTINGS, found_in, written

FAX_SIGN = "\U0001f4e0"


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        pytest.param("répondez, ответьте, απαντήστε", False, id="alphabets of Europe"),
        pytest.param("“please”, 5 €, № 3 …", False, id="punctuation"),
        pytest.param(f"{FAX_SIGN} please", True, id="a pictogram"),
    ],
)
def test_a_character_without_a_font_is_found_where_it_stands(
    tmp_path: Path, words: str, is_found: bool
) -> None:
    found = found_in("glyph", written(tmp_path, letter=LETTER.replace("please", words)))
    places = [(each.path, each.place.line, each.place.column) for each in found]
    assert places == [("letter.j2", 6, 1)] * is_found
    if found:
        assert "U+1F4E0" in found[0].message and found[0].hint


def test_a_character_of_a_name_is_said_with_its_recipient(tmp_path: Path) -> None:
    folder = written(tmp_path, GOOD.replace("Office one", f"Office {FAX_SIGN}"))
    [found] = found_in("glyph", folder)
    assert (found.place.line, found.place.column) == (1, 1)
    assert found.message.endswith("(for one)")


def test_a_character_of_the_letter_is_said_once_for_all(tmp_path: Path) -> None:
    second = RECIPIENT.format(id="two", contact="email: two@example.org") + "    language: de\n"
    folder = written(tmp_path, GOOD + second, LETTER.replace("please", f"{FAX_SIGN} please"))
    assert len(found_in("glyph", folder)) == 1


def test_a_font_of_ones_own_that_is_none_is_said_of_the_settings(tmp_path: Path) -> None:
    settings = SETTINGS.replace('"hylafax"\n', '"hylafax"\nfonts = ["own.ttf"]\n', 1)
    folder = written(tmp_path, letter=LETTER.replace("please", "请"), settings=settings)
    (folder / "own.ttf").write_bytes(b"no font")
    [found] = found_in("glyph", folder)
    assert (found.path, found.place.line) == ("faxappeal.toml", 12)
    assert "own.ttf" in found.message


def of_lines(lines: int) -> str:
    return LETTER.replace("please answer.", "please\n\n" * (lines // 2) + "answer.")


@pytest.mark.parametrize(
    ("lines", "is_found"),
    [
        pytest.param(4, False, id="short"),
        pytest.param(110, False, id="two pages"),
        pytest.param(200, False, id="three pages"),
        pytest.param(300, True, id="four pages"),
        pytest.param(400, True, id="many"),
    ],
)
def test_a_letter_of_more_than_three_pages_is_doubted(
    tmp_path: Path, lines: int, is_found: bool
) -> None:
    found = found_in("pages", written(tmp_path, letter=of_lines(lines)))
    assert [each.level for each in found] == ["warning"] * is_found
    if found:
        assert int(found[0].message.split()[3]) > 3 and found[0].message.endswith("(for one)")


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(of_lines(400).replace("answer", FAX_SIGN, 1), id="a page that cannot be set"),
        pytest.param(of_lines(400) + "{{ to.office }}\n", id="a letter with a hole"),
    ],
)
def test_pages_that_cannot_be_made_are_not_counted(tmp_path: Path, letter: str) -> None:
    assert not found_in("pages", written(tmp_path, letter=letter))


def test_a_letter_with_a_hole_has_no_characters_to_look_at(tmp_path: Path) -> None:
    letter = LETTER.replace("please", f"{FAX_SIGN} {{{{ to.office }}}}")
    assert not found_in("glyph", written(tmp_path, letter=letter))
