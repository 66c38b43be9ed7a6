"""The machine's own trouble: a full disk, a ledger that cannot be written. Nothing is lost by it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from faxappeal.ledger.location import default_path
from tests.chaos import kill_helper
from tests.support.campaigns import run, write
from tests.support.clock import MORNING, FakeClock
from tests.support.fakes import sinch

START = MORNING + timedelta(hours=7)  # 10 o'clock in New York
PEOPLE = [f"r{n} +1202555010{n}" for n in range(4)]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="limits and permissions are set as Linux has them"
)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[sinch.SinchFake]:
    clock.moment = START
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with sinch.sinch() as account:
        yield account


def program(
    folder: Path, *words: str, before: Callable[[], None]
) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, that meets with trouble."""
    return kill_helper.start("never", START, folder, *words, before=before)


@pytest.mark.parametrize("kilobytes", [3, 80, 180, 220, 260, 300, 340, 380, 420, 600])
def test_a_disk_that_is_full_at_whatever_moment_loses_and_doubles_nothing(
    tmp_path: Path, account: sinch.SinchFake, clock: FakeClock, kilobytes: int
) -> None:
    """A limit on the size of files stands in for the full disk. Afterwards there is room again."""
    import resource

    folder = write(tmp_path, PEOPLE, settings=sinch.settings(account))
    limit = kilobytes * 1024
    ended = program(
        folder,
        *("send", "--yes"),
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert "Traceback" not in ended.stderr
    if ended.returncode != 0:
        assert ended.returncode == 5, ended
        assert ended.stderr.startswith("Error: ") and "\nHint: " in ended.stderr
    else:
        assert kilobytes > 400, "so little room is not enough for four letters"
    clock.sleep(300)
    assert run("send", "--yes", folder=folder).code == 0
    assert Counter(fax["to"][-1] for fax in account.faxes) == Counter("0123")


def test_preview_needs_no_disk(tmp_path: Path) -> None:
    import resource

    ended = program(
        write(tmp_path, PEOPLE[:1]),
        "preview",
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    assert ended.returncode == 0 and "s on the line at 14,400 bit/s" in ended.stdout, ended


def obey_permissions() -> None:
    """Root may do anything, unless it gives that up (capabilities(7): CAP_DAC_OVERRIDE)."""
    if os.getuid() == 0:
        drop, override = 24, 1  # PR_CAPBSET_DROP
        if ctypes.CDLL(None).prctl(drop, override, 0, 0, 0):
            raise OSError("the right to write anywhere cannot be given up")


@pytest.fixture
def read_only() -> Iterator[Callable[[], None]]:
    """Takes the right to write from the ledger and its folder, until the test ends."""
    path = default_path()

    def take() -> None:
        for file in path.parent.iterdir():
            file.chmod(0o500 if file.is_dir() else 0o400)
        path.parent.chmod(0o500)

    yield take
    path.parent.chmod(0o700)
    for file in path.parent.iterdir():
        file.chmod(0o700 if file.is_dir() else 0o600)


def test_a_ledger_that_may_only_be_read_is_told_of_and_nothing_leaves(
    tmp_path: Path, account: sinch.SinchFake, read_only: Callable[[], None]
) -> None:
    folder = write(tmp_path, PEOPLE, settings=sinch.settings(account))
    run("send", "--yes", "--to", "r0", folder=folder)
    read_only()
    ended = program(folder, "send", "--yes", before=obey_permissions)
    assert ended.returncode == 5 and "Traceback" not in ended.stderr
    assert ended.stderr.startswith("Error: the ledger cannot be opened: Permission denied (")
    assert "Hint: look at the folder's permissions" in ended.stderr
    assert len(account.faxes) == 1
    looked = program(folder, "status", before=obey_permissions)
    assert looked.returncode == 3 and "sent already: delivered" in looked.stdout, looked
    assert program(folder, "log", before=obey_permissions).returncode == 0


def test_a_lock_that_cannot_be_taken_stops_the_run_before_anything_leaves(
    tmp_path: Path, account: sinch.SinchFake
) -> None:
    folder = write(tmp_path, PEOPLE, settings=sinch.settings(account))
    run("send", "--yes", "--to", "r0", folder=folder)
    (default_path().parent / "lock").chmod(0o400)
    ended = program(folder, "send", "--yes", before=obey_permissions)
    assert ended.returncode == 5 and "the ledger cannot be locked" in ended.stderr
    assert len(account.faxes) == 1


@pytest.mark.parametrize("words", [("send", "--yes"), ("status",), ("log",), ("purge",)])
def test_no_command_touches_a_ledger_of_a_newer_version(
    tmp_path: Path, account: sinch.SinchFake, words: tuple[str, ...]
) -> None:
    import sqlite3

    folder = write(tmp_path, PEOPLE, settings=sinch.settings(account))
    run("send", "--yes", "--to", "r0", folder=folder)
    connection = sqlite3.connect(default_path())
    connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    connection.commit()
    connection.close()
    before = default_path().read_bytes()
    ended = run(*words, folder=folder)
    assert ended.code == 5 and "made by a newer faxappeal" in ended.err, ended
    assert "Hint: install the newest" in ended.err
    assert default_path().read_bytes() == before and len(account.faxes) == 1
