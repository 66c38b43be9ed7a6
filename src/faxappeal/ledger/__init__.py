"""What happened, durable before it happens: events, and the state of each delivery they fold to.

Both are written in one transaction. The ledger keeps the number dialled, hashes, references and
the account's own words; no letter's text and no sender's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from ..core.errors import SetupError
from ..core.lifecycle import COMPUTED_WAITS, ENDED_BY, HoldReason, State, check_transition
from . import rows, schema
from .attempts import Attempts
from .model import Event, Record, Round, stamp
from .purge import Scrubbed, scrub, to_scrub
from .queries import Queries

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

    from ..campaign.delivery import Delivery
    from ..providers.base import ProviderReport
    from .locking import Locking

__all__ = ["Event", "Ledger", "Record", "Round", "StillHeld"]


_delivery = schema.delivery.c
# a disk that is full, a server that is gone or has given up on us: the world's, not our mistakes
_TROUBLE = (sql.exc.OperationalError, sql.exc.InterfaceError, sql.exc.InternalError)
_NOT_ALLOWED = "42501"  # PostgreSQL's insufficient_privilege, which is "programming" to its library


class StillHeld(Exception):
    """A hold that what a person has done does not end."""

    def __init__(self, reason: HoldReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(eq=False, repr=False)
class Ledger:
    """The ledger of this user, for all campaigns.

    `queries` says what it knows, `attempts` writes what leaves; what is planned, and what people
    say of it, is written here.
    """

    engine: Engine
    key: bytes
    folder: Path
    documents: Path
    locking: Locking

    def __post_init__(self) -> None:
        self._reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.queries = Queries(self.reading)
        self.attempts = Attempts(self)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for one question: each sees what was written before it."""
        with self._trouble_as_setup_error("read"), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection for a change: all of it or nothing, durable when the block ends."""
        with self._trouble_as_setup_error("written"), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _trouble_as_setup_error(self, verb: str) -> Iterator[None]:
        try:
            yield
        except sql.exc.DBAPIError as error:
            is_refused = getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED
            if not (is_refused or isinstance(error, _TROUBLE)):
                raise
            cause = str(error.orig).strip().split("\n")[0]
            if self.engine.dialect.name == "sqlite":
                hint = f"look at the disk and the permissions of {self.folder}; nothing was lost"
            else:
                hint = (
                    "is the database up, with room, and yours to use? Nothing was lost: try again"
                )
            raise SetupError(f"the ledger cannot be {verb}: {cause}", hint) from error

    def start(self, campaign: str, day: date) -> None:
        """Remember the day on which a campaign is first sent."""
        with self.transaction() as connection:
            known = sql.select(schema.campaign.c.id).where(schema.campaign.c.id == campaign)
            if connection.execute(known).first() is None:
                values = {"id": campaign, "first_sent": day.isoformat()}
                connection.execute(schema.campaign.insert().values(values))

    def plan(self, delivery: Delivery, moment: datetime) -> Record:
        """The delivery's record, made when it is new."""
        self.plan_all([delivery], moment)
        record = self.queries.get(delivery.id)
        assert record is not None  # just made
        return record

    def plan_all(self, deliveries: Sequence[Delivery], moment: datetime) -> None:
        """Make records of those that are new."""
        for batch in rows.batches(deliveries):
            new = {delivery.id: delivery for delivery in batch}
            with self.transaction() as connection:
                query = sql.select(_delivery.id).where(_delivery.id.in_(new))
                for known in connection.execute(query).scalars():
                    del new[known]
                if new:
                    rows.plan(connection, new.values(), moment)

    def queue_for_workers(self, content: Mapping[str, str], approvals: Mapping[str, str]) -> None:
        """Leave deliveries to the workers: by their ids, the SHA-256 of the letter, for they send
        no other, and what a person agreed to."""
        change = schema.delivery.update().where(_delivery.id == sql.bindparam("which"))
        change = change.values(ordered=sql.bindparam("what"), terms=sql.bindparam("how"))
        orders = [
            {"which": id, "what": letter, "how": approvals[id]} for id, letter in content.items()
        ]
        for batch in rows.batches(orders):
            with self.transaction() as connection:
                connection.execute(change, batch)

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
        """A delivery that has not left is held, waits, or is free again. The same twice is once.

        The time of its next attempt after a failure stays, whatever else it waits for meanwhile.
        """
        with self.transaction() as connection:
            row = rows.get_row(connection, id)
            if not row.state.is_open:
                return
            check_transition(row.state, state)
            is_retry = row.cause or row.note not in COMPUTED_WAITS
            due = stamp(next_at) or (row.next_at if is_retry else None)
            values = {"state": state, "note": note, "cause": cause, "next_at": due}
            if state == State.HELD:
                values["ordered"] = None  # the workers are done with it
            rows.update(connection, values, _delivery.id == id)
            if (row.state, row.note, row.cause) != (state, note, cause):
                rows.log(connection, id, state, moment, attempt=row.attempt, note=note, cause=cause)

    def settle(self, id: str, state: State, moment: datetime, note: str) -> bool:
        """A person has found out what became of an unknown letter, or found out better before
        anything followed from it; False if it is neither. One that was not sent, and was sent again
        on purpose since, has failed: it does not wait."""
        values = {"note": note, "cause": None, "ordered": None, "updated_at": stamp(moment)}
        with self.transaction() as connection:
            row = rows.find(connection, _delivery.id == id)
            if row is None or not (
                row.state == State.UNKNOWN or rows.was_just_settled(connection, id)
            ):
                return False
            later = sql.select(_delivery.id).where(
                _delivery.base == row.base, _delivery.round > row.round
            )
            if state == State.WAITING and connection.execute(later).first():
                state = State.FAILED
            check_transition(row.state, state)
            rows.update(connection, values | {"state": state}, _delivery.id == id)
            rows.log(connection, id, "resolved", moment, attempt=row.attempt, note=note)
            rows.log(connection, id, state, moment, attempt=row.attempt)
        return True

    def remove_hold(
        self, address_key: str, method: str, moment: datetime, note: str
    ) -> HoldReason | None:
        """End the hold on an address that a person has checked; the hold's reason, or None where
        there was none. StillHeld where this `method` of checking does not end it."""
        mine = schema.hold.c.address_key == address_key
        with self.transaction() as connection:
            held = connection.execute(sql.select(schema.hold).where(mine)).first()
            if held is None:
                return None
            if method not in ENDED_BY.get(held.reason, ()):
                raise StillHeld(held.reason)
            connection.execute(schema.hold.delete().where(mine))
            row = rows.find(connection, _delivery.id == held.delivery)
            if row is not None:
                rows.log(connection, row.id, "lifted", moment, attempt=row.attempt, note=note)
        reason: HoldReason = held.reason
        return reason

    def add_event(
        self,
        id: str,
        event: str,
        moment: datetime,
        note: str | None,
        *,
        reference: str | None = None,
        account: str | None = None,
        report: ProviderReport | None = None,
    ) -> None:
        """Something worth knowing that changes no state: a person's reason, an account's word."""
        with self.transaction() as connection:
            attempt = rows.get_row(connection, id).attempt
            details: dict[str, Any] = {"note": note, "reference": reference, "account": account}
            rows.log(connection, id, event, moment, attempt=attempt, report=report, **details)

    def to_purge(self, before: datetime, moment: datetime) -> dict[str, int]:
        """How many letters of which campaign `purge` would scrub."""
        with self.reading() as connection:
            return to_scrub(connection, before, moment)

    def purge(self, before: datetime, moment: datetime) -> Scrubbed:
        """Scrub what ended before; nothing of it is left in the ledger's files."""
        with self.transaction() as connection:
            scrubbed = scrub(connection, before, moment)
        if self.engine.dialect.name == "sqlite":
            self._drop_log()
        else:  # PostgreSQL keeps a changed row's old words until a VACUUM
            with self.reading() as connection:
                connection.execute(sql.text("VACUUM delivery"))
                connection.execute(sql.text("VACUUM event"))
        return scrubbed

    def _drop_log(self) -> None:
        """SQLite's write-ahead log still holds the pages as they were."""
        raw = self.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA busy_timeout = 2000")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy = (cursor.fetchone() or (1,))[0]
        finally:
            raw.invalidate()  # its time limit is not for others
            raw.close()
        if is_busy:
            raise SetupError(
                "the letters are scrubbed, but somebody is reading the ledger's old pages",
                "end what reads it, such as faxappeal status --watch, and purge again",
            )
