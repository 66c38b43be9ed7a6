"""Letters as a plan has them, to be shown, and a terminal that keeps what is written to it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from faxappeal.campaign.contact import Channel, Contact
from faxappeal.campaign.delivery import Delivery
from faxappeal.campaign.recipients import Recipient
from faxappeal.commands.plan_rows import Row
from faxappeal.core.lifecycle import ContactStatus, Fate, Method, State
from faxappeal.ledger import Record
from faxappeal.output.console import Console
from tests.support.clock import MORNING

NEW_YORK = ZoneInfo("America/New_York")
ID = "0123456789ab"

# what a screen writes of a result
Text = Callable[[Callable[[Console, Any], None], Any], str]
Lines = Callable[[Callable[[Console, Any], None], Any], list[str]]


class Terminal:
    """Standard output and standard error, as if somebody looked at them."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        # the kind of both streams of capsys, which has new ones when a test is set up
        monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True, raising=False)
        self._capsys = capsys
        self._out = self._err = ""

    @property
    def raw(self) -> str:
        self._read()
        return self._out

    @property
    def errors(self) -> str:
        self._read()
        return self._err

    @property
    def shown(self) -> str:
        """What was written, without colours and movements of the cursor."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.raw)

    def _read(self) -> None:
        read = self._capsys.readouterr()
        self._out, self._err = self._out + read.out, self._err + read.err


def contact(channel: Channel = "fax", address: str = "+12025550101") -> Contact:
    return Contact(
        channel,
        address,
        address,
        ContactStatus.ACTIVE,
        "https://www.example.org/contact",
        date(2026, 11, 1),
        "E. Mustermann",
        Method.WEBSITE,
    )


def delivery(
    recipient: str | Recipient = "one",
    channel: Channel = "fax",
    address: str = "+12025550101",
    **values: Any,
) -> Delivery:
    """A letter to an office in New York."""
    if isinstance(recipient, str):
        recipient = Recipient(recipient, f"Office {recipient}", "US")
    usual: dict[str, Any] = {
        "id": ID,
        "identity": ID * 5,
        "base": ID * 5,
        "round": 1,
        "sender": "",
        "campaign": "test",
        "recipient": recipient,
        "contact": contact(channel, address),
        "address_key": address,
        "zone": NEW_YORK,
    }
    return Delivery(**(usual | values))


def record(state: State, channel: Channel = "fax", **values: Any) -> Record:
    """A letter as the ledger has it."""
    usual: dict[str, Any] = dict.fromkeys(Record.__dataclass_fields__) | {
        "id": ID,
        "campaign": "test",
        "recipient": "one",
        "channel": channel,
        "address": "+12025550101",
        "state": state,
        "attempt": 1,
        "updated_at": MORNING,
        "sender": "",
        "base": ID * 5,
        "round": 1,
    }
    return Record(**(usual | values))


def row(fate: Fate, reason: str = "", state: State | None = None, **values: Any) -> Row:
    """A line of a plan; with a `state`, the ledger has the letter."""
    letter = values.pop("delivery", None) or delivery()
    known = values.pop("record", None) or (record(state, letter.channel) if state else None)
    usual: dict[str, Any] = {
        "delivery": letter,
        "fate": fate,
        "reason": reason,
        "recipient_time": None,
        "content": "",
        "record": known,
    }
    return Row(**(usual | values))
