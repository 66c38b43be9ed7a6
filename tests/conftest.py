"""What every test stands on: loopback alone, no home folder, a clock in the hand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.support import boundaries, campaigns
from tests.support.campaigns import ROOT
from tests.support.clock import FakeClock
from tests.support.fakes import fax_accounts, sinch
from tests.support.servers import dns

pytest_plugins = ["tests.support.servers.fixtures", "tests.support.servers.mail_fixtures"]

boundaries.loopback_only()


@pytest.fixture(autouse=True)
def nobody(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of nobody: no settings, secrets or ledger of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("FAXAPPEAL_", "TWILIO_", "XDG_")) and name != "FAXAPPEAL_SPECS":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr("dns.resolver.default_resolver", dns.resolver())  # nobody answers
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    return home


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClock]:
    """The clock that the commands see: a Tuesday morning in Berlin."""
    clock = FakeClock()
    monkeypatch.setattr(campaigns, "clock", clock)
    yield clock


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of the project's own campaign, the appeal of 2003."""
    folder = tmp_path / "campaign"
    folder.mkdir()
    for name in ("recipients.yaml", "letter.j2", "faxappeal.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def office_hours(clock: FakeClock) -> None:
    """Ten o'clock in New York."""
    clock.sleep(7 * 3600)


@pytest.fixture
def account(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[sinch.SinchFake]:
    """A fax account, with its secrets in the environment."""
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with sinch.sinch() as account:
        yield account


@pytest.fixture
def provider(name: str, office_hours: None, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The stand-in of the fax account that a test is parametrized with, in office hours."""
    chosen = fax_accounts()[name]
    for variable, value in chosen.ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    return chosen
