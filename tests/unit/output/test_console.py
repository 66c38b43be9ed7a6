"""The screen: plain where nobody looks, coloured and folded on a terminal, JSON for scripts."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

import pytest

from faxappeal.core.result import Problem
from faxappeal.output.console import Console, below, coloured, fitted


class Terminal(io.StringIO):
    """A terminal, as far as a file shows that it is one."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard output is a terminal of 40 columns with colours."""
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")
    return Terminal()


LONG = "  a letter to an office, by fax, that waits for the morning there"


def test_into_a_file_a_long_line_stays_one(capsys: pytest.CaptureFixture[str]) -> None:
    Console().line(LONG, ("  held", "held"))
    assert capsys.readouterr().out == f"{LONG}  held\n"


def test_several_lines_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    Console().lines("one", "two")
    assert capsys.readouterr().out == "one\ntwo\n"


def test_on_a_terminal_a_long_line_goes_on_as_far_in_as_it_began(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        Console().line(LONG)
        lines = terminal.getvalue().splitlines()
        assert len(lines) == 2 and all(len(line) <= 40 for line in lines)
        assert all(line.startswith("  ") and line[2] != " " for line in lines)
        assert " ".join(line.strip() for line in lines) == LONG.strip()


def test_what_is_to_be_copied_is_not_broken(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        Console().line(LONG, whole=True)
        assert terminal.getvalue().rstrip("\n") == LONG


def test_a_state_has_its_colour_on_a_terminal_alone(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        Console().line(("held", "held"))
        assert "\x1b[33m" in terminal.getvalue()
        Console(plain=True).line(("plain", "held"))
        assert "plain\n" in terminal.getvalue()


def test_on_a_terminal_without_colours_a_long_line_is_broken_too(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redirect_stdout(terminal):
        monkeypatch.setenv("NO_COLOR", "1")
        Console().line(LONG)
        lines = terminal.getvalue().splitlines()
        assert len(lines) == 2 and not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(
    ("as_json", "plain", "is_live"), [(False, False, True), (True, False, False), (False, True, False)]
)  # fmt: skip
def test_lines_are_written_over_only_where_somebody_looks(
    terminal: Terminal, as_json: bool, plain: bool, is_live: bool
) -> None:
    with redirect_stdout(terminal):
        console = Console(as_json=as_json, plain=plain)
        assert console.is_live is is_live and console.width == 40


def test_lines_may_be_kept_and_printed_later(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        console = Console()
        kept = console.capture(lambda: console.line("kept"))
        assert [line.plain for line in kept] == ["kept"] and not terminal.getvalue()
        console.line("printed")
        assert "printed" in terminal.getvalue()


@pytest.mark.parametrize("hint", ["", "try again"])
def test_a_problem_is_a_sentence_and_a_hint(capsys: pytest.CaptureFixture[str], hint: str) -> None:
    Console().problem(Problem("usage", "it is wrong", hint))
    shown = capsys.readouterr()
    assert not shown.out
    assert shown.err == "Error: it is wrong.\n" + (f"Hint: {hint}\n" if hint else "")


def test_hostile_text_in_json_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(as_json=True)
    console.json({"name": "a\u202eb"})
    console.json_line({"name": "\x1b[2J"})
    console.event({"event": "started"})
    out = capsys.readouterr().out
    assert "\u202e" not in out and "\x1b" not in out
    assert json.loads(out.splitlines()[-1]) == {"event": "started"}


def test_a_table_is_csv(capsys: pytest.CaptureFixture[str]) -> None:
    Console().csv(["id", "state"], [{"id": "one", "state": "=1+1"}])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith('"id","state"')
    assert lines[1].startswith('"one"') and '"=1+1"' not in lines[1], "a sheet works nothing out"


def test_what_to_do_in_a_browser_is_no_part_of_the_result(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Console().sign_in("https://microsoft.com/devicelogin", "ABCD")
    shown = capsys.readouterr()
    assert not shown.out and "type ABCD" in shown.err


def test_a_word_that_is_longer_than_the_line_is_folded(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        lines = fitted(coloured(("x" * 90,)), Console().rich(False))
        assert [len(line.plain) for line in lines] == [40, 40, 10]
        assert below("short") == ["short"]
