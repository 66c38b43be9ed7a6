"""Proof of sending in short."""

from __future__ import annotations

import pytest

from faxappeal.core.lifecycle import State
from faxappeal.output.screens import report
from faxappeal.report.model import FirstPage, LetterReport, Report
from tests.support.clock import MORNING
from tests.support.shown import Lines

LETTER = LetterReport(
    delivery="0123",
    recipient="one",
    name="Office one",
    channel="fax",
    address="+12025550101",
    state=State.DELIVERED,
    cause=None,
    at=MORNING,
    recipient_time=None,
    zone=None,
    facts=(),
    history=(),
    page=FirstPage("not kept"),
)


KEEP = "To keep it: faxappeal report --html FILE, or --pdf FILE; --redact to publish"


@pytest.mark.parametrize(
    ("sheets", "files", "last"),
    [
        pytest.param((LETTER,), (), ["1 letter: 1 delivered.", KEEP], id="on the screen"),
        pytest.param(
            (LETTER,),
            ("a.html",),
            ["1 letter: 1 delivered.", "Written: a.html"],
            id="into a file",
        ),
        pytest.param((), (), ["0 letters."], id="of nothing"),
    ],
)
def test_a_report_in_short(
    lines_of: Lines, sheets: tuple[LetterReport, ...], files: tuple[str, ...], last: list[str]
) -> None:
    head = "0123  one  fax  +12025550101  delivered  2026-11-24 09:00:00 +01:00"
    lines = lines_of(report.draw, Report("test", MORNING, (), sheets, False, files))
    assert lines == [head] * len(sheets) + last
