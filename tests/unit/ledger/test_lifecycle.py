"""The ledger refuses a forbidden change of a letter's state, and writes nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faxappeal.campaign.loading import ledger_section
from faxappeal.core.lifecycle import ForbiddenTransition, State
from faxappeal.ledger import Ledger
from faxappeal.ledger.location import store_of
from faxappeal.ledger.locking import lock
from faxappeal.providers.base import ProviderReport
from tests.support.clock import MORNING
from tests.support.ledgers import end, letter

ONE = letter()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """The one that the environment names: tests/integration/postgres runs these tests as well."""
    with store_of(ledger_section(tmp_path)).open() as ledger, lock(ledger, "a test"):
        yield ledger


def settled(ledger: Ledger, state: State) -> None:
    ledger.settle(ONE.id, state, MORNING, "a mistake")


def recorded(ledger: Ledger, state: State) -> None:
    ledger.attempts.record(ONE.id, "ours-1", state, MORNING, ProviderReport(raw="a mistake"))


def noted(ledger: Ledger, state: State) -> None:
    ledger.note(ONE.id, state, MORNING, note="a mistake")


@pytest.mark.parametrize(
    ("write_it", "before", "after"),
    [
        (settled, State.UNKNOWN, State.UNKNOWN),
        (settled, State.UNKNOWN, State.HELD),
        (recorded, State.ACCEPTED, State.PLANNED),
        (recorded, State.SUBMITTING, State.SUBMITTING),
        (recorded, State.RELAYED, State.ACCEPTED),
        (noted, State.PLANNED, State.ACCEPTED),
        (noted, State.HELD, State.FAILED),
    ],
)
def test_the_ledger_refuses_it_and_nothing_is_written(
    ledger: Ledger, write_it: Callable[[Ledger, State], None], before: State, after: State
) -> None:
    end(ledger, ONE, before, MORNING)
    record, events = ledger.queries.get(ONE.id), ledger.queries.events("test")
    with pytest.raises(ForbiddenTransition, match=f"{before} -> {after}"):
        write_it(ledger, after)
    assert ledger.queries.get(ONE.id) == record
    assert ledger.queries.events("test") == events
