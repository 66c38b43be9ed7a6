"""Rows that are written: a new delivery, a hold, a line of the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite

from ..core.lifecycle import STRENGTH, HoldReason, State, check_transition
from . import schema
from .model import stamp

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from ..campaign.delivery import Delivery
    from ..providers.base import ProviderReport


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
    return connection.execute(sql.select(schema.delivery).where(schema.delivery.c.id == id)).one()


def write_outcome(
    connection: Connection,
    row: Any,
    values: Mapping[str, Any],
    moment: datetime,
    report: ProviderReport | None,
    hold: HoldReason | None,
) -> None:
    """A delivery's attempt has come to another state; `hold` is for its address, everywhere."""
    mine = (schema.delivery.c.id == row.id) & (schema.delivery.c.reference == row.reference)
    check_transition(row.state, values["state"])
    changed = {**values, "updated_at": stamp(moment)}
    connection.execute(schema.delivery.update().where(mine).values(changed))
    log(
        connection,
        row.id,
        values["state"],
        moment,
        attempt=row.attempt,
        reference=row.reference,
        account=row.account,
        cause=values["cause"],
        note=values["note"],
        report=report,
    )
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
    new = _insert(connection)(schema.hold).values(address_key=address_key, **values)
    weaker = schema.hold.c.reason.in_(STRENGTH[: STRENGTH.index(reason)])
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[schema.hold.c.address_key], set_=values, where=weaker
        )
    )


def is_held(connection: Connection, id: str) -> bool:
    """Whether the address of a delivery is held."""
    key = sql.select(schema.delivery.c.address_key).where(schema.delivery.c.id == id)
    query = sql.select(schema.hold.c.reason).where(
        schema.hold.c.address_key == key.scalar_subquery()
    )
    return connection.execute(query).first() is not None


def _insert(connection: Connection) -> Any:
    """The INSERT that knows ON CONFLICT."""
    is_sqlite = connection.dialect.name == "sqlite"
    return (sqlite if is_sqlite else postgresql).insert


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
    if report:
        values |= {
            "account_reference": report.account_reference,
            "raw": report.raw or None,
            "station": report.station,
            "price": report.price,
        }
    event_values = {
        "at": stamp(moment),
        "delivery": id,
        "event": event,
        "attempt": attempt,
        "pages": report.pages if report else None,
        "seconds": report.seconds if report else None,
        "rate": report.rate if report else None,
        **values,
    }
    connection.execute(schema.event.insert(), event_values)


def was_just_settled(connection: Connection, id: str) -> bool:
    """Whether the last thing that happened to a letter is that a person settled it."""
    event = schema.event.c
    query = sql.select(event.event).where(event.delivery == id).order_by(event.seq.desc()).limit(2)
    return "resolved" in connection.execute(query).scalars().all()[1:]
