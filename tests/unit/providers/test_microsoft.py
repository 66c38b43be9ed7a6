"""Signing in at Microsoft: what is shown, what is kept, and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from faxappeal.config.sections import MicrosoftSignIn
from faxappeal.core.errors import SetupError
from faxappeal.providers import microsoft
from tests.support.fakes import web_line
from tests.support.fakes.microsoft import CLIENT, MicrosoftFake
from tests.support.fakes.web import Reply, Request, as_json
from tests.support.keyring_backend import in_keyring

USER = "sender@lab.test"
TABLE = MicrosoftSignIn(client_id=CLIENT)

Kept = dict[tuple[str, str], str]


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> MicrosoftFake:
    fake = MicrosoftFake({}, Path("no-file"))
    fake.url = "https://login.microsoftonline.com"
    fake.answers = ["yes"]
    web_line.answer_all(monkeypatch, fake.answer)
    return fake


@pytest.fixture
def kept() -> Iterator[Kept]:
    """What is in the keyring."""
    entries: Kept = {}
    with in_keyring(entries):
        yield entries


def sign_in(user: str = USER) -> list[tuple[str, str]]:
    shown: list[tuple[str, str]] = []
    microsoft.sign_in(TABLE, user, lambda address, code: shown.append((address, code)))
    return shown


def test_a_person_gets_an_address_and_a_code_to_type_there(
    authority: MicrosoftFake, kept: Kept
) -> None:
    assert sign_in() == [("https://login.example.org/device", "B4C-D5E")]


def test_who_signed_in_gets_tokens_without_another_question(
    authority: MicrosoftFake, kept: Kept
) -> None:
    sign_in()
    asked = list(authority.asked)
    token = microsoft.token(TABLE, USER)
    assert authority.tokens[token] == USER
    assert authority.asked == asked, "a token lasts an hour"


def test_a_token_that_is_over_is_renewed_by_itself(authority: MicrosoftFake, kept: Kept) -> None:
    authority.lasts = 1
    sign_in()
    first = microsoft.token(TABLE, USER)
    assert microsoft.token(TABLE, USER) != first
    assert "refresh_token" in authority.asked


@pytest.mark.parametrize("before", ["never", "as another", "taken back"])
def test_without_a_sign_in_there_is_no_token(
    authority: MicrosoftFake, kept: Kept, before: str
) -> None:
    if before != "never":
        authority.person = "other@lab.test" if before == "as another" else USER
        authority.lasts = 1
        sign_in(authority.person)
    authority._refresh.clear()
    with pytest.raises(SetupError, match=f"{USER} is not signed in at Microsoft") as refused:
        microsoft.token(TABLE, USER)
    assert refused.value.hint == "faxappeal accounts --sign-in"


def test_the_case_of_a_name_makes_no_other_person(authority: MicrosoftFake, kept: Kept) -> None:
    authority.person = "Sender@Lab.test"
    sign_in()
    assert microsoft.token(TABLE, USER)


def test_a_sign_in_as_another_is_refused_and_not_kept(authority: MicrosoftFake, kept: Kept) -> None:
    sign_in()
    before = dict(kept)
    authority.person = "other@lab.test"
    with pytest.raises(SetupError) as refused:
        sign_in()
    assert str(refused.value) == (
        f"you signed in as other@lab.test, but email.smtp.username is {USER}"
    )
    assert kept == before, "the keyring keeps what it had"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("authorization_declined", "AADSTS70020: the person said no."),
        ("expired_token", "AADSTS70020: the person said no."),
    ],
)
def test_a_person_who_does_not_agree_is_not_signed_in(
    authority: MicrosoftFake, kept: Kept, error: str, words: str
) -> None:
    authority.answers = [error]
    with pytest.raises(SetupError) as refused:
        sign_in()
    assert str(refused.value) == f"Microsoft refused the sign-in: {words}"
    assert "[email.microsoft]" in refused.value.hint
    assert USER not in "".join(kept.values())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error": "invalid_client", "error_description": "AADSTS7000218: no.\r\nTrace: 1"}, "AADSTS7000218: no."),
        ({"error": "invalid_client"}, "invalid_client"),
        ({"error": "x", "error_description": "\x1b[2Jno"}, "[2Jno"),
        ({"error": "x", "error_description": "y" * 1000}, "y" * 200),
        ({}, "no reason given"),
    ],
    ids=["a description", "a word", "control characters", "very long", "nothing"],
)  # fmt: skip
def test_a_registration_that_may_not_ask_for_a_code_says_why(
    monkeypatch: pytest.MonkeyPatch,
    authority: MicrosoftFake,
    kept: Kept,
    answer: dict[str, str],
    words: str,
) -> None:
    def answered(request: Request) -> Reply:
        is_code = request.path.endswith("/devicecode")
        return as_json(answer, 400) if is_code else authority.answer(request)

    web_line.answer_all(monkeypatch, answered)
    with pytest.raises(SetupError) as refused:
        sign_in()
    assert str(refused.value) == f"Microsoft refused the sign-in: {words}"


def test_without_a_keyring_no_code_is_asked_for(authority: MicrosoftFake) -> None:
    """The person would type it in vain."""
    with in_keyring({}, locked=True), pytest.raises(SetupError, match="no keyring"):
        sign_in()
    assert not authority.asked


@pytest.mark.parametrize("at", ["openid-configuration", "devicecode", "token"])
def test_a_line_that_is_down_is_no_fault_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, authority: MicrosoftFake, kept: Kept, at: str
) -> None:
    def answered(request: Request) -> Reply:
        if request.path.endswith(at):
            raise requests.ConnectTimeout("no route")
        return authority.answer(request)

    web_line.answer_all(monkeypatch, answered)
    with pytest.raises(SetupError) as refused:
        sign_in()
    assert str(refused.value) == "Microsoft cannot be reached: ConnectTimeout"
    assert refused.value.hint == "try again later"


def test_a_tenant_that_does_not_exist_is_a_mistake_in_the_settings(
    monkeypatch: pytest.MonkeyPatch, kept: Kept
) -> None:
    unknown = as_json({"error": "invalid_tenant"}, 400)
    web_line.answer_all(monkeypatch, lambda _request: unknown)
    with pytest.raises(SetupError) as refused:
        sign_in()
    assert str(refused.value) == "Microsoft does not know common"
    assert refused.value.hint == "look at [email.microsoft]"


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msal", None)
    with pytest.raises(SetupError) as refused:
        microsoft.token(TABLE, USER)
    assert "faxappeal[microsoft]" in refused.value.hint
