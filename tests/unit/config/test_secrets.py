"""Where a secret comes from, and what is said where it is nowhere."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from faxappeal.config import secrets
from faxappeal.config.sections import SmtpAccount
from faxappeal.core.errors import SetupError


class KeyringError(Exception):
    """As the library's."""


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """The system's keyring: its entries by service and name."""
    entries: dict[tuple[str, str], str] = {}

    def set_password(service: str, name: str, value: str) -> None:
        entries[service, name] = value

    module = ModuleType("keyring")
    vars(module).update(
        errors=SimpleNamespace(KeyringError=KeyringError),
        set_password=set_password,
        get_password=lambda service, name: entries.get((service, name)),
    )
    monkeypatch.setitem(sys.modules, "keyring", module)
    return entries


@pytest.fixture
def locked_keyring(keyring: object) -> None:
    """A machine without a desktop: the keyring refuses everything."""

    def refuse(*_: object) -> None:
        raise KeyringError("no backend")

    vars(sys.modules["keyring"]).update(get_password=refuse, set_password=refuse)


def section(**values: str) -> SmtpAccount:
    return SmtpAccount.model_validate({"host": "smtp.example.org", **values})


def test_the_environment_and_env_come_first(keyring: dict[tuple[str, str], str]) -> None:
    keyring["faxappeal", "email.smtp.password"] = "from the keyring"
    found = secrets.secret(section(password="from .env"), "password", "email", "smtp")
    assert found == "from .env"


def test_the_keyring_is_asked_last(keyring: dict[tuple[str, str], str]) -> None:
    keyring["faxappeal", "email.smtp.password"] = "from the keyring"
    found = secrets.secret(section(password=""), "password", "email", "smtp")
    assert found == "from the keyring"


def test_a_secret_that_is_nowhere_is_named_with_where_to_put_it(
    keyring: dict[tuple[str, str], str],
) -> None:
    with pytest.raises(SetupError) as caught:
        secrets.secret(section(), "password", "email", "smtp")
    assert caught.value.message == "no email.smtp.password is known"
    assert "FAXAPPEAL_EMAIL__SMTP__PASSWORD" in caught.value.hint
    assert "password_command in [email.smtp]" in caught.value.hint


@pytest.mark.usefixtures("locked_keyring")
def test_a_machine_without_a_keyring_has_no_secret_in_it() -> None:
    with pytest.raises(SetupError, match="no email"):
        secrets.secret(section(), "password", "email", "smtp")
    with pytest.raises(SetupError, match="no keyring to keep a sign-in in"):
        secrets.store("email.microsoft", "a sign-in")


def test_without_the_library_there_is_none_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SetupError, match="no email"):
        secrets.secret(section(), "password", "email", "smtp")
    with pytest.raises(SetupError, match="there is no keyring"):
        secrets.store("email.microsoft", "a sign-in")


@pytest.mark.parametrize("length", [0, 1, 1000, 1001, 3500])
def test_a_long_text_is_stored_in_parts_and_read_as_one(
    keyring: dict[tuple[str, str], str], length: int
) -> None:
    text = "".join(chr(97 + number % 26) for number in range(length))
    secrets.store("email.microsoft", text)
    assert secrets.load("email.microsoft") == text
    assert all(len(value) <= 1010 for value in keyring.values()), "Windows takes no longer ones"


def test_nothing_is_loaded_before_it_was_stored(keyring: dict[tuple[str, str], str]) -> None:
    assert secrets.load("email.microsoft") is None
