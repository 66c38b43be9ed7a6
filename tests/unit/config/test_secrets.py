"""Passwords and keys: where they are looked for, in which order, and what is said without one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from keyring.errors import PasswordSetError

from faxappeal.config.secrets import load, secret, store
from faxappeal.config.sections import SmtpAccount
from faxappeal.core.errors import SetupError
from tests.support.keyring_backend import in_keyring

ENTRY = ("faxappeal", "email.smtp.password")


def smtp(**values: str) -> SmtpAccount:
    return SmtpAccount.model_validate({"host": "mail.example.org"} | values)


def password_of(section: SmtpAccount) -> str:
    return secret(section, "password", "email", "smtp")


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | Exception], list[list[str]]]:
    """A system whose programs print this, or fail like this; returns what is called."""

    def answer(printed: str | Exception) -> list[list[str]]:
        called: list[list[str]] = []

        def run(words: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
            called.append(words)
            if isinstance(printed, Exception):
                raise printed
            return subprocess.CompletedProcess(words, 0, stdout=printed, stderr="")

        monkeypatch.setattr(subprocess, "run", run)
        return called

    return answer


Programs = Callable[[str | Exception], list[list[str]]]


# -- where it is looked for --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kept", "found"),
    [
        pytest.param(
            {"password": "given", "password_command": "pass show"}, "kept", "given", id="given"
        ),
        pytest.param({"password_command": "pass show"}, "kept", "printed", id="by a command"),
        pytest.param({"password": ""}, "kept", "kept", id="given empty"),
        pytest.param({}, "kept", "kept", id="in the keyring"),
    ],
)
def test_a_secret_is_taken_from_the_nearest_place(
    values: dict[str, str], kept: str, found: str, programs: Programs
) -> None:
    programs("printed\n")
    with in_keyring({ENTRY: kept}):
        assert password_of(smtp(**values)) == found


@pytest.mark.parametrize("state", ["empty", "an empty entry", "locked", "not installed"])
def test_without_a_secret_its_places_are_named(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if state == "not installed":
        monkeypatch.setitem(sys.modules, "keyring", None)
        with pytest.raises(SetupError) as refused:
            password_of(smtp())
    else:
        entries = {ENTRY: ""} if state == "an empty entry" else {}
        with in_keyring(entries, locked=state == "locked"), pytest.raises(SetupError) as refused:
            password_of(smtp())
    assert str(refused.value) == "no email.smtp.password is known"
    assert refused.value.hint == (
        "set FAXAPPEAL_EMAIL__SMTP__PASSWORD in the environment or in .env, "
        "or password_command in [email.smtp]"
    )


# -- a command ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        pytest.param("hunter2\n", "hunter2", id="a line"),
        pytest.param("hunter2", "hunter2", id="no line break"),
        pytest.param("hunter2\r\nuser: erika\n", "hunter2", id="the first line alone"),
        pytest.param(" hunter2 \n", " hunter2 ", id="spaces may belong to it"),
    ],
)
def test_the_first_line_that_a_command_prints_is_the_secret(
    printed: str, found: str, programs: Programs
) -> None:
    programs(printed)
    assert password_of(smtp(password_command="pass show mail")) == found


def test_a_command_is_split_into_words_and_given_to_no_shell(programs: Programs) -> None:
    called = programs("hunter2\n")
    password_of(smtp(password_command="pass show 'my mail' $HOME ; ls"))
    assert called == [["pass", "show", "my mail", "$HOME", ";", "ls"]]


@pytest.mark.parametrize("printed", ["", "\n", "\nhunter2\n"], ids=["nothing", "empty", "later"])
def test_a_command_that_prints_nothing_says_so(printed: str, programs: Programs) -> None:
    programs(printed)
    with pytest.raises(SetupError, match="printed nothing"):
        password_of(smtp(password_command="pass show mail"))


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(FileNotFoundError("pass"), id="no such program"),
        pytest.param(PermissionError("pass"), id="no program"),
        pytest.param(subprocess.CalledProcessError(1, "pass", "hunter2"), id="it failed"),
        pytest.param(subprocess.TimeoutExpired("pass", 60), id="it waits for somebody"),
        pytest.param(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), id="it prints no text"),
    ],
)
def test_a_command_that_fails_is_named_without_its_words(
    failure: Exception, programs: Programs
) -> None:
    programs(failure)
    with in_keyring({ENTRY: "kept"}), pytest.raises(SetupError) as refused:
        password_of(smtp(password_command="pass show secret-name"))
    assert str(refused.value) == "the command for a secret failed: pass"
    assert refused.value.hint == "run it by hand and read what it says"


def test_a_command_with_half_a_quote_is_not_run(programs: Programs) -> None:
    called = programs("hunter2\n")
    with pytest.raises(SetupError, match="the command for a secret failed: pass"):
        password_of(smtp(password_command="pass show 'mail"))
    assert not called


# -- what the program keeps itself -------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("token", id="short"),
        pytest.param("x" * 1000, id="one part"),
        pytest.param("x" * 1001, id="a character more"),
        pytest.param("12:" + "\u00fc" * 4321, id="many parts"),
    ],
)
def test_a_text_of_any_length_is_kept_and_found(text: str) -> None:
    with in_keyring({}):
        store("microsoft", text)
        assert load("microsoft") == text


def test_a_shorter_text_takes_the_place_of_a_longer_one() -> None:
    with in_keyring({}):
        store("microsoft", "x" * 3000)
        store("microsoft", "short")
        assert load("microsoft") == "short"
        assert load("another") is None


class Full(dict[tuple[str, str], str]):
    """A keyring that takes two entries."""

    def __setitem__(self, name: tuple[str, str], text: str) -> None:
        if len(self) == 2:
            raise PasswordSetError("it is full")
        super().__setitem__(name, text)


def test_a_text_that_was_kept_in_part_is_not_found() -> None:
    with in_keyring(Full()):
        with pytest.raises(SetupError, match="no keyring to keep a sign-in in"):
            store("microsoft", "x" * 3000)
        assert load("microsoft") is None


@pytest.mark.parametrize("state", ["locked", "not installed"])
def test_nothing_is_found_without_a_keyring(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with in_keyring({}, locked=True):
        if state == "not installed":
            monkeypatch.setitem(sys.modules, "keyring", None)
        assert load("microsoft") is None


def test_a_machine_without_a_keyring_keeps_no_sign_in() -> None:
    with in_keyring({}, locked=True), pytest.raises(SetupError, match="no keyring") as refused:
        store("microsoft", "hunter2")
    assert "token_command" in refused.value.hint and "hunter2" not in str(refused.value)


def test_a_keyring_that_is_not_installed_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SetupError, match="there is no keyring") as refused:
        store("microsoft", "hunter2")
    assert "faxappeal[keyring]" in refused.value.hint
