"""Forgetting: what a letter leaves behind when it is no longer needed, and what stays.

What stays keeps a letter from being sent twice and an address from being called again: keyed
hashes, states, times and holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sql

from . import tables
from .records import stamp

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

# an address is needed as long as somebody may have to be asked, or tried again
_OVER = ("delivered", "relayed", "failed", "unknown")
_WORDS = ("note", "account_reference", "raw", "station")  # a provider's, a person's, the far end's


@dataclass(frozen=True)
class Scrubbed:
    """What a purge did to the ledger."""

    letters: int  # scrubbed now
    kept: int  # that still have their address
    documents: frozenset[str]  # SHA-256 of those that are still needed


def scrub(connection: Connection, before: datetime, moment: datetime) -> Scrubbed:
    """Scrub the letters that ended before a moment. All of it or nothing, by the caller's
    transaction."""
    table = tables.delivery.c
    ended = table.state.in_(_OVER) | ((table.state == "accepted") & (table.channel == "email"))
    old = ended & (table.updated_at < stamp(before)) & (table.address != "")
    ids = sql.select(table.id).where(old)
    found = list(connection.execute(sql.select(table.id, table.attempt).where(old)))
    connection.execute(
        tables.event.update()
        .where(tables.event.c.delivery.in_(ids))
        .values(dict.fromkeys(_WORDS, None))
    )
    values = {"address": "", "account_reference": None, "note": None}
    connection.execute(tables.delivery.update().where(old).values(values))
    if found:
        purged = [
            {"at": stamp(moment), "delivery": id, "event": "purged", "attempt": attempt}
            for id, attempt in found
        ]
        connection.execute(tables.event.insert(), purged)
    kept = connection.execute(
        sql.select(sql.func.count()).select_from(tables.delivery).where(table.address != "")
    ).scalar_one()
    return Scrubbed(len(found), kept, _needed(connection))


def _needed(connection: Connection) -> frozenset[str]:
    """The documents of letters that were not scrubbed."""
    query = (
        sql.select(tables.event.c.document)
        .join(tables.delivery, tables.delivery.c.id == tables.event.c.delivery)
        .where(tables.event.c.document.is_not(None) & (tables.delivery.c.address != ""))
        .distinct()
    )
    return frozenset(connection.execute(query).scalars())
