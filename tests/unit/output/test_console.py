"""The screen: colour for people who look, plain lines for all others, nothing that acts."""

from __future__ import annotations

import io
import json
import sys

import pytest
from rich.console import Console as RichConsole
from rich.text import Text

from faxappeal.core.lifecycle import Fate
from faxappeal.core.result import Problem
from faxappeal.output.console import Console, below, coloured, fitted
from tests.support.shown import Terminal

LONG = "    Office for the Coordination of Petitions, " + "c/o the department " * 4
RAW = "\x1b[2Jred\u202e"


def test_a_terminal_has_colours(terminal: Terminal) -> None:
    Console().line("one  ", ("sent", Fate.SENT), "  two")
    assert terminal.shown == "one  sent  two\n" and "\x1b[32msent" in terminal.raw


@pytest.mark.parametrize(
    ("variable", "value", "plain"),
    [
        pytest.param("NO_COLOR", "1", False, id="NO_COLOR"),
        pytest.param("NO_COLOR", "", False, id="an empty NO_COLOR"),
        pytest.param("TERM", "dumb", False, id="a dumb terminal"),
        pytest.param("TERM", "xterm", True, id="--plain"),
    ],
)
def test_a_terminal_without_colours_has_the_same_words(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, plain: bool
) -> None:
    monkeypatch.setenv(variable, value)
    console = Console(plain=plain)
    console.line("one  ", ("sent", Fate.SENT), "  two")
    assert terminal.raw == "one  sent  two\n" and not console.is_live


def test_a_pipe_gets_one_line_for_each_however_long(capsys: pytest.CaptureFixture[str]) -> None:
    Console().line(LONG)
    Console().lines("two", "three")
    assert capsys.readouterr().out == f"{LONG}\ntwo\nthree\n"


@pytest.mark.parametrize("plain", [False, True], ids=["coloured", "plain"])
def test_a_long_line_goes_on_below_as_far_in(terminal: Terminal, plain: bool) -> None:
    Console(plain=plain).line(LONG)
    first, second = (line.rstrip() for line in terminal.shown.splitlines())
    assert (
        first.endswith(" the") and second == "    department c/o the department c/o the department"
    )


@pytest.mark.parametrize("plain", [False, True], ids=["coloured", "plain"])
def test_a_line_that_is_to_be_copied_stays_whole(terminal: Terminal, plain: bool) -> None:
    words = f"*/10 * * * *  faxappeal -C {'x' * 80} send"
    Console(plain=plain).line(words, whole=True)
    assert terminal.shown == f"{words}\n"


@pytest.mark.parametrize(
    "words",
    ["[red]Ministry[/red] [/]", ":warning:", "https://www.example.org 12 'x'"],
    ids=["markup", "an emoji's name", "what Rich would colour"],
)
def test_words_are_no_markup(terminal: Terminal, words: str) -> None:
    Console().line(words)
    assert terminal.raw == f"{words}\n"


@pytest.mark.parametrize(
    ("as_json", "plain", "is_live"),
    [(False, False, True), (True, False, False), (False, True, False)],
)
def test_lines_are_written_over_where_a_person_looks(
    terminal: Terminal, as_json: bool, plain: bool, is_live: bool
) -> None:
    assert Console(as_json=as_json, plain=plain).is_live is is_live


def test_the_width_is_that_of_the_terminal(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "44")
    assert Console().width == 44


def test_captured_lines_are_not_on_the_screen_yet(terminal: Terminal) -> None:
    console = Console()
    captured = console.capture(lambda: console.lines("one", "two"))
    assert [text.plain for text in captured] == ["one", "two"] and not terminal.raw
    console.line("three")
    assert terminal.shown == "three\n"


