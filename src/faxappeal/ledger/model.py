"""What the ledger tells: a delivery as it stands, and the events that made it so."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from ..core.lifecycle import State


@dataclass(frozen=True)
class Record:
    """A delivery as it stands."""

    id: str
    campaign: str
    recipient: str
    channel: str
    address: str
    state: State
    cause: str | None
    note: str | None
    attempt: int
    reference: str | None
    account: str | None
    account_reference: str | None
    content: str | None
    document: str | None
    first_at: datetime | None
    left_at: datetime | None
    next_at: datetime | None
    updated_at: datetime
    claimant: str | None
    endpoint: str | None  # the server and the user that the claim was made to
    submitted_at: datetime | None  # by the account's own clock
    sender: str  # keyed hash
    base: str
    round: int
    ordered: str | None
    terms: str | None

    @property
    def is_sent(self) -> bool:
        """It counts as sent; an e-mail does once a server has it."""
        return self.state.is_sent(self.channel)


@dataclass(frozen=True)
class Round:
    """The latest round of a letter: 2 and more were sent again on purpose."""

    round: int
    channel: str
    state: State

    @property
    def is_over(self) -> bool:
        """The letter is sent or may have arrived, and nothing more will be done for it."""
        return self.state is State.UNKNOWN or self.state.is_sent(self.channel)


@dataclass(frozen=True)
class Event:
    """One line of the log."""

    seq: int
    at: datetime
    delivery: str
    recipient: str
    channel: str
    address: str
    event: str
    cause: str | None
    note: str | None
    attempt: int
    reference: str | None
    account: str | None
    account_reference: str | None
    raw: str | None
    pages: int | None
    seconds: float | None
    station: str | None
    rate: int | None
    price: str | None
    document: str | None


_TIMES = frozenset({"at", "first_at", "left_at", "next_at", "updated_at", "submitted_at"})


def stamp(moment: datetime | None) -> str | None:
    """UTC in a form that sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def typed(row: Any) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value) if name in _TIMES and value else value
        for name, value in row._mapping.items()  # noqa: SLF001  public, says SQLAlchemy
    }


def as_record(row: Any) -> Record:
    values = typed(row)
    return Record(**{field.name: values[field.name] for field in fields(Record)})
