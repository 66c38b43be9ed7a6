"""When a number's line and an account are free again: asked before a claim, and within it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sql

from ..core.lifecycle import FINAL, IN_PROGRESS, State
from . import rate_limits, schema
from .model import stamp

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

# a claimant that slept this long between its claim and its first byte has lost it
CLAIM_LASTS = timedelta(minutes=10)
# an account that says "sending" for longer than this has lost track of the fax, and so have we
FOLLOW_FOR = timedelta(hours=24)
_ENDED = (*FINAL, State.WAITING, State.HELD)


@dataclass(frozen=True)
class Line:
    """A number's line."""

    free_at: datetime | None = None  # None: at any time
    taken_by: str | None = None  # the campaign whose letter is on it
    letter: str | None = None  # that delivery's id


def line(
    connection: Connection, address_key: str, gap: timedelta, id: str, moment: datetime
) -> Line:
    """The line of a number as the delivery `id` finds it: one letter at a time, `gap` apart."""
    table = schema.delivery.c
    same_number = table.address_key == address_key
    # an accepted fax, or one that was being handed over, may be calling; a claim that never left
    # can no longer leave when it is old
    calling = (table.left_at >= stamp(moment - FOLLOW_FOR)) | (
        table.left_at.is_(None) & (table.claimed_at >= stamp(moment - CLAIM_LASTS))
    )
    on_it = sql.select(table.campaign, table.id).where(
        same_number & table.state.in_(IN_PROGRESS) & (table.id != id) & calling
    )
    if taken := connection.execute(on_it.limit(1)).first():
        return Line(taken_by=taken.campaign, letter=taken.id)
    # one step in the index for each state, however often the number was called
    ends = [
        sql.select(table.updated_at)
        .where(same_number & (table.state == state) & (table.attempt > 0))
        .order_by(table.updated_at.desc())
        .limit(1)
        .scalar_subquery()
        for state in _ENDED
    ]
    row = connection.execute(sql.select(*ends, _check_call(address_key))).one()
    latest = max((end for end in row if end), default=None)
    return Line(datetime.fromisoformat(latest) + gap if latest else None)


def account_free_at(connection: Connection, account: str, gap: timedelta) -> datetime | None:
    """When an account may be handed the next letter."""
    silent = rate_limits.silent_until(connection, account)
    if not gap:
        return silent
    latest = sql.func.max(schema.delivery.c.claimed_at)
    last = connection.execute(sql.select(latest).where(schema.delivery.c.account == account))
    claimed = last.scalar()
    free = [datetime.fromisoformat(claimed) + gap] if claimed else []
    return max((*free, *([silent] if silent else [])), default=None)


def _check_call(address_key: str) -> sql.ScalarSelect[str]:
    """When a number was called last to learn what answers there (see `check_calls.py`)."""
    table = schema.delivery.c
    # begun from the few calls there were: a number may have had a hundred thousand letters
    its_own = sql.select(table.id).where(
        (table.id == schema.event.c.delivery) & (table.address_key == address_key)
    )
    return (
        sql.select(sql.func.max(schema.event.c.at))
        .where(schema.CALLING & its_own.correlate(schema.event).exists())
        .scalar_subquery()
    )
