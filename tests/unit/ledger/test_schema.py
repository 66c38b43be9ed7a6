"""The tables: whatever somebody else said can be kept, and a later version's words are read."""

from __future__ import annotations

import pytest
import sqlalchemy as sql
from sqlalchemy.schema import CreateIndex, CreateTable

from faxappeal.core.lifecycle import STRENGTH, HoldReason, State
from faxappeal.ledger import Ledger, schema
from faxappeal.providers.base import ProviderReport
from tests.support.clock import MORNING
from tests.support.ledgers import end, letter, put_hold, state_of

POSTGRESQL = sql.create_engine("postgresql+psycopg://")  # to write its SQL, not to connect
KEPT = [
    ("a\x00b", "a�b"),
    ("a\udc80b", "a�b"),
    ("\ud83d\ude00", "��"),
    ("a normal sentence", "a normal sentence"),
    ("Grüße, 你好 😀", "Grüße, 你好 😀"),
    ("two\nlines\t\x1b", "two\nlines\t\x1b"),
    ("", ""),
    (None, None),
]
NAMES = ["null", "surrogate", "two surrogates", "ASCII", "Unicode", "control", "empty", "none"]


@pytest.mark.parametrize(("said", "kept"), KEPT, ids=NAMES)
def test_what_somebody_said_is_kept_whatever_it_is(
    ledger: Ledger, said: str | None, kept: str | None
) -> None:
    record = ledger.plan(letter(), MORNING)
    report = ProviderReport(said, station=said, price=said)
    ledger.add_event(record.id, "remark", MORNING, said, report=report)
    last = ledger.queries.events("test")[-1]
    assert (last.note, last.account_reference, last.station, last.price) == (kept,) * 4


@pytest.mark.parametrize("state", list(State))
def test_a_state_is_read_as_it_was_written(ledger: Ledger, state: State) -> None:
    if state is State.HELD:
        ledger.plan(letter(), MORNING)
        ledger.note(letter().id, state, MORNING)
    else:
        end(ledger, letter(), state, MORNING)
    assert state_of(ledger, letter()) is state


@pytest.mark.parametrize("reason", [*STRENGTH, "a reason of a later version"])
def test_a_hold_that_is_not_known_is_as_strong_as_there_is(ledger: Ledger, reason: str) -> None:
    put_hold(ledger, HoldReason.FAILING, MORNING)
    with ledger.transaction() as connection:
        connection.execute(sql.text("UPDATE hold SET reason = :reason"), {"reason": reason})
    [read] = ledger.queries.holds().values()
    assert read == (reason if reason in STRENGTH else "opted out")


def test_an_event_belongs_to_a_letter(ledger: Ledger) -> None:
    row = {"at": "2026", "delivery": "no such letter", "event": "remark", "attempt": 0}
    with pytest.raises(sql.exc.IntegrityError), ledger.transaction() as connection:
        connection.execute(schema.event.insert(), row)


def test_postgresql_sorts_moments_as_sqlite_does() -> None:
    """By their bytes, not as a language would."""
    table = str(CreateTable(schema.event).compile(POSTGRESQL))
    assert 'at TEXT COLLATE "C" NOT NULL' in table


def test_postgresql_has_the_small_index_of_check_calls_as_well() -> None:
    [index] = [each for each in schema.event.indexes if each.name == "ix_event_calling"]
    written = str(CreateIndex(index).compile(POSTGRESQL))
    assert written.endswith("WHERE event = 'calling'")
