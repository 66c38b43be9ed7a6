"""The findings of `check`, and what each is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faxappeal.commands.check import CheckResult
from faxappeal.core.finding import Finding, Location
from faxappeal.output.console import Console
from faxappeal.output.screens import check
from tests.support.shown import Lines, Terminal

FOUND = Finding("list.yaml", Location(2, 7), "error", "bad-value", "wrong", "write it right")
TEXTS = {"list.yaml": "one\nname: x\nthree"}


def test_findings_have_their_hints_and_a_count(lines_of: Lines) -> None:
    found = (FOUND, replace(FOUND, level="warning", hint=""))
    assert lines_of(check.draw, CheckResult(found, 2, texts=TEXTS)) == [
        "list.yaml:2:7: error bad-value wrong",
        "    Hint: write it right",
        "list.yaml:2:7: warning bad-value wrong",
        "2 recipients checked: 1 error, 1 warning.",
    ]


@pytest.mark.parametrize(
    ("unread", "said"),
    [
        (1, "1 more is not checked further: mend the errors first."),
        (2, "2 more are not checked further: mend the errors first."),
    ],
)
def test_recipients_that_cannot_be_read_are_counted(
    lines_of: Lines, unread: int, said: str
) -> None:
    assert lines_of(check.draw, CheckResult((), 1, unread))[-1] == said


def test_a_terminal_shows_the_line_of_a_finding(terminal: Terminal) -> None:
    check.draw(Console(), CheckResult((FOUND,), 1, texts=TEXTS))
    assert terminal.shown.splitlines()[1:4] == [
        "    2 | name: x",
        "              ^",
        "    Hint: write it right",
    ]


@pytest.mark.parametrize(
    "texts", [{}, {"list.yaml": "one"}], ids=["a file of secrets", "a place behind the end"]
)
def test_there_may_be_no_line_to_show(terminal: Terminal, texts: dict[str, str]) -> None:
    check.draw(Console(), CheckResult((FOUND,), 1, texts=texts))
    assert "|" not in terminal.shown
