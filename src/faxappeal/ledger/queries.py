"""What the ledger can be asked. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from ..core.lifecycle import MAY_HAVE_ARRIVED, OPEN, HoldReason, State
from . import number_lines, schema
from .model import Event, Record, Round, as_record, stamp, typed
from .number_lines import Line

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from ..campaign.delivery import Delivery

# asked for several times in each step
_ONE = sql.select(schema.delivery).where(schema.delivery.c.id == sql.bindparam("id"))
# what becomes of it is still to be asked: of an e-mail no account says more
_IN_PROGRESS = (schema.delivery.c.state == State.SUBMITTING) | (
    (schema.delivery.c.state == State.ACCEPTED) & (schema.delivery.c.channel == "fax")
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
            .join(schema.event, schema.event.c.delivery == schema.delivery.c.id)
            .where(
                (schema.delivery.c.campaign == campaign)
                & (schema.event.c.event == State.PLANNED.value)
            )
            .order_by(schema.event.c.seq)
        )
        with self._reading() as connection:
            return [as_record(row) for row in connection.execute(query)]

    def under_way(self, campaign: str) -> list[Record]:
        """Whose account has them, or may have them, and tells what becomes of them."""
        table = schema.delivery
        query = sql.select(table).where((table.c.campaign == campaign) & _IN_PROGRESS)
        with self._reading() as connection:
            return [as_record(row) for row in connection.execute(query)]

    def events(self, campaign: str, recipient: str | None = None) -> list[Event]:
        """What happened in a campaign, oldest first."""
        query = (
            sql.select(
                schema.event,
                schema.delivery.c.recipient,
                schema.delivery.c.channel,
                schema.delivery.c.address,
            )
            .join(schema.delivery, schema.delivery.c.id == schema.event.c.delivery)
            .where(schema.delivery.c.campaign == campaign)
            .order_by(schema.event.c.seq)
        )
        if recipient:
            query = query.where(schema.delivery.c.recipient == recipient)
        with self._reading() as connection:
            return [Event(**typed(row)) for row in connection.execute(query)]

    def references(self, id: str) -> frozenset[str]:
        """Of all attempts of a delivery."""
        query = sql.select(schema.event.c.reference).where(
            (schema.event.c.delivery == id) & schema.event.c.reference.is_not(None)
        )
        with self._reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def unforgotten(self, campaign: str, since: datetime) -> list[Attempt]:
        """The attempts that are over and that nobody has deleted at their account."""
        query = (
            sql.select(
                schema.event,
                schema.delivery.c.state,
                schema.delivery.c.reference.label("current"),
            )
            .join(schema.delivery, schema.delivery.c.id == schema.event.c.delivery)
            .where(
                (schema.delivery.c.campaign == campaign)
                & (schema.delivery.c.address != "")  # a purge takes the account's numbers away
                & schema.event.c.reference.is_not(None)
                & (schema.event.c.at >= stamp(since))
            )
            .order_by(schema.event.c.seq)
        )
        told: dict[str, list[Any]] = {}
        with self._reading() as connection:
            for row in connection.execute(query):
                told.setdefault(row.reference, []).append(row)
        return [attempt for rows in told.values() if (attempt := _unforgotten(rows))]

    def latest(self, campaign: str) -> dict[str, Round]:
        """The latest round of each letter of a campaign, by the letter's base."""
        table = schema.delivery.c
        query = (
            sql.select(table.base, table.round, table.channel, table.state)
            .where(table.campaign == campaign)
            .order_by(table.round)
        )
        with self._reading() as connection:
            rows = connection.execute(query)
            return {base: Round(turn, channel, state) for base, turn, channel, state in rows}

    def bases(self, campaign: str) -> dict[str, str]:
        """The letter that each address of a campaign has, whoever sent it: address key -> base.
        Of several the one that may have arrived, else the latest. Test letters are left out."""
        table, event = schema.delivery.c, schema.event.c
        is_test = sql.exists().where((event.delivery == table.id) & (event.event == "rehearsal"))
        query = (
            sql.select(table.address_key, table.base)
            .where((table.campaign == campaign) & ~is_test)
            .order_by(table.state.in_(MAY_HAVE_ARRIVED), table.updated_at)
        )
        with self._reading() as connection:
            return {row.address_key: row.base for row in connection.execute(query)}

    def sent_elsewhere(
        self, delivery: Delivery, content: str, since: datetime
    ) -> tuple[str, datetime] | None:
        """The campaign in which this sender's same letter went to the same address, and when."""
        table = schema.delivery.c
        query = (
            sql.select(table.campaign, table.updated_at)
            .where(
                (table.address_key == delivery.address_key)
                & (table.sender == delivery.sender)
                & (table.content == content)
                & (table.campaign != delivery.campaign)
                & table.state.in_(MAY_HAVE_ARRIVED)
                & (table.updated_at >= stamp(since))
            )
            .order_by(table.updated_at.desc())
        )
        with self._reading() as connection:
            row = connection.execute(query).first()
        return (row.campaign, datetime.fromisoformat(row.updated_at)) if row else None

    def holds(self) -> dict[str, HoldReason]:
        """What must not be called or written to, in any campaign: address key -> reason."""
        with self._reading() as connection:
            return {
                row.address_key: row.reason for row in connection.execute(sql.select(schema.hold))
            }

    def first_sent(self, campaign: str) -> date | None:
        """The day a campaign was first sent: its letter's date."""
        query = sql.select(schema.campaign.c.first_sent).where(schema.campaign.c.id == campaign)
        with self._reading() as connection:
            day = connection.execute(query).scalar()
        return date.fromisoformat(day) if day else None

    def has_event(self, name: str) -> bool:
        """Whether that ever happened, in any campaign."""
        query = sql.select(schema.event.c.seq).where(schema.event.c.event == name).limit(1)
        with self._reading() as connection:
            return connection.execute(query).first() is not None

    def senders(self, campaign: str) -> frozenset[str]:
        """Whose letters were handed over, or begun to be: keyed hashes."""
        table = schema.delivery.c
        query = sql.select(table.sender).where(
            (table.campaign == campaign) & table.left_at.is_not(None)
        )
        with self._reading() as connection:
            return frozenset(connection.execute(query.distinct()).scalars())

    def accounts(self) -> frozenset[str]:
        """Through which letters went."""
        query = sql.select(schema.event.c.account).where(schema.event.c.account.is_not(None))
        with self._reading() as connection:
            return frozenset(connection.execute(query.distinct()).scalars())

    def with_address(self) -> int:
        """How many letters have not been purged."""
        query = sql.select(sql.func.count()).where(schema.delivery.c.address != "")
        with self._reading() as connection:
            return connection.execute(query).scalar_one()

    def hold(self, address_key: str) -> HoldReason | None:
        """Why an address must not be called or written to, in any campaign."""
        query = sql.select(schema.hold.c.reason).where(schema.hold.c.address_key == address_key)
        with self._reading() as connection:
            reason: HoldReason | None = connection.execute(query).scalar()
        return reason

    def ordered(self, campaign: str) -> list[QueuedDelivery]:
        """What was left to the workers and is not over."""
        table = schema.delivery.c
        is_open = table.state.in_(OPEN) | _IN_PROGRESS
        query = sql.select(table.id, table.campaign, table.address_key).where(
            (table.campaign == campaign) & table.ordered.is_not(None) & is_open
        )
        with self._reading() as connection:
            return [QueuedDelivery(*row) for row in connection.execute(query)]

    def calls_since(self, moment: datetime) -> dict[str, int]:
        """How many faxes left for each number since then: address key -> letters."""
        table = schema.delivery.c
        query = (
            sql.select(table.address_key, sql.func.count())
            .where((table.channel == "fax") & (table.left_at >= stamp(moment)))
            .group_by(table.address_key)
        )
        with self._reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def line(self, address_key: str, gap: timedelta, id: str, moment: datetime) -> Line:
        """The line of a number, as a delivery finds it."""
        with self._reading() as connection:
            return number_lines.line(connection, address_key, gap, id, moment)

    def account_free_at(self, account: str, gap: timedelta) -> datetime | None:
        """When an account may be handed the next letter."""
        with self._reading() as connection:
            return number_lines.account_free_at(connection, account, gap)


def _unforgotten(rows: list[Any]) -> Attempt | None:
    """The attempt that these events tell of, if its document is not needed any more."""
    last, names = rows[-1], {row.event for row in rows}
    if "forgotten" in names or not names & {
        State.DELIVERED,
        State.FAILED,
        State.WAITING,
        State.HELD,
        State.UNKNOWN,
    }:
        return None
    if last.current == last.reference:
        if last.state.is_in_progress:
            return None
        if last.state == State.UNKNOWN and State.ACCEPTED not in names:
            return None  # the account may have it, and may still fetch the document
    account = next((row.account for row in rows if row.account), None)
    known = [row.account_reference for row in rows if row.account_reference]
    if account is None:
        return None
    return Attempt(
        last.delivery,
        last.reference,
        account,
        known[-1] if known else None,
        was_tried="not-forgotten" in names,
    )
