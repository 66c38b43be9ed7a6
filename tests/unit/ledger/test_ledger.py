"""The ledger: what is planned, what people say of it, and what is said when it cannot be written."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
import sqlalchemy as sql

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause, HoldReason, State
from faxappeal.ledger import Ledger, rows
from faxappeal.ledger.locking import FileLocking
from faxappeal.ledger.sqlite import SqliteStore
from faxappeal.providers.base import ProviderReport
from tests.support.clock import MORNING
from tests.support.ledgers import (
    CONTENT,
    MAILBOX,
    claim,
    end,
    events_of,
    key_of,
    letter,
    put_hold,
    state_of,
)

LATER = MORNING + timedelta(hours=1)


# -- what is planned -------------------------------------------------------------------------------


def test_a_planned_letter_has_a_record(ledger: Ledger) -> None:
    record = ledger.plan(letter(recipient="embassy", sender="hash of a sender"), MORNING)
    assert (record.recipient, record.channel, record.address) == ("embassy", "fax", "+12025550101")
    assert (record.campaign, record.sender, record.round) == ("test", "hash of a sender", 1)
    assert (record.state, record.attempt, record.updated_at) == (State.PLANNED, 0, MORNING)
    assert (record.reference, record.first_at, record.cause) == (None, None, None)


def test_a_letter_that_is_planned_again_stays_as_it_is(ledger: Ledger) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING)
    record = ledger.plan(letter(), LATER)
    assert record.state is State.DELIVERED
    assert events_of(ledger).count("planned") == 1


def test_of_many_letters_those_that_are_new_are_planned(ledger: Ledger) -> None:
    """In more than one transaction, and one letter twice in the same list."""
    many = [letter(f"office{number}@example.org") for number in range(rows.AT_ONCE + 2)]
    ledger.plan_all(many[:3], MORNING)
    ledger.plan_all([*many, many[-1]], LATER)
    records = ledger.queries.records("test")
    assert [record.address for record in records] == [each.address for each in many]
    assert [record.updated_at for record in records[2:4]] == [MORNING, LATER]


def test_the_day_of_the_first_letter_stays(ledger: Ledger) -> None:
    ledger.start("test", date(2026, 11, 24))
    ledger.start("test", date(2026, 12, 1))
    assert ledger.queries.first_sent("test") == date(2026, 11, 24)


def test_workers_find_the_letter_and_what_a_person_agreed_to(ledger: Ledger) -> None:
    one, two = letter(), letter(MAILBOX, recipient="two")
    ledger.plan_all([one, two], MORNING)
    ledger.queue_for_workers({one.id: CONTENT}, {one.id: "accepted", two.id: "unused"})
    records = ledger.queries.records("test")
    assert [(record.ordered, record.terms) for record in records] == [
        (CONTENT, "accepted"),
        (None, None),
    ]


# -- held, waiting, free again ---------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.HELD, State.WAITING, State.PLANNED])
def test_a_letter_that_has_not_left_is_noted(ledger: Ledger, state: State) -> None:
    record = ledger.plan(letter(), MORNING)
    ledger.note(record.id, state, LATER, note="why", cause=Cause.BUSY, next_at=LATER)
    noted = ledger.queries.get(record.id)
    assert noted
    assert (noted.state, noted.note, noted.cause, noted.next_at) == (state, "why", "busy", LATER)
    assert noted.updated_at == MORNING, "a wait is no call to the number"


def test_the_same_note_twice_is_one_event(ledger: Ledger) -> None:
    record = ledger.plan(letter(), MORNING)
    for note in ("voice", "voice", "opted out", "opted out"):
        ledger.note(record.id, State.HELD, MORNING, note=note)
    assert events_of(ledger) == ["planned", "held", "held"]


@pytest.mark.parametrize(
    "state", [State.SUBMITTING, State.ACCEPTED, State.DELIVERED, State.FAILED, State.UNKNOWN]
)
def test_a_letter_that_has_left_is_not_noted(ledger: Ledger, state: State) -> None:
    end(ledger, letter(), state, MORNING)
    before = ledger.queries.events("test")
    ledger.note(letter().id, State.HELD, LATER, note="too late")
    assert state_of(ledger, letter()) is state
    assert ledger.queries.events("test") == before


@pytest.mark.parametrize(
    ("state", "is_queued"), [(State.HELD, False), (State.WAITING, True)], ids=["held", "waiting"]
)
def test_a_letter_that_is_held_leaves_the_workers_queue(
    ledger: Ledger, state: State, is_queued: bool
) -> None:
    record = ledger.plan(letter(), MORNING)
    ledger.queue_for_workers({record.id: CONTENT}, {record.id: "yes"})
    ledger.note(record.id, state, LATER)
    assert [each.id for each in ledger.queries.ordered("test")] == [record.id] * is_queued


# -- what a person found out -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "is_settled"),
    [
        (State.UNKNOWN, True),
        (State.PLANNED, False),
        (State.SUBMITTING, False),
        (State.ACCEPTED, False),
        (State.DELIVERED, False),
        (State.FAILED, False),
        (State.WAITING, False),
        (State.HELD, False),
    ],
)
def test_a_person_settles_what_is_unknown_and_nothing_else(
    ledger: Ledger, before: State, is_settled: bool
) -> None:
    end(ledger, letter(), before, MORNING)
    assert ledger.settle(letter().id, State.DELIVERED, LATER, "they called") is is_settled
    assert state_of(ledger, letter()) is (State.DELIVERED if is_settled else before)
    notes = [event.note for event in ledger.queries.events("test")]
    assert ("they called" in notes) is is_settled


def test_what_was_not_sent_and_was_sent_again_since_does_not_wait(ledger: Ledger) -> None:
    end(ledger, letter(), State.UNKNOWN, MORNING)
    end(ledger, letter(round=2), State.DELIVERED, LATER, "ours-2")
    assert ledger.settle(letter().id, State.WAITING, LATER, "they said")
    assert state_of(ledger, letter()) is State.FAILED


def test_nothing_is_settled_of_a_letter_that_is_not_known(ledger: Ledger) -> None:
    assert not ledger.settle("no such letter", State.DELIVERED, MORNING, "")


@pytest.mark.parametrize(
    ("first", "second"),
    [(State.WAITING, State.DELIVERED), (State.DELIVERED, State.WAITING)],
    ids=["not sent, then delivered", "delivered, then not sent"],
)
def test_a_person_may_find_out_better(ledger: Ledger, first: State, second: State) -> None:
    end(ledger, letter(), State.UNKNOWN, MORNING)
    assert ledger.settle(letter().id, first, LATER, "they said")
    assert ledger.settle(letter().id, second, LATER, "they said better")
    assert state_of(ledger, letter()) is second
    assert events_of(ledger)[-4:] == ["resolved", first, "resolved", second]


def test_what_was_settled_and_sent_again_is_settled_no_more(ledger: Ledger) -> None:
    one = letter()
    end(ledger, one, State.UNKNOWN, MORNING)
    ledger.settle(one.id, State.WAITING, LATER, "not sent")
    assert claim(ledger, one, LATER, "ours-2")
    assert not ledger.settle(one.id, State.DELIVERED, LATER, "it came after all")


def test_a_settled_letter_leaves_the_workers_queue(ledger: Ledger) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    ledger.queue_for_workers({one.id: CONTENT}, {one.id: "yes"})
    end(ledger, one, State.UNKNOWN, MORNING)
    ledger.settle(one.id, State.WAITING, LATER, "not sent")
    assert ledger.queries.ordered("test") == []


# -- holds and remarks -----------------------------------------------------------------------------


def test_the_end_of_a_hold_stands_in_the_log_of_the_letter_that_made_it(ledger: Ledger) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    put_hold(ledger, HoldReason.FAILING, MORNING, delivery=one.id)
    assert ledger.remove_hold(key_of(one.address), "website", LATER, "looked there") == "failing"
    last = ledger.queries.events("test")[-1]
    assert (last.event, last.note, last.at) == ("lifted", "looked there", LATER)


def test_an_address_without_a_hold_has_none_to_end(ledger: Ledger) -> None:
    assert ledger.remove_hold("key", "call", MORNING, "") is None


def test_a_remark_changes_no_state(ledger: Ledger) -> None:
    before = ledger.plan(letter(), MORNING)
    report = ProviderReport("theirs-1", "landline", price="0.01 USD")
    ledger.add_event(before.id, "lookup", LATER, "valid", account="twilio", report=report)
    last = ledger.queries.events("test")[-1]
    assert (last.event, last.note, last.account, last.raw) == (
        "lookup",
        "valid",
        "twilio",
        "landline",
    )
    assert (last.account_reference, last.price) == ("theirs-1", "0.01 USD")
    assert ledger.queries.get(before.id) == before


# -- all or nothing, and what is said of trouble ---------------------------------------------------


def test_a_change_that_is_interrupted_was_never_made(ledger: Ledger) -> None:
    with pytest.raises(KeyboardInterrupt), ledger.transaction() as connection:
        rows.plan(connection, [letter()], MORNING)
        raise KeyboardInterrupt
    assert ledger.queries.get(letter().id) is None


def test_what_cannot_be_written_is_said_with_the_folder(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "ledger.db")
    store.open().close()
    looked = store.read() or pytest.fail("no ledger")
    with looked, pytest.raises(SetupError) as refused:
        looked.start("test", date(2026, 11, 24))
    assert "the ledger cannot be written: attempt to write a readonly" in refused.value.message
    assert str(tmp_path) in refused.value.hint and "nothing was lost" in refused.value.hint


def test_what_cannot_be_read_is_said(ledger: Ledger) -> None:
    with ledger.transaction() as connection:
        connection.execute(sql.text("DROP TABLE hold"))
    with pytest.raises(SetupError, match="the ledger cannot be read: no such table"):
        ledger.queries.holds()


def test_a_database_that_is_gone_is_said_in_one_line(tmp_path: Path) -> None:
    def connect() -> NoReturn:
        raise psycopg.OperationalError("the connection is lost\nDETAIL: of no use to a person")

    engine = sql.create_engine("postgresql+psycopg://", creator=connect)
    ledger = Ledger(engine, b"", tmp_path, tmp_path, FileLocking(tmp_path))
    with pytest.raises(SetupError) as refused:
        ledger.queries.holds()
    assert refused.value.message == "the ledger cannot be read: the connection is lost"
    assert refused.value.hint.startswith("is the database up")


class Refusal(sqlite3.Error):
    """As a database's library raises it."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("refused")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("kind", "sqlstate", "is_trouble"),
    [
        (sql.exc.OperationalError, "53100", True),
        (sql.exc.InterfaceError, None, True),
        (sql.exc.InternalError, "25006", True),
        (sql.exc.ProgrammingError, "42501", True),
        (sql.exc.ProgrammingError, "42601", False),
        (sql.exc.IntegrityError, "23505", False),
        (sql.exc.DataError, None, False),
    ],
    ids=["disk full", "gone", "read only", "not allowed", "wrong SQL", "twice", "wrong value"],
)
def test_the_world_s_trouble_is_told_from_our_mistakes(
    ledger: Ledger, kind: type[sql.exc.DBAPIError], sqlstate: str | None, is_trouble: bool
) -> None:
    expected: Any = SetupError if is_trouble else kind
    with pytest.raises(expected), ledger.transaction():
        raise kind("SELECT", {}, Refusal(sqlstate))
