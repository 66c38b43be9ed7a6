"""Make a ledger's tables, or bring an older ledger up to date.

The statements of each version were written for what the tables were then, and never change again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sql

from ..core.errors import SetupError
from . import schema

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

CHANGES: Mapping[int, Sequence[str]] = {
    1: (
        "ALTER TABLE delivery ADD COLUMN base TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE delivery ADD COLUMN round INTEGER NOT NULL DEFAULT 1",
        "UPDATE delivery SET base = identity",
        "CREATE INDEX ix_delivery_base ON delivery (base)",
        "CREATE INDEX ix_delivery_account ON delivery (account, claimed_at)",
    ),
    2: (
        "DROP INDEX ix_delivery_address_key",
        "CREATE INDEX ix_delivery_line ON delivery (address_key, state, updated_at)",
        "CREATE INDEX ix_delivery_letter ON delivery (address_key, content)",
    ),
    3: (
        "ALTER TABLE event ADD COLUMN rate INTEGER",
        "ALTER TABLE event ADD COLUMN price TEXT",
    ),
    4: (
        "ALTER TABLE delivery ADD COLUMN claimant TEXT",
        "ALTER TABLE delivery ADD COLUMN ordered TEXT",
        "ALTER TABLE delivery ADD COLUMN terms TEXT",
        "CREATE TABLE account (name TEXT NOT NULL PRIMARY KEY, asked_at TEXT, silent_until TEXT)",
        "CREATE INDEX ix_event_calling ON event (delivery) WHERE event = 'calling'",
    ),
    5: (
        "ALTER TABLE delivery ADD COLUMN endpoint TEXT",
        "ALTER TABLE delivery ADD COLUMN submitted_at TEXT",
    ),
}


def bring_up_to_date(connection: Connection) -> None:
    """Make the tables, or change those of an older faxappeal: all of it or nothing, by the caller's
    transaction."""
    if not sql.inspect(connection).has_table("meta"):
        schema.metadata.create_all(connection)
        values = {"schema": str(schema.SCHEMA), "key": secrets.token_hex(32)}
        named = [{"name": name, "value": value} for name, value in values.items()]
        connection.execute(schema.meta.insert(), named)
        return
    for number in range(version(connection), schema.SCHEMA):
        for statement in CHANGES[number]:
            connection.execute(sql.text(statement))
        value = schema.meta.update().where(schema.meta.c.name == "schema")
        connection.execute(value.values(value=str(number + 1)))


def version(connection: Connection) -> int:
    query = sql.select(schema.meta.c.value).where(schema.meta.c.name == "schema")
    return int(connection.execute(query).scalar_one())


def open_key(connection: Connection) -> bytes:
    if version(connection) > schema.SCHEMA:
        raise SetupError(
            "the ledger was made by a newer faxappeal",
            "install the newest: pip install -U faxappeal",
        )
    query = sql.select(schema.meta.c.value).where(schema.meta.c.name == "key")
    return bytes.fromhex(connection.execute(query).scalar_one())
