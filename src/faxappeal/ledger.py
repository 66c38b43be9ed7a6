"""What happened, durable before it happens: events, and the state of each delivery they fold to.

Both are written in one transaction. The ledger keeps the number dialled, hashes, references and
the account's own words; no letter's text and no sender's name.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sql

from .errors import SetupError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

    from .channels import Report
    from .plan import Delivery

SCHEMA = 1

State = Literal[
    "planned",
    "held",
    "waiting",
    "submitting",
    "accepted",
    "relayed",
    "delivered",
    "failed",
    "unknown",
]

_metadata = sql.MetaData()
_meta = sql.Table(
    "meta",
    _metadata,
    sql.Column("name", sql.Text, primary_key=True),
    sql.Column("value", sql.Text, nullable=False),
)
_campaign = sql.Table(
    "campaign",
    _metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("first_sent", sql.Text, nullable=False),
)
_delivery = sql.Table(
    "delivery",
    _metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("identity", sql.Text, nullable=False, unique=True),
    sql.Column("sender", sql.Text, nullable=False),
    sql.Column("campaign", sql.Text, nullable=False, index=True),
    sql.Column("recipient", sql.Text, nullable=False),
    sql.Column("channel", sql.Text, nullable=False),
    sql.Column("address", sql.Text, nullable=False),
    sql.Column("address_key", sql.Text, nullable=False, index=True),
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("cause", sql.Text),
    sql.Column("note", sql.Text),
    sql.Column("attempt", sql.Integer, nullable=False),
    sql.Column("reference", sql.Text),
    sql.Column("account", sql.Text),
    sql.Column("account_reference", sql.Text),
    sql.Column("content", sql.Text),
    sql.Column("document", sql.Text),
    sql.Column("first_at", sql.Text),
    sql.Column("claimed_at", sql.Text),
    sql.Column("left_at", sql.Text),
    sql.Column("next_at", sql.Text),
    sql.Column("updated_at", sql.Text, nullable=False),  # by a claim or an outcome, not by a wait
)
_event = sql.Table(
    "event",
    _metadata,
    sql.Column("seq", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("at", sql.Text, nullable=False),
    sql.Column("delivery", sql.Text, sql.ForeignKey("delivery.id"), nullable=False, index=True),
    sql.Column("event", sql.Text, nullable=False),
    sql.Column("cause", sql.Text),
    sql.Column("note", sql.Text),
    sql.Column("attempt", sql.Integer, nullable=False),
    sql.Column("reference", sql.Text),
    sql.Column("account", sql.Text),
    sql.Column("account_reference", sql.Text),
    sql.Column("raw", sql.Text),
    sql.Column("pages", sql.Integer),
    sql.Column("seconds", sql.Float),
    sql.Column("station", sql.Text),
    sql.Column("document", sql.Text),
)
_hold = sql.Table(
    "hold",
    _metadata,
    sql.Column("address_key", sql.Text, primary_key=True),
    sql.Column("reason", sql.Text, nullable=False),
    sql.Column("at", sql.Text, nullable=False),
    sql.Column("delivery", sql.Text, nullable=False),
)

# states in which a fax account may be calling the number
_ON_THE_LINE = ("submitting", "accepted")


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
    claimed_at: datetime | None
    left_at: datetime | None
    next_at: datetime | None
    updated_at: datetime


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
    document: str | None


_TIMES = frozenset({"at", "first_at", "claimed_at", "left_at", "next_at", "updated_at"})


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
            row = connection.execute(sql.select(_delivery).where(_delivery.c.id == id)).first()
        return _record(row) if row else None

    def records(self, campaign: str) -> list[Record]:
        """The deliveries of a campaign, in the order in which they were planned."""
        query = (
            sql.select(_delivery)
            .where(_delivery.c.campaign == campaign)
            .order_by(sql.text("rowid"))
        )
        with self._engine.connect() as connection:
            return [_record(row) for row in connection.execute(query)]

    def events(self, campaign: str, recipient: str | None = None) -> list[Event]:
        """What happened in a campaign, oldest first."""
        query = (
            sql.select(_event, _delivery.c.recipient, _delivery.c.channel, _delivery.c.address)
            .join(_delivery, _delivery.c.id == _event.c.delivery)
            .where(_delivery.c.campaign == campaign)
            .order_by(_event.c.seq)
        )
        if recipient:
            query = query.where(_delivery.c.recipient == recipient)
        with self._engine.connect() as connection:
            return [Event(**_typed(row)) for row in connection.execute(query)]

    def holds(self) -> dict[str, str]:
        """What must not be called or written to, in any campaign: address key -> reason."""
        with self._engine.connect() as connection:
            return {row.address_key: row.reason for row in connection.execute(sql.select(_hold))}

    def first_sent(self, campaign: str) -> date | None:
        """The day a campaign was first sent: its letter's date."""
        query = sql.select(_campaign.c.first_sent).where(_campaign.c.id == campaign)
        with self._engine.connect() as connection:
            day = connection.execute(query).scalar()
        return date.fromisoformat(day) if day else None

    def line_free_at(self, address_key: str, gap: timedelta, id: str) -> datetime | None:
        """When a number may be called again; datetime.max while another letter is on its line."""
        with self._engine.connect() as connection:
            return _line_free_at(connection, address_key, gap, id)

    # -- writing

    def start(self, campaign: str, day: date) -> None:
        """Remember the day on which a campaign is first sent."""
        with self._write() as connection:
            known = sql.select(_campaign.c.id).where(_campaign.c.id == campaign)
            if connection.execute(known).first() is None:
                values = {"id": campaign, "first_sent": day.isoformat()}
                connection.execute(_campaign.insert().values(values))

    def plan(self, delivery: Delivery, moment: datetime) -> Record:
        """The delivery's record, made when it is new."""
        with self._write() as connection:
            query = sql.select(_delivery).where(_delivery.c.id == delivery.id)
            row = connection.execute(query).first()
            if row is None:
                connection.execute(
                    _delivery.insert().values(
                        id=delivery.id,
                        identity=delivery.identity,
                        sender=delivery.sender,
                        campaign=delivery.campaign,
                        recipient=delivery.recipient.id,
                        channel=delivery.channel,
                        address=delivery.address,
                        address_key=delivery.address_key,
                        state="planned",
                        attempt=0,
                        updated_at=_stamp(moment),
                    )
                )
                _log(connection, delivery.id, "planned", moment, attempt=0)
                row = connection.execute(query).one()
        return _record(row)

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
            row = connection.execute(sql.select(_delivery).where(_delivery.c.id == id)).one()
            same = (row.state, row.note, row.cause) == (state, note, cause)
            if row.state not in ("planned", "held", "waiting"):
                return
            values = {"state": state, "note": note, "cause": cause, "next_at": _stamp(next_at)}
            connection.execute(_delivery.update().where(_delivery.c.id == id).values(values))
            if not same:
                _log(connection, id, state, moment, attempt=row.attempt, note=note, cause=cause)

    def remark(self, id: str, event: str, moment: datetime, note: str) -> None:
        """Something worth knowing that changes no state: a person's reason."""
        with self._write() as connection:
            row = connection.execute(sql.select(_delivery).where(_delivery.c.id == id)).one()
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
    ) -> bool:
        """Take an attempt before its first byte leaves; False where somebody else was quicker.

        Durable when it returns. On a number's line there is one letter at a time.
        """
        with self._write() as connection:
            if delivery.channel == "fax":
                free = _line_free_at(connection, delivery.address_key, gap, delivery.id)
                if free is not None and free > moment:
                    return False
            mine = (_delivery.c.id == delivery.id) & _delivery.c.state.in_(
                ("planned", "held", "waiting")
            )
            row = connection.execute(sql.select(_delivery).where(mine)).first()
            if row is None:
                return False
            attempt = row.attempt + 1
            changed = connection.execute(
                _delivery.update()
                .where(mine & (_delivery.c.attempt == row.attempt))
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
                    first_at=row.first_at or _stamp(moment),
                    claimed_at=_stamp(moment),
                    left_at=None,
                    next_at=None,
                    updated_at=_stamp(moment),
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
                _delivery.update()
                .where(
                    (_delivery.c.id == id)
                    & (_delivery.c.reference == reference)
                    & (_delivery.c.state == "submitting")
                    & _delivery.c.left_at.is_(None)
                )
                .values(left_at=_stamp(moment))
            )
            if changed.rowcount != 1:
                return False
            row = connection.execute(sql.select(_delivery).where(_delivery.c.id == id)).one()
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
    ) -> bool:
        """What became of an attempt; False where it is not the delivery's attempt any more."""
        values: dict[str, Any] = {
            "state": state,
            "cause": cause,
            "note": note,
            "next_at": _stamp(next_at),
            "updated_at": _stamp(moment),
        }
        if report and report.account_reference:
            values["account_reference"] = report.account_reference
        with self._write() as connection:
            mine = (_delivery.c.id == id) & (_delivery.c.reference == reference)
            row = connection.execute(sql.select(_delivery).where(mine)).first()
            if row is None or row.state not in ("submitting", "accepted", "relayed"):
                return False
            connection.execute(_delivery.update().where(mine).values(values))
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
    connection.execute(_hold.delete().where(_hold.c.address_key == address_key))
    connection.execute(
        _hold.insert().values(
            address_key=address_key, reason=reason, at=_stamp(moment), delivery=delivery
        )
    )


