"""Forgetting: which letters are over, what is left of them, and which documents are still needed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from faxappeal.core.lifecycle import HoldReason, State
from faxappeal.ledger import Ledger
from faxappeal.ledger.purge import Scrubbed
from faxappeal.providers.base import ProviderReport
from tests.support.clock import MORNING
from tests.support.ledgers import (
    MAILBOX,
    NUMBER,
    claim,
    end,
    events_of,
    key_of,
    letter,
    put_hold,
    state_of,
)

DAY = timedelta(days=1)
NOW = MORNING + 100 * DAY
REPORT = ProviderReport("theirs-77", "COMPLETED at last", 1, 30.5, "THE FAR END", 9600, "0.07 USD")
WORDS = (b"theirs-77", b"COMPLETED at last", b"THE FAR END", b"2025550101", b"a person's note")


def purge(ledger: Ledger, older_than: timedelta = 28 * DAY) -> Scrubbed:
    return ledger.purge(NOW - older_than, NOW)


@pytest.mark.parametrize(
    ("address", "state", "age", "is_over"),
    [
        (NUMBER, State.DELIVERED, 29, True),
        (NUMBER, State.DELIVERED, 27, False),
        (NUMBER, State.FAILED, 29, True),
        (NUMBER, State.UNKNOWN, 29, True),
        (NUMBER, State.ACCEPTED, 99, False),
        (NUMBER, State.SUBMITTING, 99, False),
        (NUMBER, State.WAITING, 99, False),
        (NUMBER, State.PLANNED, 99, False),
        (NUMBER, State.HELD, 99, False),
        (MAILBOX, State.DELIVERED, 29, True),
        (MAILBOX, State.ACCEPTED, 29, True),
        (MAILBOX, State.RELAYED, 29, True),
        (MAILBOX, State.SUBMITTING, 99, False),
    ],
)
def test_a_letter_that_ended_long_ago_is_scrubbed(
    ledger: Ledger, address: str, state: State, age: int, is_over: bool
) -> None:
    end(ledger, letter(address), state, NOW - age * DAY)
    expected = {"test": 1} if is_over else {}
    assert ledger.to_purge(NOW - 28 * DAY, NOW) == expected
    scrubbed = purge(ledger)
    assert (scrubbed.letters, scrubbed.kept) == ((1, 0) if is_over else (0, 1))
    assert state_of(ledger, letter(address)) is state


@pytest.mark.parametrize(
    ("state", "age", "is_over"),
    [
        (State.ACCEPTED, 13, False),
        (State.ACCEPTED, 15, True),
        (State.RELAYED, 13, False),
        (State.RELAYED, 15, True),
        (State.DELIVERED, 13, True),
        (State.FAILED, 13, True),
    ],
)
def test_an_e_mail_that_may_still_come_back_is_kept_for_two_weeks(
    ledger: Ledger, state: State, age: int, is_over: bool
) -> None:
    """Whatever shorter time a person asks for."""
    end(ledger, letter(MAILBOX), state, NOW - age * DAY)
    assert purge(ledger, older_than=DAY).letters == is_over


def test_the_words_and_the_number_are_gone_from_the_files(ledger: Ledger) -> None:
    one = letter()
    end(ledger, one, State.DELIVERED, MORNING, report=REPORT)
    ledger.add_event(one.id, "remark", MORNING, "a person's note")

    def found() -> set[bytes]:
        data = b"".join(path.read_bytes() for path in ledger.folder.glob("ledger*"))
        return {word for word in WORDS if word in data}

    # the letter's own keys are readable in a test alone
    with ledger.transaction() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql(
            "UPDATE delivery SET id = 'x', identity = 'x', base = 'x', address_key = 'x'"
        )
        connection.exec_driver_sql("UPDATE event SET delivery = 'x'")
    assert found() == set(WORDS)
    assert purge(ledger).letters == 1
    assert found() == set()


def test_what_keeps_a_letter_from_going_twice_stays(ledger: Ledger) -> None:
    one = letter()
    end(ledger, one, State.DELIVERED, MORNING, report=REPORT)
    put_hold(ledger, HoldReason.VOICE, MORNING)
    before = ledger.queries.get(one.id)
    purge(ledger)
    record, event = ledger.queries.get(one.id), ledger.queries.events("test")[-2]
    assert before and record and (record.address, record.account_reference) == ("", None)
    assert (record.state, record.content, record.base) == (
        before.state,
        before.content,
        before.base,
    )
    assert record.updated_at == before.updated_at
    assert (event.pages, event.seconds, event.price) == (1, 30.5, "0.07 USD")
    assert ledger.queries.hold(key_of(NUMBER)) is HoldReason.VOICE
    assert ledger.queries.bases("test") == {key_of(NUMBER): one.base}


def test_a_letter_is_scrubbed_once(ledger: Ledger) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING)
    assert [purge(ledger).letters, purge(ledger).letters] == [1, 0]
    assert events_of(ledger)[-2:] == ["delivered", "purged"]


def test_the_letters_of_each_campaign_are_counted_before(ledger: Ledger) -> None:
    for campaign, number in (("b", "01"), ("a", "02"), ("b", "03")):
        one = letter(f"+120255501{number}", campaign=campaign)
        end(ledger, one, State.DELIVERED, MORNING)
    ledger.plan(letter(campaign="c"), MORNING)
    assert list(ledger.to_purge(NOW, NOW).items()) == [("a", 1), ("b", 2)]


def test_a_document_is_needed_as_long_as_one_letter_has_it(ledger: Ledger) -> None:
    """Also an earlier attempt's."""
    end(ledger, letter(), State.DELIVERED, MORNING, document="a" * 64)
    end(ledger, letter(MAILBOX), State.DELIVERED, MORNING, document="b" * 64)
    waiting = letter("+12025550102")
    end(ledger, waiting, State.WAITING, MORNING, document="b" * 64)
    end(ledger, waiting, State.WAITING, MORNING, "ours-2", document="c" * 64)
    scrubbed = purge(ledger)
    assert scrubbed == Scrubbed(letters=2, kept=1, documents=frozenset({"b" * 64, "c" * 64}))


def test_a_purged_unknown_that_goes_again_has_its_number_again(ledger: Ledger) -> None:
    """After a crash the account is asked by it."""
    one = letter()
    end(ledger, one, State.UNKNOWN, MORNING)
    purge(ledger)
    ledger.settle(one.id, State.WAITING, NOW, "not sent")
    assert claim(ledger, one, NOW, "ours-2")
    record = ledger.queries.get(one.id)
    assert record and record.address == NUMBER
