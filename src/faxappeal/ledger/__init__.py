"""What happened, durable before it happens: events, and the state of each delivery they fold to.

Both are written in one transaction. The ledger keeps the number dialled, hashes, references and
the account's own words; no letter's text and no sender's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sql

from ..core.errors import SetupError
from ..core.lifecycle import ENDED_BY, HoldReason, State, check_transition
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


_AT_ONCE = 500  # rows in one transaction: nobody waits long for the next


class StillHeld(Exception):
    """A hold that what a person has done does not end."""

    def __init__(self, reason: HoldReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Ledger:
    """The ledger of this user, for all campaigns.

    `queries` says what it knows, `attempts` writes what leaves; what is planned, and what people
    say of it, is written here.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        key: bytes,
        locking: Locking,
        documents: Path | None = None,
    ) -> None:
        self._engine = engine
        self._looking = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.folder = folder
        self.key = key
        self.locking = locking
        self.documents = documents or folder / "documents"
        self.queries = Queries(self.reading)
        self.attempts = Attempts(self)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for one question: each sees what was written before it."""
        try:
            with self._looking.connect() as connection:
                yield connection
        except sql.exc.DBAPIError as error:
            if not is_trouble(error):
                raise
            raise self._trouble("read", error) from error

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection for a change: all of it or nothing, durable when the block ends."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except sql.exc.DBAPIError as error:
            if not is_trouble(error):
                raise
            raise self._trouble("written", error) from error

    def _trouble(self, verb: str, error: sql.exc.DBAPIError) -> SetupError:
        said = str(error.orig).strip().split("\n")[0]
        if self._engine.dialect.name == "sqlite":
            hint = f"look at the disk and the permissions of {self.folder}; nothing was lost"
        else:
            hint = "is the database up, with room, and yours to use? Nothing was lost: try again"
        return SetupError(f"the ledger cannot be {verb}: {said}", hint)

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
        table = schema.delivery
        for first in range(0, len(deliveries), _AT_ONCE):
            some = deliveries[first : first + _AT_ONCE]
            with self.transaction() as connection:
                ids = [delivery.id for delivery in some]
                query = sql.select(table.c.id).where(table.c.id.in_(ids))
                known = set(connection.execute(query).scalars())
                new = {delivery.id: delivery for delivery in some if delivery.id not in known}
                if new:
                    rows.plan(connection, new.values(), moment)

    def queue_for_workers(self, content: Mapping[str, str], approvals: Mapping[str, str]) -> None:
        """Leave deliveries to the workers: by their ids, the SHA-256 of the letter, for they send
        no other, and what a person agreed to."""
        table = schema.delivery
        change = table.update().where(table.c.id == sql.bindparam("which"))
        change = change.values(ordered=sql.bindparam("what"), terms=sql.bindparam("how"))
        orders = [
            {"which": id, "what": letter, "how": approvals[id]} for id, letter in content.items()
        ]
        for first in range(0, len(orders), _AT_ONCE):
            with self.transaction() as connection:
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
        with self.transaction() as connection:
            row = rows.get_row(connection, id)
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
        with self.transaction() as connection:
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
            of = schema.delivery.c.id == held.delivery
            row = connection.execute(sql.select(schema.delivery).where(of)).first()
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
            row = rows.get_row(connection, id)
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

    def to_purge(self, before: datetime, moment: datetime) -> dict[str, int]:
        """How many letters of which campaign `purge` would scrub."""
        with self.reading() as connection:
            return to_scrub(connection, before, moment)

    def purge(self, before: datetime, moment: datetime) -> Scrubbed:
        """Scrub what ended before; nothing of it is left in the ledger's files."""
        with self.transaction() as connection:
            scrubbed = scrub(connection, before, moment)
        if self._engine.dialect.name == "sqlite":
            self._drop_log()
        else:
            self._drop_rows()
        return scrubbed

    def _drop_rows(self) -> None:
        """PostgreSQL keeps a changed row's old words until it is told to clean up."""
        with self.reading() as connection:
            for table in (schema.delivery, schema.event):
                connection.execute(sql.text(f"VACUUM {table.name}"))

    def _drop_log(self) -> None:
        """SQLite's write-ahead log still holds the pages as they were."""
        raw = self._engine.raw_connection()
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


# a disk that is full, a server that is gone or has given up on us: the world's, not our mistakes
_TROUBLE = (sql.exc.OperationalError, sql.exc.InterfaceError, sql.exc.InternalError)
_NOT_ALLOWED = "42501"  # PostgreSQL's insufficient_privilege, which is "programming" to its library


def is_trouble(error: sql.exc.DBAPIError) -> bool:
    """Whether it is the world's, and not our mistake."""
    return isinstance(error, _TROUBLE) or getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED
