"""SignalWire through the `twilio` package: what goes out, and the package's traps, closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import signalwire
from tests.support.fakes.signalwire import SignalwireFake


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in signalwire.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def _in_office_hours(clock: FakeClock) -> None:
    clock.sleep(7 * 3600)


def campaign(tmp_path: Path, account: SignalwireFake, *recipients: str) -> Path:
    return write(
        tmp_path / "campaign",
        list(recipients) or ["one +12025550101"],
        settings=signalwire.settings(account),
    )


def test_the_account_fetches_the_document_once_and_it_is_removed(tmp_path: Path) -> None:
    web = tmp_path / "web"
    with signalwire.signalwire(web) as account:
        folder = campaign(tmp_path, account)
        first = run("send", "--yes", folder=folder)
        second = run("send", "--yes", folder=folder)
    assert first.code == 0, first
    assert "sent already" in second.out
    [document] = account.documents
    assert document.startswith(b"%PDF")
    assert len(account.faxes) == 1
    assert list(web.iterdir()) == [], "nothing stays on the web"


def test_the_environment_of_twilio_changes_neither_host_nor_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "TWILIO_REGION": "ie1",
        "TWILIO_EDGE": "dublin",
        "TWILIO_ACCOUNT_SID": "ACforeign",
        "TWILIO_AUTH_TOKEN": "foreign",
    }.items():
        monkeypatch.setenv(name, value)
    with signalwire.signalwire(tmp_path / "web") as account:
        ended = run("send", "--yes", folder=campaign(tmp_path, account))
    assert ended.code == 0, "the loopback guard would have seen another host"
    assert len(account.faxes) == 1
