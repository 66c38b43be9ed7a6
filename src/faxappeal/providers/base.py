"""What a channel is: an account to send through, with one vocabulary for the outcome of a letter.

Each provider maps its own words in one small table. A word it does not know is neither success nor
failure. No channel ever repeats a request that submits something; only the dispatcher decides
that.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from ..core.lifecycle import Cause
from ..core.text import clean


@dataclass(frozen=True)
class Job:
    """One attempt. `reference` is ours, opaque, and unique to the attempt."""

    reference: str
    address: str  # E.164, or an ASCII addr-spec
    document: bytes  # fax: TIFF-F; e-mail: the whole message
    pdf: bytes = b""  # fax: the same pages, for accounts that take no TIFF
    fine: bool = True
    letter_paper: bool = False  # US Letter rather than A4
    time_left: timedelta | None = None  # until the recipient's office closes: no call begins later
    # of a job that is looked for: when it was submitted, by the account's own clock
    submitted_at: datetime | None = None


@dataclass(frozen=True)
class ProviderReport:
    """What an account says of a letter, beside the outcome itself."""

    account_reference: str | None = None
    raw: str = ""  # its own words, for the log: never a letter's text
    pages: int | None = None  # pages the far end confirmed
    seconds: float | None = None  # on the line
    station: str | None = None  # CSID: what the far end calls itself
    rate: int | None = None  # bit/s of the pages
    price: str | None = None  # as the account bills it, "0.07 USD"


@dataclass(frozen=True)
class Accepted:
    """The account has it and goes on with it."""

    report: ProviderReport


@dataclass(frozen=True)
class Relayed:
    """A server has it, and will not report on it again."""

    report: ProviderReport


@dataclass(frozen=True)
class Delivered:
    """The far end confirmed all pages."""

    report: ProviderReport


@dataclass(frozen=True)
class Failed:
    """It certainly did not arrive, and the account will not try again."""

    cause: Cause
    report: ProviderReport
    retry_after: timedelta | None = None  # the account wants to hear nothing for so long


@dataclass(frozen=True)
class Unknown:
    """It may have arrived. `report.raw` says what was seen last."""

    report: ProviderReport


@dataclass(frozen=True)
class NotTaken:
    """Proven: the account never took the job, and cannot take it any more. It was submitted, or was
    about to be, so long ago by the account's own clock."""

    age: timedelta


@dataclass(frozen=True)
class Probe:
    """One thing that sending through an account needs, tried without sending."""

    name: str  # credentials, sender number, balance, clock …
    ok: bool | None  # None: not known before a letter is sent
    words: str
    hint: str = ""  # where to fix it


Outcome = Accepted | Relayed | Delivered | Failed | Unknown
# Called right before the first byte that could make the account send: it makes that durable, and
# raises ClaimLost if the claim is lost. Its argument is that time by the account's own clock
# (datetime), where the account says it.
BeforeSend = Callable[..., None]


def classify(
    report: ProviderReport, *, delivered: bool, in_progress: bool, cause: Cause | None
) -> Outcome:
    """The outcome of a report. `cause` comes from a provider's list of words that prove that
    nothing arrived: without one, a fax that has ended is Unknown."""
    if delivered:
        return Delivered(report)
    if in_progress:
        return Accepted(report)
    return Failed(cause, report) if cause else Unknown(report)


def joined(*values: object) -> str:
    """The values that are set, as one line that is safe to store and to show."""
    return clean(" ".join(str(value) for value in values if value))


class ClaimLost(Exception):
    """Raised by `before_send`: this attempt is no longer ours, nothing may leave."""


class Channel(Protocol):
    """An account to send through."""

    name: str
    endpoint: str  # the server and the user there, as a claim names them
    supports_lookup: bool  # whether `find` can look up by our reference
    visibility_delay: timedelta  # how long the account may take to show what it accepted
    gap: timedelta  # between two submissions, of all processes and machines together
    poll_interval: timedelta  # between two questions

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        """Submit the job, once. `before_send` is called right before the first byte that could make
        the account send it."""

    def look_up(self, account_reference: str) -> Outcome:
        """How it stands. Network trouble while asking raises Unreachable."""

    def find(self, job: Job, since: datetime) -> Outcome | NotTaken | None:
        """What became of a job whose submission was interrupted, asked by our reference. None
        where the account shows nothing, and that proves nothing. TooEarly where it may prove
        something later."""

    def forget(self, reference: str, account_reference: str | None) -> bool:
        """Delete the document of an attempt that is over, wherever we put it. False if it is not
        known which one that would be. A document that is gone already is not an error. Unreachable
        if it may still be there."""

    def check(self, now: datetime, countries: frozenset[str]) -> Sequence[Probe]:
        """Whether the account would take a letter to numbers of these countries (ISO 3166-1
        alpha-2). Nothing is sent; SetupError as in `submit`."""

    def close(self) -> None:
        """End the sessions that are kept for the next letter. The channel can still be used."""


@runtime_checkable
class Cancelling(Protocol):
    """An account that can be asked to give a letter up, also while the call is on the line."""

    def withdraw(self, account_reference: str) -> Outcome | None:
        """Stop it, if it can still be stopped. None: it was never dialled, and will not be; else
        how it stands. Unreachable where nothing is known."""


class Unreachable(Exception):
    """The account cannot be asked just now; nothing is known that was not known before."""

    def __init__(self, words: str, retry_after: timedelta | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after  # it wants to hear nothing for so long


class TooEarly(Exception):
    """Nothing is shown of a job, but it may still come in."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(str(wait))
        self.wait = wait


def new_reference() -> str:
    """A client reference: 128 random bits, so it means nothing and cannot be guessed."""
    return f"fa-{secrets.token_hex(16)}"
