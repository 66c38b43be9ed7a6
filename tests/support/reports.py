"""What a ledger has of letters, made by hand: for tests of what is reported of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from faxappeal.core.lifecycle import State
from faxappeal.ledger import Event, Record
from tests.support.clock import MORNING

DOCUMENT = "d" * 64


def minutes(number: int) -> datetime:
    return MORNING + timedelta(minutes=number)


def record(**values: Any) -> Record:
    """A fax that was delivered."""
    known: dict[str, Any] = {
        "id": "d1",
        "campaign": "test",
        "recipient": "one",
        "channel": "fax",
        "address": "+12025550101",
        "state": State.DELIVERED,
        "cause": None,
        "note": None,
        "attempt": 1,
        "reference": "fa-1",
        "account": "hylafax",
        "account_reference": "job 7",
        "content": "c" * 64,
        "document": DOCUMENT,
        "first_at": MORNING,
        "left_at": minutes(1),
        "next_at": None,
        "updated_at": minutes(3),
        "claimant": None,
        "endpoint": None,
        "submitted_at": None,
        "sender": "s" * 64,
        "base": "b1",
        "round": 1,
        "ordered": None,
        "terms": None,
    }
    return Record(**(known | values))


def event(name: str, minute: int = 0, **values: Any) -> Event:
    """A line of that letter's log."""
    known: dict[str, Any] = {
        **dict.fromkeys(Event.__dataclass_fields__),
        "seq": minute,
        "at": minutes(minute),
        "delivery": "d1",
        "recipient": "one",
        "channel": "fax",
        "address": "+12025550101",
        "event": name,
        "attempt": 1,
    }
    return Event(**(known | values))
