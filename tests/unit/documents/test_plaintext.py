"""The letter as plain text."""

from __future__ import annotations

import re

import pytest

from faxappeal.documents.plaintext import as_text
from tests.support.letters import letter

WORDS = "please answer " * 20


def body(markdown: str) -> str:
    """What is written after the subject."""
    text = as_text(letter(markdown))
    return text.partition("\n\nPlease answer\n\n")[2].removesuffix("\n")


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        pytest.param("one\ntwo", "one two", id="a line end is a space"),
        pytest.param("one\\\ntwo", "one\ntwo", id="a break"),
        pytest.param("one\n\ntwo", "one\n\ntwo", id="paragraphs"),
        pytest.param("**one** *two*", "*one* _two_", id="emphasis"),
        pytest.param("# A title", "A title\n-------", id="a heading"),
        pytest.param("- one\n- two", "- one\n- two", id="a list"),
        pytest.param("- one\n\n- two", "- one\n\n- two", id="a list with room"),
        pytest.param("3. one\n4. two", "3. one\n4. two", id="numbers as they were given"),
        pytest.param("- one\n  - two\n    1. three", "- one\n\n  - two\n\n    1. three", id="nested"),
        pytest.param("> one\n>\n> two", "> one\n> \n> two", id="a quotation"),
        pytest.param("one\n\n---\n\ntwo", f"one\n\n{'-' * 20}\n\ntwo", id="a rule"),
        pytest.param('![A map](map.png "80 mm")', "[A map]", id="an image"),
        pytest.param("[us](https://www.example.org/a)", "us <https://www.example.org/a>", id="a link"),
        pytest.param("[https://example.org](https://example.org)", "https://example.org", id="an address"),
        pytest.param("[a@example.org](mailto:a@example.org)", "a@example.org", id="a mailbox"),
        pytest.param('a \\<b> & "c"', 'a <b> & "c"', id="no HTML"),
    ],
)  # fmt: skip
def test_each_thing_that_a_letter_may_have(markdown: str, text: str) -> None:
    assert body(markdown) == text


@pytest.mark.parametrize("start", ["", "- ", "1. ", "- - "])
def test_no_line_of_words_is_longer_than_72_columns_and_none_is_lost(start: str) -> None:
    text = body(start + WORDS)
    assert max(map(len, text.split("\n"))) <= 72
    assert re.findall(r"[a-z]+", text) == WORDS.split()


def test_the_lines_of_an_item_stand_below_its_first_word() -> None:
    first, *others = body("10. " + WORDS).split("\n")
    assert first.startswith("10. please") and others
    assert all(line.startswith("    ") and line[4] != " " for line in others)


def test_a_long_address_of_a_page_stays_whole() -> None:
    url = "https://www.example.org/" + "a-b" * 40
    assert url in body(f"Read this: [here]({url})")


def test_a_table_is_drawn_with_its_columns_aligned() -> None:
    drawn = body("| day | held |\n|:--|--:|\n| Monday | 40 |\n| Tuesday | 5 |")
    rows = [line for line in drawn.split("\n") if "day" in line]
    assert rows == ["| day     | held |", "| Monday  |   40 |", "| Tuesday |    5 |"]


def test_a_table_with_long_cells_keeps_to_the_width_and_loses_nothing() -> None:
    long = "".join(f"{number:03}" for number in range(60))
    drawn = body(f"- x\n\n  | a | b |\n  |---|---|\n  | {long} | [b] |")
    assert max(map(len, drawn.split("\n"))) <= 72
    assert "".join(c for c in drawn if c.isdigit()) == long and "[b]" in drawn


def test_all_that_stands_round_a_letter_is_there_in_its_order() -> None:
    text = as_text(
        letter(
            address=("Office", "10117 Berlin"),
            telefax=("+49 30 23125 012",),
            original="The Minister",
            signed=("A. Miller", "and 3 others"),
            copies=("Office two", "Office three"),
        )
    )
    assert text == (
        "[Copy. The original goes to The Minister.]\n\n"
        "Office\n10117 Berlin\n\n"
        "Telefax: +49 30 23125 012\n\n"
        "24 November 2026\n\n"
        "Please answer\n\n"
        "Please answer.\n\n"
        "Signed also by:\nA. Miller; and 3 others\n\n"
        "Copy to:\n\nOffice two\n\nOffice three\n"
    )


def test_what_is_missing_leaves_no_gap() -> None:
    assert as_text(letter()) == "Office\n\n24 November 2026\n\nPlease answer\n\nPlease answer.\n"


def test_a_subject_of_two_lines_has_two() -> None:
    assert "\nfirst\nsecond\n" in as_text(letter(subject=("first", "second")))
