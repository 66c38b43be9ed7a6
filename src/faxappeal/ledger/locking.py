"""Who may send from a ledger now, and the sign of life of whoever does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..core import files
from ..core.errors import SetupError

if TYPE_CHECKING:
    from filelock import BaseFileLock
    from sqlalchemy.engine import Connection

    from . import Ledger


WORKER = "worker of "  # so the holder's name begins


class LedgerLocked(SetupError):
    """Another process has the ledger's lock."""

    code = "busy"


class Locking(Protocol):
    """How the processes that use one ledger keep out of each other's way."""

    # whoever holds the lock; what it claims carries the name
    @property
    def claimant(self) -> str | None: ...

    # so long after its first byte a letter may still be being handed over by somebody who has lost
    # the lock, and does not know it yet
    @property
    def slack(self) -> timedelta: ...

    def hold(self, who: str, *, shared: bool) -> AbstractContextManager[None]:
        """Hold the lock; LedgerLocked where it is held, and not shared by both."""

    def renew(self) -> None:
        """Hold it again where it was lost; LedgerLocked if that cannot be."""

    def is_held(self, connection: Connection) -> bool:
        """Whether it is still held, as of the transaction."""

    def is_gone(self, connection: Connection, claimant: str | None) -> bool:
        """Whether whoever made a claim cannot be about to hand it over any more."""


def lock(ledger: Ledger, who: str, *, shared: bool = False) -> AbstractContextManager[None]:
    """Only one process sends from this ledger; LedgerLocked, naming it, for the second.

    `who` says for whom it is held, for whoever finds it so. Where the ledger can be shared, those
    who want no more than that do not hinder each other.
    """
    return ledger.locking.hold(who, shared=shared)


class FileLocking:
    """Of a ledger in a file: one process at a time, whatever it wants."""

    claimant = None
    slack = timedelta(0)

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: BaseFileLock | None = None
        self._file: tuple[int, int] | None = None  # device and number of the file that is locked
        self._who = ""

    @contextmanager
    def hold(self, who: str, *, shared: bool) -> Iterator[None]:
        self._who = who
        self._take()
        try:
            yield
        finally:
            self._release()

    def _take(self) -> None:
        from filelock import FileLock, Timeout

        held = FileLock(self._folder / "lock", timeout=0, mode=0o600)
        # beside the lock: whoever tries to take it empties the lock's own file
        holder = self._folder / "lock.holder"
        try:
            held.acquire()
            self._held, self._file = held, self._found()
        except Timeout:
            words = ""
            with suppress(OSError):
                words = holder.read_text(encoding="utf-8")
            raise busy(words) from None
        except OSError as error:
            raise SetupError(
                f"the ledger cannot be locked: {error.strerror}",
                f"look at the permissions of {self._folder}",
            ) from error
        with suppress(OSError):  # for a message only: without it, the lock holds all the same
            files.replace(holder, f"process {os.getpid()}, {self._who}".encode())

    def _release(self) -> None:
        if self._held:
            self._held.release()
        self._held = self._file = None

    def _found(self) -> tuple[int, int]:
        """The lock's file as its name has it now: who removes it lets another process in."""
        found = (self._folder / "lock").stat()
        return found.st_dev, found.st_ino

    def renew(self) -> None:
        if self._held and not self._is_ours():
            self._release()
            self._take()

    def is_held(self, connection: Connection) -> bool:
        return self._held is None or self._is_ours()

    def _is_ours(self) -> bool:
        """The operating system keeps the lock until the process ends, but on this file alone."""
        try:
            return self._file == self._found()
        except OSError:
            return False

    def is_gone(self, connection: Connection, claimant: str | None) -> bool:
        return True  # else we would not have the lock


def busy(holder: str) -> LedgerLocked:
    hint = "wait for it, or stop it there (Ctrl-C): send goes on later"
    if holder.startswith(WORKER):
        hint = (
            "faxappeal send --enqueue leaves letters to the workers; for a rehearsal or a call "
            "stop them: docs/how-to/many-machines.md"
        )
    return LedgerLocked(
        f"another faxappeal is sending just now: {holder or 'it has not said which'}", hint
    )
