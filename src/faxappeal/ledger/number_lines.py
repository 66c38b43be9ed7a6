"""When a number's line and an account are free again: asked before a claim, and within it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

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
_delivery = schema.delivery.c
_event = schema.event.c
# the statements are made once: they are asked for several times in each step
_number = _delivery.address_key == sql.bindparam("address_key")
# an accepted fax, or one that was being submitted, may be calling; a claim that never left is
# asked again before its first byte
_calling = (_delivery.left_at >= sql.bindparam("followed_since")) | (
    _delivery.left_at.is_(None) & (_delivery.claimed_at >= sql.bindparam("claimed_since"))
)
_ON_IT = (
    sql.select(_delivery.campaign, _delivery.id)
    .where(_number & _delivery.state.in_(IN_PROGRESS))
    .where((_delivery.id != sql.bindparam("id")) & _calling)
    .limit(1)
)
# one step in the index for each state, however often the number was called
_ENDS = [
    sql.select(_delivery.updated_at)
    .where(_number & (_delivery.state == state) & (_delivery.attempt > 0))
    .order_by(_delivery.updated_at.desc())
    .limit(1)
    .scalar_subquery()
    for state in (*FINAL, State.WAITING, State.HELD)
]
# when the number was called last to learn what answers there (see `check_calls.py`): begun from the
# few calls there were, for a number may have had a hundred thousand letters
_CHECK_CALL = (
    sql.select(sql.func.max(_event.at))
    .where(
        schema.CALLING
        & sql.select(_delivery.id)
        .where((_delivery.id == _event.delivery) & _number)
        .correlate(schema.event)
        .exists()
    )
    .scalar_subquery()
)
_LATEST = sql.select(*_ENDS, _CHECK_CALL)
_CLAIMED = sql.select(sql.func.max(_delivery.claimed_at)).where(
    _delivery.account == sql.bindparam("account")
)


@dataclass(frozen=True)
class Line:
    """A number's line."""

    free_at: datetime | None = None  # None: at any time
    taken_by: str | None = None  # the campaign whose letter is on it
    letter: str | None = None  # that delivery's id

    def is_free(self, moment: datetime) -> bool:
        return not self.taken_by and (self.free_at is None or self.free_at <= moment)


def line(
    connection: Connection, address_key: str, gap: timedelta, id: str, moment: datetime
) -> Line:
    """The line of a number as the delivery `id` finds it: one letter at a time, `gap` apart."""
    if taken := _on_it(connection, address_key, id, moment):
        return Line(taken_by=taken.campaign, letter=taken.id)
    row = connection.execute(_LATEST, {"address_key": address_key}).one()
    latest = max((end for end in row if end), default=None)
    return Line(datetime.fromisoformat(latest) + gap if latest else None)


def is_taken(connection: Connection, row: Any, moment: datetime) -> bool:
    """Whether another letter is on the line of a delivery that is about to leave: who has claimed
    it may have been thought to be gone, and the line free."""
    return _on_it(connection, row.address_key, row.id, moment) is not None


def _on_it(connection: Connection, address_key: str, id: str, moment: datetime) -> Any:
    """The other letter that may be calling a number now, or None."""
    values = {
        "address_key": address_key,
        "id": id,
        "followed_since": stamp(moment - FOLLOW_FOR),
        "claimed_since": stamp(moment - CLAIM_LASTS),
    }
    return connection.execute(_ON_IT, values).first()


def account_free_at(connection: Connection, account: str, gap: timedelta) -> datetime | None:
    """When an account may be handed the next letter."""
    silent = rate_limits.silent_until(connection, account)
    if not gap:
        return silent
    claimed = connection.execute(_CLAIMED, {"account": account}).scalar()
    rested = datetime.fromisoformat(claimed) + gap if claimed else None
    return max(filter(None, (rested, silent)), default=None)
