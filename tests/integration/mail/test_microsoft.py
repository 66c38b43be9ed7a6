"""Signing in at Microsoft by a device's code, then to a real Postfix and a real Dovecot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.mail.test_receipts import settings, state, until
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes.microsoft import MicrosoftFake, microsoft
from tests.support.keyring_backend import in_keyring
from tests.support.servers.postfix import Postfix

pytestmark = pytest.mark.mail


@pytest.fixture
def authority(tmp_path: Path, postfix: Postfix, clock: FakeClock) -> Iterator[MicrosoftFake]:
    clock.moment = datetime.now(UTC)
    clock.real = 0.1
    with microsoft(tmp_path, postfix.tokens) as fake:
        yield fake


def campaign(tmp_path: Path, postfix: Postfix, authority: MicrosoftFake) -> Path:
    return write(
        tmp_path / "c", ["one ok@example.net"], settings=settings(postfix) + authority.settings
    )


def test_from_the_sign_in_to_the_receipt(
    tmp_path: Path, postfix: Postfix, authority: MicrosoftFake
) -> None:
    folder = campaign(tmp_path, postfix, authority)
    kept: dict[tuple[str, str], str] = {}
    with in_keyring(kept):
        before = run("send", "--yes", folder=folder)
        assert before.code == 5 and "accounts --sign-in" in before.err
        ended = run("accounts", "--sign-in", folder=folder)
        assert ended.code == 0, ended
        assert "https://login.example.org/device" in ended.err and "B4C-D5E" in ended.err
        assert authority.asked == ["device_code", "device_code"], "not yet, then yes"
        assert run("send", "--yes", folder=folder).code == 0
        until(postfix, folder, lambda _: state(folder) == ("delivered", None))
        log = run("log", folder=folder).out
    assert {service for service, _ in kept} == {"faxappeal"}
    assert len(authority.asked) == 2, "a token lasts"
    shown = ended.out + ended.err + log
    assert not any(token in shown for token in authority.tokens)


def test_a_token_that_is_over_renews_itself_until_it_is_taken_back(
    tmp_path: Path, postfix: Postfix, authority: MicrosoftFake
) -> None:
    folder = campaign(tmp_path, postfix, authority)
    authority.lasts = 1  # the library renews what ends in five minutes
    with in_keyring({}):
        assert run("accounts", "--sign-in", folder=folder).code == 0
        assert run("send", "--yes", folder=folder).code == 0
        assert "refresh_token" in authority.asked
        authority._refresh.clear()
        ended = run("accounts", folder=folder)
    assert ended.code == 5 and "not signed in at Microsoft" in ended.out


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("the person says no", "AADSTS70020: the person said no."),
        ("another person", "you signed in as other@lab.test"),
        ("no keyring", "no keyring to keep a sign-in in"),
        ("it is not there", "Microsoft cannot be reached"),
        ("no table", "only Microsoft's mail accounts"),
    ],
)
def test_a_sign_in_that_fails(
    tmp_path: Path, postfix: Postfix, authority: MicrosoftFake, how: str, words: str
) -> None:
    folder = campaign(tmp_path, postfix, authority)
    toml = folder / "faxappeal.toml"
    if how == "the person says no":
        authority.answers = ["authorization_declined"]
    elif how == "another person":
        authority.person = "other@lab.test"
    elif how == "it is not there":
        toml.write_text(toml.read_text().replace(authority.url, "https://localhost:1"))
    elif how == "no table":
        toml.write_text(toml.read_text().replace(authority.settings, ""))
    kept: dict[tuple[str, str], str] = {}
    with in_keyring(kept, locked=how == "no keyring"):
        ended = run("accounts", "--sign-in", folder=folder)
    assert ended.code == 5 and words in ended.err and "Hint:" in ended.err
    assert "Trace ID" not in ended.err
    assert "lab.test" not in "".join(kept.values()), "no sign-in is kept"
    assert how != "no keyring" or "B4C" not in ended.err
