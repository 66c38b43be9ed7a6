"""Making a ledger's tables, and bringing an older one up to date."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sql

from ..errors import SetupError
from . import tables
from .changes import CHANGES

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def bring_up_to_date(connection: Connection) -> None:
    """Make the tables, or change those of an older faxappeal: all of it or nothing, by the caller's
    transaction."""
    if not sql.inspect(connection).has_table("meta"):
        tables.metadata.create_all(connection)
        values: Sequence[dict[str, str]] = [
            {"name": "schema", "value": str(tables.SCHEMA)},
            {"name": "key", "value": secrets.token_hex(32)},
        ]
        connection.execute(tables.meta.insert(), values)
        return
    for number in range(version(connection), tables.SCHEMA):
        for statement in CHANGES[number]:
            connection.execute(sql.text(statement))
        value = tables.meta.update().where(tables.meta.c.name == "schema")
        connection.execute(value.values(value=str(number + 1)))


def version(connection: Connection) -> int:
    query = sql.select(tables.meta.c.value).where(tables.meta.c.name == "schema")
    return int(connection.execute(query).scalar_one())


def open_key(connection: Connection) -> bytes:
    if version(connection) > tables.SCHEMA:
        raise SetupError(
            "the ledger was made by a newer faxappeal",
            "install the newest: pip install -U faxappeal",
        )
    query = sql.select(tables.meta.c.value).where(tables.meta.c.name == "key")
    return bytes.fromhex(connection.execute(query).scalar_one())
