"""What the ledger can be asked. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from ..core.lifecycle import MAY_HAVE_ARRIVED, OPEN, HoldReason, State
from . import number_lines, schema
from .model import Event, Record, Round, as_record, stamp, typed
from .number_lines import Line
from .purge import WITH_ADDRESS

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from ..campaign.delivery import Delivery

_delivery, _event = schema.delivery.c, schema.event.c
# asked for several times in each step
_ONE = sql.select(schema.delivery).where(_delivery.id == sql.bindparam("id"))
_HOLD = sql.select(schema.hold.c.reason).where(
    schema.hold.c.address_key == sql.bindparam("address_key")
)
_SENT_ELSEWHERE = (
    sql.select(_delivery.campaign, _delivery.updated_at)
    .where(
        _delivery.address_key == sql.bindparam("address_key"),
        _delivery.sender == sql.bindparam("sender"),
        _delivery.content == sql.bindparam("content"),
        _delivery.campaign != sql.bindparam("campaign"),
        _delivery.state.in_(MAY_HAVE_ARRIVED),
        _delivery.updated_at >= sql.bindparam("since"),
    )
    .order_by(_delivery.updated_at.desc())
)
# the event of each attempt's end
_ENDS = frozenset({State.DELIVERED, State.FAILED, State.WAITING, State.HELD, State.UNKNOWN})
# an account still reports on it: on an e-mail no account says more
_IN_PROGRESS = (_delivery.state == State.SUBMITTING) | (
    (_delivery.state == State.ACCEPTED) & (_delivery.channel == "fax")
)


@dataclass(frozen=True)
class Attempt:
    """One handing over of a letter to an account."""

    delivery: str
    reference: str
    account: str
    account_reference: str | None
    was_tried: bool = False  # to delete its document


@dataclass(frozen=True)
class QueuedDelivery:
    """A delivery that was left to the workers."""

    id: str
    campaign: str
    address_key: str


class Queries:
    """What a ledger can be asked."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading

    def get(self, id: str) -> Record | None:
        """A delivery, if it was ever planned for sending."""
        with self._reading() as connection:
            row = connection.execute(_ONE, {"id": id}).first()
        return as_record(row) if row else None

    def records(self, campaign: str) -> list[Record]:
        """The deliveries of a campaign, in the order in which they were planned."""
        query = (
            sql.select(schema.delivery)
            .join(schema.event, _event.delivery == _delivery.id)
            .where(_delivery.campaign == campaign, _event.event == State.PLANNED.value)
            .order_by(_event.seq)
        )
        return [as_record(row) for row in self._rows(query)]

    def under_way(self, campaign: str) -> list[Record]:
        """The deliveries that an account has or may have, and still reports on."""
        query = sql.select(schema.delivery).where(_delivery.campaign == campaign, _IN_PROGRESS)
        return [as_record(row) for row in self._rows(query)]

    def events(self, campaign: str, recipient: str | None = None) -> list[Event]:
        """What happened in a campaign, oldest first."""
        query = (
            sql.select(schema.event, _delivery.recipient, _delivery.channel, _delivery.address)
            .join(schema.delivery, _delivery.id == _event.delivery)
            .where(_delivery.campaign == campaign)
            .order_by(_event.seq)
        )
        if recipient:
            query = query.where(_delivery.recipient == recipient)
        return [Event(**typed(row)) for row in self._rows(query)]

    def references(self, id: str) -> frozenset[str]:
        """Of all attempts of a delivery."""
        query = sql.select(_event.reference)
        return self._set(query.where(_event.delivery == id, _event.reference.is_not(None)))

    def unforgotten(self, campaign: str, since: datetime) -> list[Attempt]:
        """The attempts that are over and that nobody has deleted at their account."""
        query = (
            sql.select(schema.event, _delivery.state, _delivery.reference.label("current"))
            .join(schema.delivery, _delivery.id == _event.delivery)
            .where(
                _delivery.campaign == campaign,
                _delivery.address != "",  # a purge takes the account's numbers away
                _event.reference.is_not(None),
                _event.at >= stamp(since),
            )
            .order_by(_event.seq)
        )
        events: dict[str, list[Any]] = {}
        for row in self._rows(query):
            events.setdefault(row.reference, []).append(row)
        return [attempt for rows in events.values() if (attempt := _unforgotten(rows))]

    def latest(self, campaign: str) -> dict[str, Round]:
        """The latest round of each letter of a campaign, by the letter's base."""
        query = (
            sql.select(_delivery.base, _delivery.round, _delivery.channel, _delivery.state)
            .where(_delivery.campaign == campaign)
            .order_by(_delivery.round)
        )
        return {base: Round(*values) for base, *values in self._rows(query)}

    def bases(self, campaign: str) -> dict[str, str]:
        """The letter that each address of a campaign has, whoever sent it: address key -> base.
        Of several the one that may have arrived, else the latest. Test letters are left out."""
        is_test = (_event.delivery == _delivery.id) & (_event.event == "rehearsal")
        query = (
            sql.select(_delivery.address_key, _delivery.base)
            .where(_delivery.campaign == campaign, ~sql.exists().where(is_test))
            .order_by(_delivery.state.in_(MAY_HAVE_ARRIVED), _delivery.updated_at)
        )
        return dict(self._rows(query))

    def sent_elsewhere(
        self, delivery: Delivery, content: str, since: datetime
    ) -> tuple[str, datetime] | None:
        """The campaign in which this sender's same letter went to the same address, and when."""
        values = {
            "address_key": delivery.address_key,
            "sender": delivery.sender,
            "content": content,
            "campaign": delivery.campaign,
            "since": stamp(since),
        }
        with self._reading() as connection:
            row = connection.execute(_SENT_ELSEWHERE, values).first()
        return (row.campaign, datetime.fromisoformat(row.updated_at)) if row else None

    def holds(self) -> dict[str, HoldReason]:
        """What must not be called or written to, in any campaign: address key -> reason."""
        return dict(self._rows(sql.select(schema.hold.c.address_key, schema.hold.c.reason)))

    def first_sent(self, campaign: str) -> date | None:
        """The day a campaign was first sent: its letter's date."""
        query = sql.select(schema.campaign.c.first_sent).where(schema.campaign.c.id == campaign)
        day = self._value(query)
        return date.fromisoformat(day) if day else None

    def has_event(self, name: str) -> bool:
        """Whether that ever happened, in any campaign."""
        query = sql.select(_event.seq).where(_event.event == name).limit(1)
        return self._value(query) is not None

    def senders(self, campaign: str) -> frozenset[str]:
        """Those with a letter that left, or began to: keyed hashes."""
        query = sql.select(_delivery.sender).where(_delivery.campaign == campaign)
        return self._set(query.where(_delivery.left_at.is_not(None)).distinct())

    def accounts(self) -> frozenset[str]:
        """Through which letters went."""
        return self._set(sql.select(_event.account).where(_event.account.is_not(None)).distinct())

    def with_address(self) -> int:
        """How many letters have not been purged."""
        count: int = self._value(WITH_ADDRESS)
        return count

    def hold(self, address_key: str) -> HoldReason | None:
        """Why an address must not be called or written to, in any campaign."""
        with self._reading() as connection:
            reason: HoldReason | None = connection.execute(
                _HOLD, {"address_key": address_key}
            ).scalar()
        return reason

    def ordered(self, campaign: str) -> list[QueuedDelivery]:
        """What was left to the workers and is not over."""
        query = sql.select(_delivery.id, _delivery.campaign, _delivery.address_key).where(
            _delivery.campaign == campaign,
            _delivery.ordered.is_not(None),
            _delivery.state.in_(OPEN) | _IN_PROGRESS,
        )
        return [QueuedDelivery(*row) for row in self._rows(query)]

    def calls_since(self, moment: datetime) -> dict[str, int]:
        """How many faxes left for each number since then: address key -> letters."""
        query = (
            sql.select(_delivery.address_key, sql.func.count())
            .where(_delivery.channel == "fax", _delivery.left_at >= stamp(moment))
            .group_by(_delivery.address_key)
        )
        return dict(self._rows(query))

    def line(self, address_key: str, gap: timedelta, id: str, moment: datetime) -> Line:
        """The line of a number, as a delivery finds it."""
        with self._reading() as connection:
            return number_lines.line(connection, address_key, gap, id, moment)

    def account_free_at(self, account: str, gap: timedelta) -> datetime | None:
        """When an account may be handed the next letter."""
        with self._reading() as connection:
            return number_lines.account_free_at(connection, account, gap)

    def _rows(self, query: sql.Select[Any]) -> Iterator[Any]:
        with self._reading() as connection:
            yield from connection.execute(query)

    def _set(self, query: sql.Select[tuple[str]]) -> frozenset[str]:
        return frozenset(row[0] for row in self._rows(query))

    def _value(self, query: sql.Select[Any]) -> Any:
        """The first row's first column, or None."""
        with self._reading() as connection:
            return connection.execute(query).scalar()


def _unforgotten(rows: list[Any]) -> Attempt | None:
    """The attempt of these events, if its document is not needed any more."""
    last, names = rows[-1], {row.event for row in rows}
    if "forgotten" in names or not names & _ENDS:
        return None
    if last.current == last.reference:
        if last.state.is_in_progress:
            return None
        if last.state == State.UNKNOWN and State.ACCEPTED not in names:
            return None  # the account may have it, and may still fetch the document
    account = next((row.account for row in rows if row.account), None)
    if account is None:
        return None
    known = [row.account_reference for row in rows if row.account_reference]
    return Attempt(
        last.delivery,
        last.reference,
        account,
        known[-1] if known else None,
        was_tried="not-forgotten" in names,
    )
