"""Holds: what must not be called or written to, and what ends that."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
import sqlalchemy as sql

from faxappeal.campaign.loading import ledger_section
from faxappeal.core.lifecycle import STRENGTH, HoldReason
from faxappeal.ledger import Ledger, StillHeld, schema
from faxappeal.ledger.location import store_of
from tests.support.clock import FakeClock
from tests.support.ledgers import put_hold


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """The one that the environment names: tests/integration/postgres runs these tests as well."""
    with store_of(ledger_section(tmp_path)).open() as ledger:
        yield ledger


@pytest.mark.parametrize("order", list(permutations(STRENGTH)))
def test_the_strongest_hold_stands_in_whatever_order_they_come(
    ledger: Ledger, clock: FakeClock, order: tuple[str, ...]
) -> None:
    for reason in order:
        put_hold(ledger, HoldReason(reason), clock.now(), "key")
    assert ledger.queries.hold("key") == "opted out"
    put_hold(ledger, HoldReason.FAILING, clock.now(), "other")
    assert ledger.queries.holds() == {"key": "opted out", "other": "failing"}


@pytest.mark.parametrize(
    ("reason", "method", "ends"),
    [
        ("failing", "website", True),
        ("failing", "letterhead", True),
        ("failing", "call", True),
        ("call", "website", False),
        ("call", "letterhead", False),
        ("call", "call", True),
        ("voice", "website", False),
        ("voice", "letterhead", False),
        ("voice", "call", True),
        ("opted out", "website", False),
        ("opted out", "call", False),
    ],
)
def test_only_what_a_hold_asks_for_ends_it(
    ledger: Ledger, clock: FakeClock, reason: str, method: str, ends: bool
) -> None:
    put_hold(ledger, HoldReason.FAILING, clock.now(), "key")
    with ledger.transaction() as connection:
        connection.execute(schema.hold.update().values(reason=HoldReason(reason)))
    if ends:
        assert ledger.remove_hold("key", method, clock.now(), "checked") == reason
        assert ledger.queries.hold("key") is None
    else:
        with pytest.raises(StillHeld, match=reason):
            ledger.remove_hold("key", method, clock.now(), "checked")
        assert ledger.queries.hold("key") == reason


def test_a_hold_of_a_later_version_holds_as_strongly_as_there_is(
    ledger: Ledger, clock: FakeClock
) -> None:
    put_hold(ledger, HoldReason.FAILING, clock.now(), "key")
    with ledger.transaction() as connection:
        connection.execute(sql.text("UPDATE hold SET reason = 'of a later version'"))
    assert ledger.queries.hold("key") is HoldReason.OPTED_OUT
    with pytest.raises(StillHeld):
        ledger.remove_hold("key", "call", clock.now(), "checked")
