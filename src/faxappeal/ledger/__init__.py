"""What happened, durable before it happens: events, and the state of each delivery they fold to.

Both are written in one transaction. The ledger keeps the number dialled, hashes, references and
the account's own words; no letter's text and no sender's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from ..errors import SetupError
from . import tables
from .records import Event, Record, State, Turn, as_record, stamp, typed

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

    from ..channels import Report
    from ..plan import Delivery

__all__ = ["Event", "Ledger", "Record", "State", "Turn"]

# states in which a fax account may be calling the number
_ON_THE_LINE = ("submitting", "accepted")
# states in which the far end may have the letter
_MAY_HAVE_GONE = ("submitting", "accepted", "relayed", "delivered", "unknown")


class Ledger:
    """The ledger of this user, for all campaigns."""

    def __init__(self, engine: Engine, folder: Path, key: bytes) -> None:
        self._engine = engine
        self.folder = folder
        self.key = key

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sql.exc.OperationalError as error:
            raise SetupError(
                f"the ledger cannot be written: {error.orig}",
                f"look at the disk and the permissions of {self.folder}; nothing was lost",
            ) from error

    # -- reading

    def get(self, id: str) -> Record | None:
        """A delivery, if it was ever planned for sending."""
        with self._engine.connect() as connection:
            row = connection.execute(
                sql.select(tables.delivery).where(tables.delivery.c.id == id)
            ).first()
        return as_record(row) if row else None

    def records(self, campaign: str) -> list[Record]:
        """The deliveries of a campaign, in the order in which they were planned."""
        query = (
            sql.select(tables.delivery)
            .where(tables.delivery.c.campaign == campaign)
            .order_by(sql.text("rowid"))
        )
        with self._engine.connect() as connection:
            return [as_record(row) for row in connection.execute(query)]

    def events(self, campaign: str, recipient: str | None = None) -> list[Event]:
        """What happened in a campaign, oldest first."""
        query = (
            sql.select(
                tables.event,
                tables.delivery.c.recipient,
                tables.delivery.c.channel,
                tables.delivery.c.address,
            )
            .join(tables.delivery, tables.delivery.c.id == tables.event.c.delivery)
            .where(tables.delivery.c.campaign == campaign)
            .order_by(tables.event.c.seq)
        )
        if recipient:
            query = query.where(tables.delivery.c.recipient == recipient)
        with self._engine.connect() as connection:
            return [Event(**typed(row)) for row in connection.execute(query)]

    def latest(self, campaign: str) -> dict[str, Turn]:
        """The latest round of each letter of a campaign, by the letter's base."""
        table = tables.delivery.c
        query = (
            sql.select(table.base, table.round, table.channel, table.state)
            .where(table.campaign == campaign)
            .order_by(table.round)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query)
            return {base: Turn(turn, channel, state) for base, turn, channel, state in rows}

    def sent_elsewhere(
        self, delivery: Delivery, content: str, since: datetime
    ) -> tuple[str, datetime] | None:
        """The campaign in which this sender's same letter went to the same address, and when."""
        table = tables.delivery.c
        query = (
            sql.select(table.campaign, table.updated_at)
            .where(
                (table.address_key == delivery.address_key)
                & (table.sender == delivery.sender)
                & (table.content == content)
                & (table.campaign != delivery.campaign)
                & table.state.in_(_MAY_HAVE_GONE)
                & (table.updated_at >= stamp(since))
            )
            .order_by(table.updated_at.desc())
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return (row.campaign, datetime.fromisoformat(row.updated_at)) if row else None

    def holds(self) -> dict[str, str]:
        """What must not be called or written to, in any campaign: address key -> reason."""
        with self._engine.connect() as connection:
            return {
                row.address_key: row.reason for row in connection.execute(sql.select(tables.hold))
            }

    def first_sent(self, campaign: str) -> date | None:
        """The day a campaign was first sent: its letter's date."""
        query = sql.select(tables.campaign.c.first_sent).where(tables.campaign.c.id == campaign)
        with self._engine.connect() as connection:
            day = connection.execute(query).scalar()
        return date.fromisoformat(day) if day else None

    def line_free_at(self, address_key: str, gap: timedelta, id: str) -> datetime | None:
        """When a number may be called again; datetime.max while another letter is on its line."""
        with self._engine.connect() as connection:
            return _line_free_at(connection, address_key, gap, id)

    def account_free_at(self, account: str, gap: timedelta) -> datetime | None:
        """When an account may be handed the next letter."""
        with self._engine.connect() as connection:
            return _account_free_at(connection, account, gap)

    # -- writing

    def start(self, campaign: str, day: date) -> None:
        """Remember the day on which a campaign is first sent."""
        with self._write() as connection:
            known = sql.select(tables.campaign.c.id).where(tables.campaign.c.id == campaign)
            if connection.execute(known).first() is None:
                values = {"id": campaign, "first_sent": day.isoformat()}
                connection.execute(tables.campaign.insert().values(values))

    def plan(self, delivery: Delivery, moment: datetime) -> Record:
        """The delivery's record, made when it is new."""
        with self._write() as connection:
            query = sql.select(tables.delivery).where(tables.delivery.c.id == delivery.id)
            row = connection.execute(query).first()
            if row is None:
                connection.execute(
                    tables.delivery.insert().values(
                        id=delivery.id,
                        identity=delivery.identity,
                        base=delivery.base,
                        round=delivery.round,
                        sender=delivery.sender,
                        campaign=delivery.campaign,
                        recipient=delivery.recipient.id,
                        channel=delivery.channel,
                        address=delivery.address,
                        address_key=delivery.address_key,
                        state="planned",
                        attempt=0,
                        updated_at=stamp(moment),
                    )
                )
                _log(connection, delivery.id, "planned", moment, attempt=0)
                row = connection.execute(query).one()
        return as_record(row)

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
            row = connection.execute(
                sql.select(tables.delivery).where(tables.delivery.c.id == id)
            ).one()
            same = (row.state, row.note, row.cause) == (state, note, cause)
            if row.state not in ("planned", "held", "waiting"):
                return
            values = {"state": state, "note": note, "cause": cause, "next_at": stamp(next_at)}
            connection.execute(
                tables.delivery.update().where(tables.delivery.c.id == id).values(values)
            )
            if not same:
                _log(connection, id, state, moment, attempt=row.attempt, note=note, cause=cause)

    def settle(self, id: str, state: State, moment: datetime, note: str) -> bool:
        """A person has found out what became of an unknown letter; False if it is not unknown."""
        unknown = (tables.delivery.c.id == id) & (tables.delivery.c.state == "unknown")
        values = {"state": state, "note": note, "cause": None, "updated_at": stamp(moment)}
        with self._write() as connection:
            row = connection.execute(sql.select(tables.delivery).where(unknown)).first()
            if row is None:
                return False
            connection.execute(tables.delivery.update().where(unknown).values(values))
            _log(connection, id, "resolved", moment, attempt=row.attempt, note=note)
            _log(connection, id, state, moment, attempt=row.attempt)
        return True

    def remark(self, id: str, event: str, moment: datetime, note: str) -> None:
        """Something worth knowing that changes no state: a person's reason."""
        with self._write() as connection:
            row = connection.execute(
                sql.select(tables.delivery).where(tables.delivery.c.id == id)
            ).one()
            _log(connection, id, event, moment, attempt=row.attempt, note=note)

    def claim(
        self,
        delivery: Delivery,
        reference: str,
        *,
        account: str,
        content: str,
        document: str,
        gap: timedelta,
        moment: datetime,
        account_gap: timedelta = timedelta(0),
    ) -> bool:
        """Take an attempt before its first byte leaves; False where somebody else was quicker.

        Durable when it returns. On a number's line there is one letter at a time, `gap` apart;
        the account gets its letters `account_gap` apart.
        """
        with self._write() as connection:
            ready = _account_free_at(connection, account, account_gap)
            if ready is not None and ready > moment:
                return False
            if delivery.channel == "fax":
                free = _line_free_at(connection, delivery.address_key, gap, delivery.id)
                if free is not None and free > moment:
                    return False
            mine = (tables.delivery.c.id == delivery.id) & tables.delivery.c.state.in_(
                ("planned", "held", "waiting")
            )
            row = connection.execute(sql.select(tables.delivery).where(mine)).first()
            if row is None:
                return False
            attempt = row.attempt + 1
            changed = connection.execute(
                tables.delivery.update()
                .where(mine & (tables.delivery.c.attempt == row.attempt))
                .values(
                    state="submitting",
                    cause=None,
                    note=None,
                    attempt=attempt,
                    reference=reference,
                    account=account,
                    account_reference=None,
                    content=content,
                    document=document,
                    first_at=row.first_at or stamp(moment),
                    claimed_at=stamp(moment),
                    left_at=None,
                    next_at=None,
                    updated_at=stamp(moment),
                )
            )
            if changed.rowcount != 1:
                return False
            _log(
                connection,
                delivery.id,
                "submitting",
                moment,
                attempt=attempt,
                reference=reference,
                account=account,
                document=document,
            )
        return True

    def leave(self, id: str, reference: str, moment: datetime) -> bool:
        """The first byte is about to leave; False where the claim is no longer this one."""
        with self._write() as connection:
            changed = connection.execute(
                tables.delivery.update()
                .where(
                    (tables.delivery.c.id == id)
                    & (tables.delivery.c.reference == reference)
                    & (tables.delivery.c.state == "submitting")
                    & tables.delivery.c.left_at.is_(None)
                )
                .values(left_at=stamp(moment))
            )
            if changed.rowcount != 1:
                return False
            row = connection.execute(
                sql.select(tables.delivery).where(tables.delivery.c.id == id)
            ).one()
            _log(
                connection,
                id,
                "leaving",
                moment,
                attempt=row.attempt,
                reference=reference,
                account=row.account,
            )
        return True

    def record(
        self,
        id: str,
        reference: str,
        state: State,
        moment: datetime,
        report: Report | None = None,
        *,
        cause: str | None = None,
        note: str | None = None,
        next_at: datetime | None = None,
        hold: str | None = None,
        counted: bool = True,
    ) -> bool:
        """What became of an attempt; False where it is not the delivery's attempt any more.

        One that is not `counted` takes nothing from the tries that the letter has.
        """
        values: dict[str, Any] = {
            "state": state,
            "cause": cause,
            "note": note,
            "next_at": stamp(next_at),
            "updated_at": stamp(moment),
        }
        if report and report.account_reference:
            values["account_reference"] = report.account_reference
        with self._write() as connection:
            mine = (tables.delivery.c.id == id) & (tables.delivery.c.reference == reference)
            row = connection.execute(sql.select(tables.delivery).where(mine)).first()
            if row is None or row.state not in ("submitting", "accepted", "relayed"):
                return False
            if not counted:
                values["attempt"] = row.attempt - 1
            connection.execute(tables.delivery.update().where(mine).values(values))
            _log(
                connection,
                id,
                state,
                moment,
                attempt=row.attempt,
                reference=reference,
                account=row.account,
                cause=cause,
                note=note,
                report=report,
            )
            if hold:
                _put_hold(connection, row.address_key, hold, moment, id)
        return True


def _put_hold(
    connection: Connection, address_key: str, reason: str, moment: datetime, delivery: str
) -> None:
    connection.execute(tables.hold.delete().where(tables.hold.c.address_key == address_key))
    connection.execute(
        tables.hold.insert().values(
            address_key=address_key, reason=reason, at=stamp(moment), delivery=delivery
        )
    )


def _account_free_at(connection: Connection, account: str, gap: timedelta) -> datetime | None:
    if not gap:
        return None
    latest = sql.func.max(tables.delivery.c.claimed_at)
    last = connection.execute(sql.select(latest).where(tables.delivery.c.account == account))
    claimed = last.scalar()
    return datetime.fromisoformat(claimed) + gap if claimed else None


def _line_free_at(
    connection: Connection, address_key: str, gap: timedelta, id: str
) -> datetime | None:
    rows = connection.execute(
        sql.select(
            tables.delivery.c.id, tables.delivery.c.state, tables.delivery.c.updated_at
        ).where((tables.delivery.c.address_key == address_key) & (tables.delivery.c.attempt > 0))
    )
    free: datetime | None = None
    for row in rows:
        if row.state in _ON_THE_LINE and row.id != id:
            return datetime.max.replace(tzinfo=UTC)
        ended = datetime.fromisoformat(row.updated_at) + gap
        free = max(free, ended) if free else ended
    return free


def _log(
    connection: Connection,
    id: str,
    event: str,
    moment: datetime,
    *,
    attempt: int,
    report: Report | None = None,
    **values: str | None,
) -> None:
    if report:
        values |= {
            "account_reference": report.account_reference,
            "raw": report.raw or None,
            "station": report.station,
        }
    connection.execute(
        tables.event.insert().values(
            at=stamp(moment),
            delivery=id,
            event=event,
            attempt=attempt,
            pages=report.pages if report else None,
            seconds=report.seconds if report else None,
            **values,
        )
    )
