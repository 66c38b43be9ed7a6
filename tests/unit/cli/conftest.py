"""Commands without a process: templates are filled in right here."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxappeal.core.lifecycle import State
from faxappeal.delivery.context import CampaignContext
from faxappeal.ledger.location import default_path
from faxappeal.ledger.sqlite import SqliteStore
from tests.support import campaigns, ledgers
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import FakeClock
from tests.support.renderer import InProcess


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "template_process", InProcess)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.fixture
def sent(tmp_path: Path, clock: FakeClock) -> Path:
    """A campaign of two letters, of which the first was delivered and the second failed."""
    folder = write(tmp_path / "campaign", ["one +12025550101", "two +12025550102"])
    with SqliteStore(default_path()).open() as ledger:
        context = CampaignContext(loaded(folder), ledger, clock.now())
        ledger.start("test", clock.now().date())
        one, two = context.deliveries()
        ledgers.end(ledger, one, State.DELIVERED, clock.now(), "ours-1")
        ledgers.end(ledger, two, State.FAILED, clock.now(), "ours-2")
    return folder
