"""Forgetting: what a letter leaves behind when it is no longer needed, and what stays.

What stays keeps a letter from being sent twice and an address from being called again: keyed
hashes, states, times and holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sql

from ..core.lifecycle import FINAL, State
from . import schema
from .model import stamp

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

# an address is needed as long as somebody may have to be asked, or tried again
# RFC 5321 4.5.4.1: a server tries for four or five days; twice that, and a bounce may still come
STILL_OPEN = timedelta(days=14)
_WORDS = ("note", "account_reference", "raw", "station")  # a provider's, a person's, the far end's
_delivery, _event = schema.delivery.c, schema.event.c
# how many letters have not been scrubbed
WITH_ADDRESS = sql.select(sql.func.count(_delivery.id)).where(_delivery.address != "")


@dataclass(frozen=True)
class Scrubbed:
    """What a purge did to the ledger."""

    letters: int  # scrubbed now
    kept: int  # that still have their address
    documents: frozenset[str]  # SHA-256 of those that are still needed


def scrub(connection: Connection, before: datetime, moment: datetime) -> Scrubbed:
    """Scrub the letters that ended before a moment. All of it or nothing, by the caller's
    transaction."""
    old = _old(before, moment)
    found = list(connection.execute(sql.select(_delivery.id, _delivery.attempt).where(old)))
    of_old = _event.delivery.in_(sql.select(_delivery.id).where(old))
    connection.execute(schema.event.update().where(of_old).values(dict.fromkeys(_WORDS)))
    values = {"address": "", "account_reference": None, "note": None}
    connection.execute(schema.delivery.update().where(old).values(values))
    if found:
        purged = [
            {"at": stamp(moment), "delivery": id, "event": "purged", "attempt": attempt}
            for id, attempt in found
        ]
        connection.execute(schema.event.insert(), purged)
    kept = connection.execute(WITH_ADDRESS).scalar_one()
    return Scrubbed(len(found), kept, _needed(connection))


def to_scrub(connection: Connection, before: datetime, moment: datetime) -> dict[str, int]:
    """How many letters of which campaign a purge would scrub."""
    query = (
        sql.select(_delivery.campaign, sql.func.count())
        .where(_old(before, moment))
        .group_by(_delivery.campaign)
        .order_by(_delivery.campaign)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _old(before: datetime, moment: datetime) -> sql.ColumnElement[bool]:
    """Letters that ended before a moment and have their address. An e-mail that only the next
    server has may come back: what is known of it is needed for so long."""
    is_email = _delivery.channel == "email"
    passed_on = is_email & _delivery.state.in_((State.ACCEPTED, State.RELAYED))
    is_open = passed_on & (_delivery.left_at >= stamp(moment - STILL_OPEN))
    ended = _delivery.state.in_(FINAL) | passed_on
    return ended & ~is_open & (_delivery.updated_at < stamp(before)) & (_delivery.address != "")


def _needed(connection: Connection) -> frozenset[str]:
    """The documents of letters that were not scrubbed."""
    query = (
        sql.select(_event.document)
        .join(schema.delivery, _delivery.id == _event.delivery)
        .where(_event.document.is_not(None), _delivery.address != "")
        .distinct()
    )
    return frozenset(connection.execute(query).scalars())
