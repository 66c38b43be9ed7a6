"""Rows that are written: a new delivery, a hold, a line of the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite

from ..core.lifecycle import STRENGTH, HoldReason, State, check_transition
from . import schema
from .model import stamp

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from ..campaign.delivery import Delivery
    from ..providers.base import ProviderReport

AT_ONCE = 500  # rows in one transaction: nobody waits long for the next
_delivery = schema.delivery.c
_Item = TypeVar("_Item")
# made once: they are asked for in each step
_IS_ONE = _delivery.id == sql.bindparam("id")
_ONE = sql.select(schema.delivery).where(_IS_ONE)
_HOLD = sql.select(schema.hold.c.reason).where(
    schema.hold.c.address_key == sql.select(_delivery.address_key).where(_IS_ONE).scalar_subquery()
)


def batches(items: Iterable[_Item]) -> Iterator[Sequence[_Item]]:
    """The items in groups, each for one transaction."""
    left = iter(items)
    while batch := list(islice(left, AT_ONCE)):
        yield batch


def plan(connection: Connection, deliveries: Iterable[Delivery], moment: datetime) -> None:
    planned = [
        {
            "id": delivery.id,
            "identity": delivery.identity,
            "base": delivery.base,
            "round": delivery.round,
            "sender": delivery.sender,
            "campaign": delivery.campaign,
            "recipient": delivery.recipient.id,
            "channel": delivery.channel,
            "address": delivery.address,
            "address_key": delivery.address_key,
            "state": State.PLANNED,
            "attempt": 0,
            "updated_at": stamp(moment),
        }
        for delivery in deliveries
    ]
    connection.execute(schema.delivery.insert(), planned)
    events = [
        {"at": stamp(moment), "delivery": row["id"], "event": State.PLANNED, "attempt": 0}
        for row in planned
    ]
    connection.execute(schema.event.insert(), events)


def get_row(connection: Connection, id: str) -> Any:
    """A delivery that there is."""
    return connection.execute(_ONE, {"id": id}).one()


def find(connection: Connection, *conditions: sql.ColumnElement[bool]) -> Any:
    """The delivery that meets the conditions, or None."""
    return connection.execute(sql.select(schema.delivery).where(*conditions)).first()


def update(
    connection: Connection, values: Mapping[str, Any], *conditions: sql.ColumnElement[bool]
) -> bool:
    """Change the delivery that meets the conditions; False if there is none."""
    change = schema.delivery.update().where(*conditions).values(values)
    return connection.execute(change).rowcount == 1


def upsert(
    connection: Connection,
    table: sql.Table,
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    where: sql.ColumnElement[bool] | None = None,
) -> None:
    """Insert a row, or change the one with this key if it meets the condition."""
    insert: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    new = insert(table).values(**key, **values)
    new = new.on_conflict_do_update(index_elements=list(key), set_=values, where=where)
    connection.execute(new)


def write_outcome(
    connection: Connection,
    row: Any,
    values: Mapping[str, Any],
    moment: datetime,
    report: ProviderReport | None,
    hold: HoldReason | None,
) -> None:
    """A delivery's attempt has come to another state; `hold` is for its address, everywhere."""
    check_transition(row.state, values["state"])
    changed = {**values, "updated_at": stamp(moment)}
    update(connection, changed, _delivery.id == row.id, _delivery.reference == row.reference)
    details = {"reference": row.reference, "account": row.account}
    details |= {"cause": values["cause"], "note": values["note"]}
    log(connection, row.id, values["state"], moment, attempt=row.attempt, report=report, **details)
    if hold:
        put_hold(connection, row.address_key, hold, moment, row.id)


def put_hold(
    connection: Connection,
    address_key: str,
    reason: HoldReason,
    moment: datetime,
    delivery: str,
) -> None:
    """Hold an address in every campaign; a hold that is as strong or stronger stays as it is."""
    values = {"reason": reason, "at": stamp(moment), "delivery": delivery}
    weaker = schema.hold.c.reason.in_(STRENGTH[: STRENGTH.index(reason)])
    upsert(connection, schema.hold, {"address_key": address_key}, values, where=weaker)


def is_held(connection: Connection, id: str) -> bool:
    """Whether the address of a delivery is held."""
    return connection.execute(_HOLD, {"id": id}).first() is not None


def log(
    connection: Connection,
    id: str,
    event: str,
    moment: datetime,
    *,
    attempt: int,
    report: ProviderReport | None = None,
    **values: str | None,
) -> None:
    row = {"at": stamp(moment), "delivery": id, "event": event, "attempt": attempt, **values}
    if report:  # its fields are the names of columns
        row |= asdict(report) | {"raw": report.raw or None}
    connection.execute(schema.event.insert(), row)


def was_just_settled(connection: Connection, id: str) -> bool:
    """Whether the last thing that happened to a letter is that a person settled it."""
    event = schema.event.c
    query = sql.select(event.event).where(event.delivery == id).order_by(event.seq.desc()).limit(2)
    return "resolved" in connection.execute(query).scalars().all()[1:]
