"""The system's keyring, in a test's hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backends.null import Keyring
from keyring.errors import KeyringLocked, NoKeyringError


class Kept(Keyring):
    """A keyring with these entries, by service and name."""

    entries: dict[tuple[str, str], str]
    locked = False

    def get_password(self, service: str, username: str, password: object = None) -> str | None:
        if self.locked:
            raise KeyringLocked("its owner did not unlock it")
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str | None = None) -> None:
        assert password and len(password) <= 1280, "Windows takes no more"
        if self.locked:
            raise NoKeyringError("there is none")
        self.entries[service, username] = password


@contextmanager
def in_keyring(entries: dict[tuple[str, str], str], *, locked: bool = False) -> Iterator[None]:
    before, kept = keyring.get_keyring(), Kept()  # type: ignore[no-untyped-call]
    kept.entries, kept.locked = entries, locked
    keyring.set_keyring(kept)
    try:
        yield
    finally:
        keyring.set_keyring(before)
