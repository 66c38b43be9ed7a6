"""What every test stands on: loopback alone, no home folder, a clock in the hand."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.support import boundaries, campaigns, memory
from tests.support.campaigns import ROOT
from tests.support.clock import FakeClock
from tests.support.fakes import fax_accounts, sinch
from tests.support.servers import dns

pytest_plugins = ["tests.support.servers.fixtures", "tests.support.servers.mail_fixtures"]

memory.use()
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background ignores it
boundaries.loopback_only()


# A server is started once by each process of tests that needs it: tests of one server share one
_SERVERS = {
    "hylafax": {"hylafax"},
    "mail": {"mail_server", "postfix"},
    "postgres": {"postgres", "shared_ledger"},
}


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests of real servers wait most of their time."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        for group, fixtures in _SERVERS.items():
            if used & fixtures or f"either_ledger-{group}" in used:
                item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session", autouse=True)
def _writes(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests write in temporary folders, and pytest's plugins in theirs."""
    own = (ROOT / name for name in (".hypothesis", ".pytest_cache", ".servers", ".venv"))
    boundaries.may_write(tmp_path_factory.getbasetemp().parent, *own)


@pytest.fixture(autouse=True)
def _boundaries(_writes: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that writes outside its folders, or leaves a process behind, fails."""
    monkeypatch.setenv(boundaries.MARK, str(os.getpid()))
    monkeypatch.setenv(boundaries.FOLDERS, os.pathsep.join(boundaries.may_be_written()))
    monkeypatch.setenv("PYTHONPATH", str(boundaries.SITE), prepend=os.pathsep)
    processes = boundaries.Processes()
    with boundaries.writes_watched():
        yield
    left = processes.end()
    assert not left, f"left running: {list(left.values())}"


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
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    temporary = tmp_path_factory.mktemp("tmp")
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
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
