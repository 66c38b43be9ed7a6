"""Text from outside: shown with escapes, cleaned of what no reader can see."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxappeal.core.text import (
    clean,
    did_you_mean,
    guess_hint,
    invisible,
    is_file_name,
    show,
    visible_json,
)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param("[red]Ministry[/red]", "[red]Ministry[/red]", id="X01"),
        pytest.param("Ministry [c/o] Justice", "Ministry [c/o] Justice", id="X03"),
        pytest.param(":warning: Ministry", ":warning: Ministry", id="X05"),
        pytest.param("\x1b[2J\x1b[31mred", r"\u001b[2J\u001b[31mred", id="X06"),
        pytest.param("\x1b]0;pwned\x07x", r"\u001b]0;pwned\u0007x", id="X07"),
        pytest.param("\x9b31mred", r"\u009b31mred", id="X09"),
        pytest.param("failed\rsent", r"failed\u000dsent", id="X10"),
        pytest.param("x\n2026-11-23 sent ok", r"x\u000a2026-11-23 sent ok", id="X11"),
        pytest.param("\u202etxet", r"\u202etxet", id="bidi"),
    ],
)
def test_text_on_the_screen(given: str, shown: str) -> None:
    assert show(given) == shown


@given(st.text())
def test_what_is_shown_is_one_visible_line(words: str) -> None:
    shown = show(words)
    assert not invisible(shown) and len(shown.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "allowed", "found"),
    [
        pytest.param("plain text", "", "", id="plain"),
        pytest.param("", "", "", id="empty"),
        pytest.param("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "", "", id="Persian"),
        pytest.param("\u0915\u094d\u200d\u0937", "", "", id="Hindi"),
        pytest.param("Donau\u00addampf", "", "", id="soft hyphen"),
        pytest.param("a\u200bb", "", "\u200b", id="zero width space"),
        pytest.param("a\u202eb\x07", "", "\u202e", id="the first of two"),
        pytest.param("a\ud800", "", "\ud800", id="surrogate"),
        pytest.param("a\ue000", "", "\ue000", id="private use"),
        pytest.param("a\u0378", "", "\u0378", id="unassigned"),
        pytest.param("a\u2028b", "", "\u2028", id="line separator"),
        pytest.param("a\nb", "", "\n", id="line break"),
        pytest.param("a\nb", "\n", "", id="line break that is allowed"),
        pytest.param("a\n\tb", "\n", "\t", id="tab beside what is allowed"),
    ],
)
def test_what_cannot_be_seen_is_found(text: str, allowed: str, found: str) -> None:
    assert invisible(text, allowed) == found


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        pytest.param("  Please \t answer\n\nsoon ", "Please answer soon", id="spaces"),
        pytest.param("pl\u200bea\u202ese\x00", "please", id="invisible characters"),
        pytest.param("\x1b[31mred", "[31mred", id="colour"),
        pytest.param("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e", id="Persian"),
        pytest.param("Donau\u00addampf", "Donau\u00addampf", id="soft hyphen"),
        pytest.param(" \u200b \u202e ", "", id="nothing to see"),
    ],
)
def test_a_text_is_cleaned_to_one_line(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


# -- JSON --------------------------------------------------------------------------------------


@given(st.text())
def test_json_means_the_same(words: str) -> None:
    written = visible_json(json.dumps({words: [words]}, ensure_ascii=False))
    assert json.loads(written) == {words: [words]} and not invisible(written)


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        pytest.param('{"a": "\u00fc"}', '{"a": "\u00fc"}', id="letters stay"),
        pytest.param('{"a": "\u202e"}', r'{"a": "\u202e"}', id="escape"),
        pytest.param('{"a": "\U000e0001"}', r'{"a": "\udb40\udc01"}', id="pair of surrogates"),
        pytest.param('{\n  "a": "\u200d"\n}', '{\n  "a": "\\u200d"\n}', id="line breaks stay"),
    ],
)
def test_json_has_escapes_where_nothing_is_seen(text: str, visible: str) -> None:
    assert visible_json(text) == visible
    assert json.loads(visible) == json.loads(text)


# -- misspelt words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "near"),
    [("ministry-of-justise", "ministry-of-justice"), ("justice", "justice"), ("xyz", ""), ("", "")],
)
def test_a_misspelt_word_is_guessed(word: str, near: str) -> None:
    assert did_you_mean(word, ["embassy", "justice", "ministry-of-justice"]) == near


@pytest.mark.parametrize(
    ("word", "otherwise", "hint"),
    [
        ("hylafx", "see the list", "did you mean hylafax?"),
        ("qqq", "see the list", "see the list"),
        ("qqq", "", ""),
    ],
)
def test_a_hint_guesses_or_says_something_else(word: str, otherwise: str, hint: str) -> None:
    assert guess_hint(word, ["hylafax", "sinch"], otherwise) == hint


# -- names of files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["facts.pdf", "sub/facts.pdf", "Stra\u00dfe 1.pdf", "x" * 120, "\u00fc" * 60, "a.b-c_d(1).pdf"],
)
def test_a_file_below_the_campaign_has_a_good_name(name: str) -> None:
    assert is_file_name(name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param(None, id="nothing"),
        pytest.param(3, id="a number"),
        pytest.param(["facts.pdf"], id="a list"),
        pytest.param("/etc/hostname", id="absolute"),
        pytest.param("../facts.pdf", id="above"),
        pytest.param("sub/../../facts.pdf", id="above in the middle"),
        pytest.param("sub//facts.pdf", id="empty part"),
        pytest.param("sub/", id="a folder"),
        pytest.param(".env", id="hidden"),
        pytest.param("sub/.env", id="hidden below"),
        pytest.param("-o.pdf", id="an option of a program"),
        pytest.param("sub\\facts.pdf", id="backslash"),
        pytest.param("c:facts.pdf", id="drive"),
        *(pytest.param(f"a{sign}.pdf", id=f"sign {sign}") for sign in '*?"<>|'),
        pytest.param("facts\u202efdp.exe", id="written backwards"),
        pytest.param("facts.pdf\n", id="line break"),
        pytest.param("x" * 121, id="too long"),
        pytest.param("\u00fc" * 61, id="too long in bytes"),
    ],
)
def test_a_name_that_leaves_the_folder_or_hides_is_refused(name: object) -> None:
    assert not is_file_name(name)
