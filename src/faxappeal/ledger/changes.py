"""How an older ledger becomes one of today: by version, the statements that lead to the next one.

They are written for what the tables were then, and never change again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
}
