"""What is to be sent, and what people say of it: what is written beside an attempt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sql

from ..core.lifecycle import ENDED_BY, HoldReason, State, check_transition
from . import rows, schema
from .model import Record, stamp
from .queries import Reading, is_trouble

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from ..campaign.delivery import Delivery
    from ..providers.base import Report

_AT_ONCE = 500  # rows in one transaction: nobody waits long for the next


class StillHeld(Exception):
    """A hold that what a person has done does not end."""

    def __init__(self, reason: HoldReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Planning(Reading):
    """A ledger, open for what is to be sent."""

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sql.exc.DBAPIError as error:
            if not is_trouble(error):
                raise
            raise self._trouble("written", error) from error

    def start(self, campaign: str, day: date) -> None:
        """Remember the day on which a campaign is first sent."""
        with self._write() as connection:
            known = sql.select(schema.campaign.c.id).where(schema.campaign.c.id == campaign)
            if connection.execute(known).first() is None:
                values = {"id": campaign, "first_sent": day.isoformat()}
                connection.execute(schema.campaign.insert().values(values))

    def plan(self, delivery: Delivery, moment: datetime) -> Record:
        """The delivery's record, made when it is new."""
        self.plan_all([delivery], moment)
        record = self.get(delivery.id)
        assert record is not None  # just made
        return record

    def plan_all(self, deliveries: Sequence[Delivery], moment: datetime) -> None:
        """Make records of those that are new."""
        table = schema.delivery
        for first in range(0, len(deliveries), _AT_ONCE):
            some = deliveries[first : first + _AT_ONCE]
            with self._write() as connection:
                ids = [delivery.id for delivery in some]
                query = sql.select(table.c.id).where(table.c.id.in_(ids))
                known = set(connection.execute(query).scalars())
                new = {delivery.id: delivery for delivery in some if delivery.id not in known}
                if new:
                    rows.plan(connection, new.values(), moment)

    def order(self, content: Mapping[str, str], terms: Mapping[str, str]) -> None:
        """Leave deliveries to the workers: by their ids, the SHA-256 of the letter, for they send
        no other, and what a person agreed to."""
        table = schema.delivery
        change = table.update().where(table.c.id == sql.bindparam("which"))
        change = change.values(ordered=sql.bindparam("what"), terms=sql.bindparam("how"))
        orders = [{"which": id, "what": letter, "how": terms[id]} for id, letter in content.items()]
        for first in range(0, len(orders), _AT_ONCE):
            with self._write() as connection:
                connection.execute(change, orders[first : first + _AT_ONCE])

    def note(
        self,
        id: str,
        state: State,
        moment: datetime,
        *,
        note: str | None = None,
        cause: str | None = None,
        next_at: datetime | None = None,
    ) -> None:
        """A delivery that has not left is held, waits, or is free again. The same twice is once."""
        with self._write() as connection:
            row = rows.one(connection, id)
            same = (row.state, row.note, row.cause) == (state, note, cause)
            if not row.state.is_open:
                return
            check_transition(row.state, state)
            values = {"state": state, "note": note, "cause": cause, "next_at": stamp(next_at)}
            if state == State.HELD:
                values["ordered"] = None  # the workers are done with it
            connection.execute(
                schema.delivery.update().where(schema.delivery.c.id == id).values(values)
            )
            if not same:
                rows.log(connection, id, state, moment, attempt=row.attempt, note=note, cause=cause)

    def settle(self, id: str, state: State, moment: datetime, note: str) -> bool:
        """A person has found out what became of an unknown letter, or found out better before
        anything followed from it; False if it is neither."""
        mine = schema.delivery.c.id == id
        values = {"state": state, "note": note, "cause": None, "ordered": None}
        values["updated_at"] = stamp(moment)
        with self._write() as connection:
            row = connection.execute(sql.select(schema.delivery).where(mine)).first()
            if row is None or not (
                row.state == State.UNKNOWN or rows.was_just_settled(connection, id)
            ):
                return False
            check_transition(row.state, state)
            connection.execute(schema.delivery.update().where(mine).values(values))
            rows.log(connection, id, "resolved", moment, attempt=row.attempt, note=note)
            rows.log(connection, id, state, moment, attempt=row.attempt)
        return True

    def lift(self, address_key: str, method: str, moment: datetime, note: str) -> HoldReason | None:
        """End the hold on an address that a person has checked; the hold's reason, or None where
        there was none. StillHeld where this `method` of checking does not end it."""
        mine = schema.hold.c.address_key == address_key
        with self._write() as connection:
            held = connection.execute(sql.select(schema.hold).where(mine)).first()
            if held is None:
                return None
            if method not in ENDED_BY.get(held.reason, ()):
                raise StillHeld(held.reason)
            connection.execute(schema.hold.delete().where(mine))
            of = schema.delivery.c.id == held.delivery
            row = connection.execute(sql.select(schema.delivery).where(of)).first()
            if row is not None:
                rows.log(connection, row.id, "lifted", moment, attempt=row.attempt, note=note)
        reason: HoldReason = held.reason
        return reason

    def remark(
        self,
        id: str,
        event: str,
        moment: datetime,
        note: str | None,
        *,
        reference: str | None = None,
        account: str | None = None,
        report: Report | None = None,
    ) -> None:
        """Something worth knowing that changes no state: a person's reason, an account's word."""
        with self._write() as connection:
            row = rows.one(connection, id)
            rows.log(
                connection,
                id,
                event,
                moment,
                attempt=row.attempt,
                note=note,
                reference=reference,
                account=account,
                report=report,
            )