def test_after_a_failed_capture_lines_are_shown_again(terminal: Terminal) -> None:
    console = Console()
    with pytest.raises(ZeroDivisionError):
        console.capture(lambda: console.line(str(1 // 0)))
    console.line("one")
    assert terminal.shown == "one\n"


# -- errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "err"),
    [
        pytest.param(
            Problem("usage", "no such letter", "faxappeal status"),
            "Error: no such letter.\nHint: faxappeal status\n",
            id="with a hint",
        ),
        pytest.param(Problem("usage", "no such letter."), "Error: no such letter.\n", id="without"),
        pytest.param(
            Problem("usage", RAW, RAW),
            "Error: \\u001b[2Jred\\u202e.\nHint: \\u001b[2Jred\\u202e\n",
            id="raw text",
        ),
    ],
)
def test_a_problem_is_a_sentence_and_what_to_do(
    capsys: pytest.CaptureFixture[str], problem: Problem, err: str
) -> None:
    Console().problem(problem)
    assert capsys.readouterr() == ("", err)


def test_an_error_on_a_terminal_is_red_and_not_captured(terminal: Terminal) -> None:
    console = Console()
    assert not console.capture(lambda: console.problem(Problem("usage", "no such letter")))
    assert terminal.errors.startswith("\x1b[31mError: ") and not terminal.raw


def test_what_to_do_in_a_browser_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    Console().sign_in("https://login.example.org/\x07", "AB12")
    assert capsys.readouterr() == (
        "",
        "Open https://login.example.org/\\u0007 and type AB12\nThen wait here.\n",
    )


# -- for programs ----------------------------------------------------------------------------------


def test_json_means_the_same_and_shows_nothing_raw(capsys: pytest.CaptureFixture[str]) -> None:
    Console().json({"name": f"Müller {RAW}"})
    out = capsys.readouterr().out
    assert out == '{\n  "name": "Müller \\u001b[2Jred\\u202e"\n}\n'
    assert json.loads(out) == {"name": f"Müller {RAW}"}


def test_json_lines_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.json_line({"note": "one\ntwo"})
    console.event({"state": "sent"})
    assert capsys.readouterr().out == '{"note": "one\\ntwo"}\n{"state": "sent"}\n'


def test_a_line_of_a_log_is_there_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="utf-8"))
    Console().event({"state": "sent"})
    assert written.getvalue() == b'{"state": "sent"}\n'


def test_a_table_for_a_spreadsheet(capsys: pytest.CaptureFixture[str]) -> None:
    Console().csv(("a", "b"), [{"a": 1, "b": "x"}])
    assert capsys.readouterr().out.splitlines() == ['"a","b"', '"1","x"']


# -- lines -----------------------------------------------------------------------------------------


def test_a_long_line_goes_on_below_between_two_words() -> None:
    screen = RichConsole(width=30, file=io.StringIO())
    lines = fitted(Text("    Office for the Coordination of Petitions, c/o Somebody"), screen)
    assert [line.plain for line in lines] == [
        "    Office for the",
        "    Coordination of Petitions,",
        "    c/o Somebody",
    ]
    assert [len(line.plain) for line in fitted(Text("x" * 70), screen)] == [30, 30, 10]


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        pytest.param("short", ["short"], id="a short one"),
        pytest.param(
            "    Office for the Coordination of Petitions, c/o Somebody",
            ["    Office for the", "    Coordination of Petitions,", "    c/o Somebody"],
            id="between two words",
        ),
        pytest.param("x" * 70, ["x" * 30, "x" * 30, "x" * 10], id="within a long word"),
        pytest.param(
            "for the office of the vice-president",
            ["for the office of the", "vice-president"],
            id="not at a hyphen",
        ),
    ],
)
def test_a_line_without_colour_goes_on_below_too(
    monkeypatch: pytest.MonkeyPatch, words: str, lines: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert below(words) == lines


def test_what_is_far_in_keeps_room_for_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert [len(line) for line in below(" " * 25 + "x" * 40)] == [45, 45]


@pytest.mark.parametrize(
    ("colour", "style"),
    [
        ("error", "red"),
        ("warning", "yellow"),
        (Fate.HELD, "yellow"),
        (Fate.WAITS, "cyan"),
        (Fate.SENT, "green"),
        (Fate.FAILED, "red"),
        (Fate.UNKNOWN, "magenta"),
        ("quiet", "dim"),
        ("bold", "bold"),
    ],
)
def test_a_part_has_the_colour_of_its_word(colour: str, style: str) -> None:
    text = coloured(("one ", ("two", colour)))
    assert text.plain == "one two"
    assert [(span.start, span.end, span.style) for span in text.spans] == [(4, 7, style)]
