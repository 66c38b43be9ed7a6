"""Rows that are written: in groups, and without losing what is stronger."""

from __future__ import annotations

import pytest

from faxappeal.core.lifecycle import HoldReason
from faxappeal.ledger import Ledger, rows, schema
from faxappeal.providers.base import ProviderReport
from tests.support.clock import MORNING
from tests.support.ledgers import NUMBER, key_of, letter, put_hold


@pytest.mark.parametrize(
    ("many", "sizes"),
    [
        (0, []),
        (1, [1]),
        (rows.AT_ONCE, [rows.AT_ONCE]),
        (rows.AT_ONCE + 1, [rows.AT_ONCE, 1]),
        (2 * rows.AT_ONCE + 3, [rows.AT_ONCE, rows.AT_ONCE, 3]),
    ],
    ids=["none", "one", "a full group", "one more", "several groups"],
)
def test_many_rows_are_written_in_groups_and_none_is_lost(many: int, sizes: list[int]) -> None:
    groups = list(rows.batches(iter(range(many))))
    assert [len(group) for group in groups] == sizes
    assert [item for group in groups for item in group] == list(range(many))


def test_a_letter_that_is_not_there_is_none_and_changes_nothing(ledger: Ledger) -> None:
    ledger.plan(letter(), MORNING)
    name = schema.delivery.c.id
    with ledger.transaction() as connection:
        assert rows.find(connection, name == "another") is None
        assert not rows.update(connection, {"note": "changed"}, name == "another")
        assert rows.find(connection, name == letter().id).note is None
        assert rows.update(connection, {"note": "changed"}, name == letter().id)
        assert rows.get_row(connection, letter().id).note == "changed"


@pytest.mark.parametrize(
    ("first", "then", "stands"),
    [
        (HoldReason.FAILING, HoldReason.VOICE, HoldReason.VOICE),
        (HoldReason.VOICE, HoldReason.FAILING, HoldReason.VOICE),
        (HoldReason.CALL, HoldReason.VOICE, HoldReason.VOICE),
        (HoldReason.VOICE, HoldReason.OPTED_OUT, HoldReason.OPTED_OUT),
        (HoldReason.OPTED_OUT, HoldReason.CALL, HoldReason.OPTED_OUT),
    ],
    ids=lambda value: str(value),
)
def test_a_weaker_hold_does_not_replace_a_stronger_one(
    ledger: Ledger, first: HoldReason, then: HoldReason, stands: HoldReason
) -> None:
    put_hold(ledger, first, MORNING)
    put_hold(ledger, then, MORNING)
    assert ledger.queries.hold(key_of(NUMBER)) is stands


def test_a_letter_is_held_by_its_address(ledger: Ledger) -> None:
    held, free = letter(campaign="other"), letter("+12025550102")
    ledger.plan_all([held, free], MORNING)
    put_hold(ledger, HoldReason.VOICE, MORNING)
    with ledger.reading() as connection:
        assert rows.is_held(connection, held.id)
        assert not rows.is_held(connection, free.id)
        assert not rows.is_held(connection, "no such letter")


@pytest.mark.parametrize(
    ("report", "raw"),
    [(None, None), (ProviderReport(), None), (ProviderReport(raw="BUSY"), "BUSY")],
    ids=["no report", "no words", "words"],
)
def test_an_account_that_said_nothing_leaves_no_words(
    ledger: Ledger, report: ProviderReport | None, raw: str | None
) -> None:
    ledger.plan(letter(), MORNING)
    with ledger.transaction() as connection:
        rows.log(connection, letter().id, "remark", MORNING, attempt=0, report=report)
    assert ledger.queries.events("test")[-1].raw == raw


def test_a_row_is_inserted_once_and_changed_then(ledger: Ledger) -> None:
    def written(name: str) -> list[tuple[str, str]]:
        with ledger.transaction() as connection:
            key, values = {"id": "test"}, {"first_sent": name}
            rows.upsert(connection, schema.campaign, key, values)
            found = connection.execute(schema.campaign.select())
            return [(row.id, row.first_sent) for row in found]

    assert written("2026-11-24") == [("test", "2026-11-24")]
    assert written("2026-11-25") == [("test", "2026-11-25")]
