"""Signing in at Microsoft: what its library answers, and what we say of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msal
import pytest
import requests

from faxappeal.config.sections import MicrosoftSignIn
from faxappeal.core.errors import SetupError
from faxappeal.providers import microsoft

USER = "appeals@example.org"
TABLE = MicrosoftSignIn.model_validate({"client_id": "1b7c9a1e-0000-4000-8000-000000000000"})


class Cache:
    """What is stored of a sign-in."""

    def __init__(self) -> None:
        self.has_state_changed = False
        self.text = ""

    def deserialize(self, text: str) -> None:
        self.text = text

    def serialize(self) -> str:
        return self.text or "a sign-in"


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The keyring: what is stored, by name."""
    entries: dict[str, str] = {}
    monkeypatch.setattr("faxappeal.config.secrets.load", entries.get)
    monkeypatch.setattr("faxappeal.config.secrets.store", entries.__setitem__)
    monkeypatch.setattr(msal, "SerializableTokenCache", Cache)
    return entries


def library(monkeypatch: pytest.MonkeyPatch, **answers: Any) -> list[Cache]:
    """Microsoft's library gives these answers; a callable or an exception is called or raised."""
    caches: list[Cache] = []

    def answer(name: str) -> Any:
        def call(*_: Any, **__: Any) -> Any:
            if isinstance(answers[name], Exception):
                raise answers[name]
            if name.startswith("acquire_token_by"):
                caches[0].has_state_changed = True
            return answers[name]

        return call

    def client(*_: Any, token_cache: Cache, **__: Any) -> SimpleNamespace:
        caches.append(token_cache)
        if isinstance(answers.get("client"), Exception):
            raise answers["client"]
        return SimpleNamespace(**{name: answer(name) for name in answers if name != "client"})

    monkeypatch.setattr(msal, "PublicClientApplication", client)
    return caches


def test_the_token_of_a_sign_in_is_taken(
    stored: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored["email.microsoft"] = "a sign-in"
    caches = library(monkeypatch, get_accounts=[{}], acquire_token_silent={"access_token": "t"})
    assert microsoft.token(TABLE, USER) == "t"
    assert caches[0].text == "a sign-in"


@pytest.mark.parametrize(
    ("accounts", "answer"), [([], None), ([{}], None), ([{}], {"error": "invalid_grant"})]
)
def test_without_a_valid_sign_in_the_next_step_is_named(
    stored: dict[str, str], monkeypatch: pytest.MonkeyPatch, accounts: list[Any], answer: Any
) -> None:
    library(monkeypatch, get_accounts=accounts, acquire_token_silent=answer)
    with pytest.raises(SetupError, match=f"{USER} is not signed in") as caught:
        microsoft.token(TABLE, USER)
    assert caught.value.hint == "faxappeal accounts --sign-in"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectionError("secret"), "Microsoft cannot be reached: ConnectionError"),
        (ValueError("no such tenant"), "Microsoft does not know"),
    ],
)
def test_a_library_that_fails_is_said(
    stored: dict[str, str], monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    library(monkeypatch, client=error)
    with pytest.raises(SetupError, match=words):
        microsoft.token(TABLE, USER)


FLOW = {"verification_uri": "https://microsoft.com/devicelogin", "user_code": "ABCD"}


def test_a_sign_in_shows_the_code_and_is_stored(
    stored: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[str, str]] = []
    found = {"access_token": "t", "id_token_claims": {"preferred_username": USER.upper()}}
    library(monkeypatch, initiate_device_flow=FLOW, acquire_token_by_device_flow=found)
    microsoft.sign_in(TABLE, USER, lambda *words: shown.append(words))
    assert shown == [("https://microsoft.com/devicelogin", "ABCD")]
    assert stored == {"email.microsoft": "a sign-in"}


def test_a_sign_in_as_somebody_else_is_not_stored(
    stored: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"access_token": "t", "id_token_claims": {"preferred_username": "x@example.org"}}
    caches = library(monkeypatch, initiate_device_flow=FLOW, acquire_token_by_device_flow=found)
    with pytest.raises(SetupError, match=r"you signed in as x@example\.org"):
        microsoft.sign_in(TABLE, USER, lambda *_: None)
    assert not caches[0].has_state_changed


@pytest.mark.parametrize(
    ("flow", "found", "words"),
    [
        ({"error": "unauthorized_client"}, None, "unauthorized_client"),
        (FLOW, {"error_description": "AADSTS50076: no.\\r\\nTrace: 1".replace("\\r\\n", "\n")}, "AADSTS50076: no."),
        (FLOW, {}, "no reason given"),
    ],
)  # fmt: skip
def test_a_refusal_shows_the_first_sentence(
    stored: dict[str, str], monkeypatch: pytest.MonkeyPatch, flow: Any, found: Any, words: str
) -> None:
    library(monkeypatch, initiate_device_flow=flow, acquire_token_by_device_flow=found)
    with pytest.raises(SetupError) as caught:
        microsoft.sign_in(TABLE, USER, lambda *_: None)
    assert caught.value.message == f"Microsoft refused the sign-in: {words}"
