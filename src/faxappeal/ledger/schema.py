"""The ledger's tables, in SQL that SQLite and PostgreSQL both understand."""

from __future__ import annotations

import re

import sqlalchemy as sql

from ..core.lifecycle import HoldReason, State

SCHEMA = 6  # a newer program brings an older ledger up to date, an older one refuses a newer ledger

# in PostgreSQL texts are sorted as a language sorts them, unless told otherwise
Stamp = sql.Text().with_variant(sql.Text(collation="C"), "postgresql")


class Words(sql.TypeDecorator[str]):
    """What somebody else said: whatever it is, it can be kept."""

    impl = sql.Text
    cache_ok = True
    _UNKEPT = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL keeps no NUL, UTF-8 no surrogates

    def process_bind_param(self, value: str | None, dialect: sql.Dialect) -> str | None:
        return value if value is None else self._UNKEPT.sub("\N{REPLACEMENT CHARACTER}", value)


class Stated(sql.TypeDecorator[State]):
    """A delivery's state."""

    impl = sql.Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sql.Dialect) -> State | None:
        return value if value is None else State(value)


class Held(sql.TypeDecorator[HoldReason]):
    """The reason of a hold."""

    impl = sql.Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sql.Dialect) -> HoldReason | None:
        # a reason of a later version holds as strongly as there is
        known = value in HoldReason.__members__.values()
        return value if value is None else HoldReason(value) if known else HoldReason.OPTED_OUT


metadata = sql.MetaData()
meta = sql.Table(
    "meta",
    metadata,
    sql.Column("name", sql.Text, primary_key=True),
    sql.Column("value", sql.Text, nullable=False),
)
campaign = sql.Table(
    "campaign",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("first_sent", sql.Text, nullable=False),
)
delivery = sql.Table(
    "delivery",
    metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("identity", sql.Text, nullable=False, unique=True),
    sql.Column("base", sql.Text, nullable=False, index=True),  # the identity of its first round
    sql.Column("round", sql.Integer, nullable=False),  # 2 and more: sent again on purpose
    sql.Column("sender", sql.Text, nullable=False),
    sql.Column("campaign", sql.Text, nullable=False, index=True),
    sql.Column("recipient", sql.Text, nullable=False),
    sql.Column("channel", sql.Text, nullable=False),
    sql.Column("address", sql.Text, nullable=False),
    sql.Column("address_key", sql.Text, nullable=False),
    sql.Column("state", Stated, nullable=False),
    sql.Column("cause", sql.Text),
    sql.Column("note", Words),
    sql.Column("attempt", sql.Integer, nullable=False),
    sql.Column("reference", sql.Text),
    sql.Column("account", sql.Text),
    sql.Column("account_reference", Words),
    sql.Column("content", sql.Text),
    sql.Column("document", sql.Text),
    sql.Column("first_at", Stamp),
    sql.Column("claimed_at", Stamp),
    sql.Column("left_at", Stamp),
    sql.Column("next_at", Stamp),
    sql.Column("updated_at", Stamp, nullable=False),  # by a claim or an outcome, not by a wait
    sql.Column("claimant", sql.Text),  # who may be about to hand it over
    sql.Column("ordered", sql.Text),  # SHA-256 of the content that workers are to send
    sql.Column("terms", sql.Text),  # the approvals of a person
    sql.Column("endpoint", sql.Text),  # the server and the user that the claim was made to
    sql.Column("submitted_at", Stamp),  # by the account's own clock, where it says it
    sql.Index("ix_delivery_account", "account", "claimed_at"),
    sql.Index("ix_delivery_line", "address_key", "state", "updated_at"),
    sql.Index("ix_delivery_letter", "address_key", "content"),
)
event = sql.Table(
    "event",
    metadata,
    sql.Column("seq", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("at", Stamp, nullable=False),
    sql.Column("delivery", sql.Text, sql.ForeignKey("delivery.id"), nullable=False, index=True),
    sql.Column("event", sql.Text, nullable=False),
    sql.Column("cause", sql.Text),
    sql.Column("note", Words),
    sql.Column("attempt", sql.Integer, nullable=False),
    sql.Column("reference", sql.Text),
    sql.Column("account", sql.Text),
    sql.Column("account_reference", Words),
    sql.Column("raw", Words),
    sql.Column("pages", sql.Integer),
    sql.Column("seconds", sql.Float),
    sql.Column("station", Words),
    sql.Column("rate", sql.Integer),
    sql.Column("price", Words),
    sql.Column("document", sql.Text),
)
account = sql.Table(
    "account",
    metadata,
    sql.Column("name", sql.Text, primary_key=True),
    sql.Column("asked_at", Stamp),  # the last question
    sql.Column("silent_until", Stamp),  # it wants to be left alone
)
# who called a number to learn what answers there is asked before each letter, and hardly any did
CALLING = event.c.event == sql.literal_column("'calling'")
sql.Index("ix_event_calling", event.c.delivery, sqlite_where=CALLING, postgresql_where=CALLING)
hold = sql.Table(
    "hold",
    metadata,
    sql.Column("address_key", sql.Text, primary_key=True),
    sql.Column("reason", Held, nullable=False),
    sql.Column("at", Stamp, nullable=False),
    sql.Column("delivery", sql.Text, nullable=False),
)
