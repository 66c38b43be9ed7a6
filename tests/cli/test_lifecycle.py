"""The ledger refuses a forbidden change of a letter's state."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from faxappeal.campaign.loading import ledger_section
from faxappeal.core.lifecycle import (
    ForbiddenTransition,
    State,
)
from faxappeal.ledger import Ledger, schema
from faxappeal.ledger.location import store_of
from faxappeal.providers.base import ProviderReport
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch


@pytest.mark.usefixtures("office_hours")
def test_the_ledger_refuses_it_and_nothing_is_written(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock
) -> None:
    folder = write(tmp_path, settings=sinch.settings(account))
    assert run("send", "--yes", folder=folder).code == 0
    with store_of(ledger_section(folder)).open() as ledger:
        [record] = ledger.queries.records("test")
        before = ledger.queries.events("test")
        for write_it in (
            lambda: ledger.settle(record.id, State.UNKNOWN, clock.now(), "a mistake"),
            lambda: _record_again(ledger, record.id, record.reference or "", clock),
        ):
            with (
                ledger.transaction() as connection
            ):  # as if it had been settled, or were on the line
                connection.execute(schema.delivery.update().values(state=State.UNKNOWN))
            with pytest.raises(ForbiddenTransition):
                write_it()
        assert ledger.queries.events("test") == before


def _record_again(ledger: Ledger, id: str, reference: str, clock: FakeClock) -> None:
    with ledger.transaction() as connection:
        connection.execute(schema.delivery.update().values(state=State.ACCEPTED))
    ledger.attempts.record(
        id, reference, State.PLANNED, clock.now() + timedelta(1), ProviderReport(raw="a mistake")
    )
