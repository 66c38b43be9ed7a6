"""The events of the delivery log."""

from __future__ import annotations

from typing import Any

import pytest

from faxappeal.commands.log import LogResult
from faxappeal.ledger import Event
from faxappeal.output.console import Console
from faxappeal.output.screens import log
from tests.support.clock import MORNING
from tests.support.shown import Lines, Terminal


def event(**values: Any) -> Event:
    usual: dict[str, Any] = dict.fromkeys(Event.__dataclass_fields__) | {
        "seq": 1,
        "at": MORNING,
        "delivery": "0123",
        "recipient": "one",
        "channel": "fax",
        "address": "+12025550101",
        "event": "delivered",
        "attempt": 0,
    }
    return Event(**(usual | values))


HEAD = f"{MORNING.astimezone():%Y-%m-%d %H:%M:%S %z}  one  fax  +12025550101  delivered"


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        pytest.param({}, "", id="none"),
        pytest.param({"attempt": 2}, "  attempt 2", id="an attempt"),
        pytest.param({"cause": "busy"}, "  busy", id="a cause"),
        pytest.param({"pages": 0}, "  0 pages confirmed", id="no page"),
        pytest.param({"pages": 1}, "  1 page confirmed", id="a page"),
        pytest.param({"station": "OFFICE\x07"}, "  answered as OFFICE\\u0007", id="a station"),
        pytest.param({"seconds": 42.4, "rate": 9600}, "  42 s; 9600 bit/s", id="a call"),
        pytest.param({"price": "0.07 USD"}, "  0.07 USD", id="a price"),
        pytest.param({"account": "sinch"}, "  sinch", id="an account"),
        pytest.param(
            {"account": "sinch", "account_reference": "01J"}, "  sinch 01J", id="with its reference"
        ),
        pytest.param({"note": "by hand", "raw": "by hand"}, "  by hand", id="said once"),
        pytest.param({"note": "by hand", "raw": "{}"}, "  by hand; {}", id="in other words"),
    ],
)
def test_an_event_is_a_line_with_its_facts(
    lines_of: Lines, values: dict[str, Any], facts: str
) -> None:
    assert lines_of(log.draw, LogResult("test", (event(**values),), 1)) == [HEAD + facts]


def test_on_a_terminal_the_facts_are_below(terminal: Terminal) -> None:
    log.draw(Console(), LogResult("test", (event(attempt=1), event()), 2))
    assert terminal.shown.splitlines() == [HEAD, "    attempt 1", HEAD]


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (0, "Nothing was sent yet of test."),
        (1, "None of 1 event is what you asked for."),
        (3, "None of 3 events is what you asked for."),
    ],
)
def test_a_log_of_nothing_says_why(lines_of: Lines, total: int, said: str) -> None:
    assert lines_of(log.draw, LogResult("test", (), total)) == [said]
