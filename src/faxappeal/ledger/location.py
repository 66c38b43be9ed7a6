"""Where the ledger is: a file of this user's, or a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from . import Ledger

if TYPE_CHECKING:
    from ..config.sections import LedgerSection


def default_path() -> Path:
    """The ledger in the user's data folder: neither `git clean` nor a fresh clone touches it."""
    from platformdirs import user_data_path

    return user_data_path("faxappeal", appauthor=False) / "ledger.db"


class LedgerStore(Protocol):
    """Where a ledger lives."""

    @property
    def where(self) -> str:
        """For people."""

    @property
    def documents(self) -> Path:
        """Of what was sent, on this machine."""

    @property
    def is_shared(self) -> bool:
        """Whether other machines use it, over the network."""

    def exists(self) -> bool:
        """Whether anything was ever written there."""

    def open(self) -> Ledger:
        """The ledger, made on first use; SetupError where it cannot be opened."""

    def read(self) -> Ledger | None:
        """The ledger for a look; nothing where there is none yet. SetupError as in `open`."""


def store_of(section: LedgerSection) -> LedgerStore:
    """The store that the settings name, or the default."""
    from .sqlite import SqliteStore

    if section.url is None:
        return SqliteStore(default_path())
    if section.url.startswith("postgresql:"):
        from .postgres import PostgresStore

        return PostgresStore(section)
    return SqliteStore(Path(section.url.removeprefix("sqlite:///")).expanduser())
