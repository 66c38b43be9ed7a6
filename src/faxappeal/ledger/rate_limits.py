"""When an account was asked last, and until when it wants to be left alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from . import rows, schema
from .model import stamp

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from . import Ledger


class RateLimits:
    """The accounts of a ledger's campaigns, by name."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def ask(self, name: str, poll_interval: timedelta, moment: datetime) -> datetime | None:
        """When the account may be asked; None where that is now, and then the turn is taken."""
        ledger = self._ledger
        with ledger.transaction() if poll_interval else ledger.reading() as connection:
            until = _later(_row(connection, name), poll_interval, moment)
            if poll_interval and until is None:
                _put(connection, name, asked_at=moment)
        return until

    def silence(self, name: str, until: datetime) -> None:
        """The account wants to be left alone."""
        with self._ledger.transaction() as connection:
            _put(connection, name, silent_until=until)


def silent_until(connection: Connection, name: str) -> datetime | None:
    """Until when an account wants to be left alone, if ever."""
    row = _row(connection, name)
    return datetime.fromisoformat(row.silent_until) if row and row.silent_until else None


_ONE = sql.select(schema.account).where(schema.account.c.name == sql.bindparam("name"))


def _row(connection: Connection, name: str) -> Any:
    return connection.execute(_ONE, {"name": name}).first()


def _later(row: Any, poll_interval: timedelta, moment: datetime) -> datetime | None:
    if row is None:
        return None
    until = [datetime.fromisoformat(row.silent_until)] if row.silent_until else []
    asked = datetime.fromisoformat(row.asked_at) if row.asked_at else None
    if asked and asked <= moment:  # else a clock was set back
        until.append(asked + poll_interval)
    latest = max(until, default=moment)
    return latest if latest > moment else None


def _put(connection: Connection, name: str, **moments: datetime) -> None:
    values = {key: stamp(moment) for key, moment in moments.items()}
    rows.upsert(connection, schema.account, {"name": name}, values)
