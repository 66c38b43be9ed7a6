"""What was written by a clock that was ahead. Left as it is, a number would wait for its gap, and a
letter for its next attempt, until that day comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from . import rows, schema
from .model import stamp

if TYPE_CHECKING:
    from . import Ledger

# the clocks of several machines may differ by so much: a ledger in PostgreSQL refuses more
_TOLERANCE = timedelta(minutes=2)
_delivery = schema.delivery.c
_WRITTEN = ("first_at", "claimed_at", "left_at", "updated_at")


def correct(ledger: Ledger, moment: datetime) -> timedelta | None:
    """Let all waits that begin after `moment` begin then. How far ahead the clock was; None where
    nothing was written by one."""
    latest = stamp(moment + _TOLERANCE)
    is_ahead = sql.or_(*(_delivery[name] > latest for name in _WRITTEN))
    with ledger.reading() as connection:  # nearly always there is nothing to write
        if connection.execute(sql.select(_delivery.id).where(is_ahead).limit(1)).first() is None:
            return None
    ahead = timedelta(0)
    with ledger.transaction() as connection:
        for row in connection.execute(sql.select(schema.delivery).where(is_ahead)).all():
            ahead = max(ahead, _ahead(row, moment))
            rows.update(connection, _corrected(row, moment), _delivery.id == row.id)
            note = f"the clock was {_ahead(row, moment)} ahead"
            rows.log(connection, row.id, "clock", moment, attempt=row.attempt, note=note)
    return ahead or None


def _ahead(row: Any, moment: datetime) -> timedelta:
    latest = max(filter(None, (getattr(row, name) for name in _WRITTEN)))
    ahead = datetime.fromisoformat(latest) - moment
    return ahead - timedelta(microseconds=ahead.microseconds)


def _corrected(row: Any, moment: datetime) -> dict[str, str | None]:
    now = stamp(moment)
    assert now
    values = {name: min(written, now) for name in _WRITTEN if (written := getattr(row, name))}
    if row.next_at and row.updated_at > now:
        wait = datetime.fromisoformat(row.next_at) - datetime.fromisoformat(row.updated_at)
        values["next_at"] = stamp(moment + wait)
    return values
