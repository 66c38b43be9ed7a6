"""Twilio's account without the web: it answers from what a test has written into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import pytest

from faxappeal.config.sections import TwilioSection
from faxappeal.providers.base import Probe
from faxappeal.providers.twilio import Call, LineType

T = TypeVar("T")
ACCOUNT = "AC" + "0" * 32
CALLER = "+12025550190"
TABLE = f'\n[twilio]\naccount_sid = "{ACCOUNT}"\nfrom = "{CALLER}"\n'
CALLING = TABLE + "allow_calls = true\n"
LANDLINE = LineType(True, "landline", "Example", "valid landline Example")


def over(answered_by: str = "", status: str = "completed", price: str | None = None) -> Call:
    """A call that has ended."""
    return Call("CA1", status, answered_by, price, f"{status} answered by {answered_by}")


RINGING = Call("CA1", "ringing", "", None, "ringing")


@dataclass
class MemoryTwilio:
    """Looks numbers up, and calls them, as a test says."""

    line: LineType | Exception = LANDLINE
    placed: str | Exception = "CA1"  # the call's sid
    answers: list[Call | Exception] = field(default_factory=lambda: [over("fax")])
    found: list[str | Exception | None] = field(default_factory=list)
    probes: tuple[Probe, ...] | Exception = (Probe("credentials", True, "accepted"),)
    asked: list[str] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)  # the number, and what is said
    searched: list[datetime] = field(default_factory=list)
    checked: list[tuple[frozenset[str], bool]] = field(default_factory=list)
    is_open: bool = False

    def look_up(self, number: str) -> LineType:
        self.asked.append(number)
        return _given(self.line)

    def place(self, number: str, words: str) -> str:
        self.calls.append((number, words))
        return _given(self.placed)

    def call(self, sid: str) -> Call:
        assert sid == "CA1"
        return _given(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])

    def find(self, number: str, since: datetime) -> str | None:
        self.searched.append(since)
        return _given(self.found.pop(0)) if self.found else None

    def check(self, countries: frozenset[str], *, calls: bool) -> Iterable[Probe]:
        self.checked.append((countries, calls))
        return _given(self.probes)

    def close(self) -> None:
        self.is_open = False

    def use(self, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
        """This is the account of the program's `module` from now on."""
        monkeypatch.setattr(f"{module}.open_twilio", self._opened)

    def _opened(self, _section: TwilioSection | None) -> MemoryTwilio:
        self.is_open = True
        return self


def _given(answer: T | Exception) -> T:
    if isinstance(answer, Exception):
        raise answer
    return answer
