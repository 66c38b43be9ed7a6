"""The lock of a ledger in a file, and what is said to the second who wants it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faxappeal.core.errors import ExitCode, SetupError
from faxappeal.ledger import Ledger
from faxappeal.ledger.locking import WORKER, FileLocking, LedgerLocked, busy, lock
from faxappeal.ledger.sqlite import SqliteStore


@pytest.mark.parametrize("shared", [True, False], ids=["a worker", "a sender"])
def test_one_process_sends_at_a_time_and_the_second_hears_which(
    ledger: Ledger, shared: bool
) -> None:
    first = lock(ledger, "campaign other, since 10:02")
    with first, pytest.raises(LedgerLocked) as refused, lock(ledger, "second", shared=shared):
        pytest.fail("two hold it")
    said = f"another faxappeal is sending just now: process {os.getpid()}, campaign other, since"
    assert said in refused.value.message
    assert (refused.value.code, refused.value.exit_code) == ("busy", ExitCode.SETUP)


def test_the_lock_is_free_after_its_holder_however_that_ends(ledger: Ledger) -> None:
    with pytest.raises(KeyboardInterrupt), lock(ledger, "first"):
        raise KeyboardInterrupt
    with lock(ledger, "second"):
        pass


def test_the_lock_is_for_its_owner_alone(ledger: Ledger) -> None:
    with lock(ledger, "first"):
        modes = {path.stat().st_mode & 0o777 for path in ledger.folder.glob("lock*")}
    assert modes == {0o600}


def test_a_holder_whose_name_cannot_be_written_holds_it_all_the_same(ledger: Ledger) -> None:
    (ledger.folder / "lock.holder").mkdir()
    with lock(ledger, "first"), pytest.raises(LedgerLocked, match="has not said which"):
        ledger.locking.hold("second", shared=False).__enter__()


def test_a_lock_that_cannot_be_made_is_said_with_its_folder(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(SetupError, match="the ledger cannot be locked") as refused:
        FileLocking(tmp_path).hold("first", shared=False).__enter__()
    assert not isinstance(refused.value, LedgerLocked)
    assert str(tmp_path) in refused.value.hint


@pytest.mark.parametrize("is_taken", [True, False], ids=["another has it", "free"])
def test_who_removes_the_lock_lets_no_second_one_in(ledger: Ledger, is_taken: bool) -> None:
    other = FileLocking(ledger.folder)
    with lock(ledger, "first"), ledger.transaction() as connection:
        (ledger.folder / "lock").unlink()
        assert not ledger.locking.is_held(connection), "nothing leaves"
        if is_taken:
            with other.hold("second", shared=False), pytest.raises(LedgerLocked, match="second"):
                ledger.locking.renew()
        else:
            ledger.locking.renew()
            assert ledger.locking.is_held(connection)
            with pytest.raises(LedgerLocked, match="first"):
                other.hold("second", shared=False).__enter__()


def test_a_ledger_by_two_names_has_one_lock(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    SqliteStore(tmp_path / "one" / "ledger.db").open().close()
    (tmp_path / "two" / "ledger.db").symlink_to(tmp_path / "one" / "ledger.db")
    with (
        SqliteStore(tmp_path / "one" / "ledger.db").open() as one,
        SqliteStore(tmp_path / "two" / "ledger.db").open() as two,
        lock(one, "first"),
        pytest.raises(LedgerLocked, match="first"),
        lock(two, "second"),
    ):
        pytest.fail("two hold it")


def test_a_file_s_lock_is_kept_by_the_system(ledger: Ledger) -> None:
    """So nothing has to be renewed, and all that was claimed before is given up."""
    locking = ledger.locking
    with lock(ledger, "first"), ledger.transaction() as connection:
        locking.renew()
        assert locking.is_held(connection) and locking.is_gone(connection, "a name")
        assert locking.claimant is None and not locking.slack


@pytest.mark.parametrize(
    ("holder", "message", "hint"),
    [
        ("process 7, campaign a", "just now: process 7, campaign a", "stop it there (Ctrl-C)"),
        ("", "just now: it has not said which", "stop it there (Ctrl-C)"),
        (f"{WORKER}host, from 192.0.2.7", "just now: worker of host, from 192", "send --enqueue"),
    ],
    ids=["a sender", "unknown", "workers"],
)
def test_who_sends_decides_what_helps(holder: str, message: str, hint: str) -> None:
    refused = busy(holder)
    assert message in refused.message and hint in refused.hint