def _line_free_at(
    connection: Connection, address_key: str, gap: timedelta, id: str
) -> datetime | None:
    rows = connection.execute(
        sql.select(_delivery.c.id, _delivery.c.state, _delivery.c.updated_at).where(
            (_delivery.c.address_key == address_key) & (_delivery.c.attempt > 0)
        )
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
        _event.insert().values(
            at=_stamp(moment),
            delivery=id,
            event=event,
            attempt=attempt,
            pages=report.pages if report else None,
            seconds=report.seconds if report else None,
            **values,
        )
    )


def _stamp(moment: datetime | None) -> str | None:
    """UTC in a form that sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def _typed(row: Any) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value) if name in _TIMES and value else value
        for name, value in row._mapping.items()
    }


def _record(row: Any) -> Record:
    values = _typed(row)
    return Record(**{field.name: values[field.name] for field in fields(Record)})


# -- opening -------------------------------------------------------------------------------------


def default_path() -> Path:
    """The ledger in the user's data folder: neither `git clean` nor a fresh clone touches it."""
    from platformdirs import user_data_path

    return user_data_path("faxappeal", appauthor=False) / "ledger.db"


def path_of(url: str | None) -> Path:
    """The file of `ledger.url`, or the default."""
    if url is None:
        return default_path()
    return Path(url.removeprefix("sqlite:///")).expanduser()


def open_ledger(path: Path) -> Ledger:
    """The ledger, made on first use, readable by nobody else; SetupError where it cannot be."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite copies the mode of the database to its -wal and -shm files
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise SetupError(
            f"the ledger cannot be opened: {error.strerror} ({path})",
            "look at the folder's permissions, or move it: [ledger] url",
        ) from error
    engine = _engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            _metadata.create_all(connection)
            _initialise(connection)
        with engine.connect() as connection:
            key = _open_key(connection)
    except sql.exc.DatabaseError as error:
        engine.dispose()
        raise SetupError(
            f"the ledger cannot be opened: {error.orig} ({path})",
            "is it a ledger, on a disk with room, and yours to write?",
        ) from error
    except SetupError:
        engine.dispose()
        raise
    return Ledger(engine, path.parent, key)


def read_ledger(path: Path) -> Ledger | None:
    """The ledger for a look, never written to; nothing where there is none yet."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    # without a -wal file nobody is writing, and SQLite needs no -shm file to read
    immutable = "" if path.with_name(path.name + "-wal").exists() else "&immutable=1"
    engine = _engine(f"sqlite:///file:{path}?mode=ro{immutable}&uri=true", read_only=True)
    try:
        with engine.connect() as connection:
            key = _open_key(connection)
    except sql.exc.DatabaseError as error:
        engine.dispose()
        raise SetupError(f"the ledger cannot be read: {error.orig} ({path})", "") from error
    except SetupError:
        engine.dispose()
        raise
    return Ledger(engine, path.parent, key)


def _engine(url: str, read_only: bool = False) -> Engine:
    engine = sql.create_engine(url, connect_args={"isolation_level": None, "timeout": 30})

    @sql.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")  # an event is on disk when it is told
            connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA foreign_keys=ON")

    @sql.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # a transaction that reads, then writes, must not meet another in between
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _initialise(connection: Connection) -> None:
    if connection.execute(sql.select(_meta)).first() is None:
        values: Sequence[dict[str, str]] = [
            {"name": "schema", "value": str(SCHEMA)},
            {"name": "key", "value": secrets.token_hex(32)},
        ]
        connection.execute(_meta.insert(), values)


def _open_key(connection: Connection) -> bytes:
    meta = {row.name: row.value for row in connection.execute(sql.select(_meta))}
    if int(meta["schema"]) > SCHEMA:
        raise SetupError(
            "the ledger was made by a newer faxappeal",
            "install the newest: pip install -U faxappeal",
        )
    return bytes.fromhex(meta["key"])


# -- one process at a time ----------------------------------------------------------------------


@contextmanager
def lock(ledger: Ledger) -> Iterator[None]:
    """Only one process sends from this ledger; SetupError for the second."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(ledger.folder / "lock", timeout=0, mode=0o600):
            yield
    except Timeout:
        raise SetupError(
            "another faxappeal is sending just now", "wait for it, or look: faxappeal status"
        ) from None
