"""A document on the web, in runs of the whole program: when it goes, and when it stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faxappeal.ledger.attempts import Attempts
from faxappeal.providers import publishing
from faxappeal.providers.base import Unreachable
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import signalwire
from tests.support.fakes.signalwire import SignalwireFake
from tests.support.fakes.web import Reply, Web


@pytest.fixture
def account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> Iterator[SignalwireFake]:
    clock.sleep(7 * 3600)
    for name, value in signalwire.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FAXAPPEAL_PUBLISH__WEBDAV__PASSWORD", "app-password-1")
    with signalwire.signalwire(tmp_path / "web") as fake:
        yield fake


def campaign(tmp_path: Path, account: SignalwireFake, way: str) -> Path:
    settings = signalwire.settings(account).replace(f'folder = "{account.folder}"\n', way)
    return write(tmp_path / "c", settings=settings)


def by_webdav(url: str) -> str:
    return f'[publish.webdav]\nurl = "{url}"\nusername = "erika"\n'


@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("fax.sinch.url", '[fax.sinch]\nproject_id = "a"\nkey_id = "b"\nurl = "{url}"\n'),
        ("publish.media_url", '[publish]\nfolder = "x"\nmedia_url = "{url}"\n'),
    ],
)
def test_an_address_with_a_password_in_it_is_refused_and_not_shown(
    tmp_path: Path, key: str, table: str
) -> None:
    settings = "\n" + table.format(url="https://user:hunter2@example.org/")
    ended = run("check", folder=write(tmp_path, settings=settings))
    assert ended.code == 1 and key in ended.out, ended
    assert "hunter2" not in ended.out + ended.err


def test_one_environment_may_hold_the_secrets_of_many_accounts(
    tmp_path: Path, account: SignalwireFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password alone makes no account: its table is not asked for."""
    for name in ("FAX__SINCH__KEY_SECRET", "FAX__TELNYX__API_KEY", "EMAIL__SMTP__PASSWORD"):
        monkeypatch.setenv(f"FAXAPPEAL_{name}", "hunter2")
    folder = campaign(tmp_path, account, f'folder = "{account.folder}"\n')
    assert run("send", "--yes", folder=folder).code == 0


def test_a_claim_that_was_lost_while_publishing_sends_nothing(
    tmp_path: Path, account: SignalwireFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it end the program where the document cannot be taken away just then; a later run
    does that."""

    record_departure, lost = Attempts.record_departure, [True]

    def loses_once(*arguments: Any) -> bool:
        return False if lost and lost.pop() else record_departure(*arguments)

    def fails(_self: object, _name: str) -> None:
        raise Unreachable("the published document")

    folder = campaign(tmp_path, account, f'folder = "{account.folder}"\n')
    with monkeypatch.context() as patched:
        patched.setattr(Attempts, "record_departure", loses_once)
        patched.setattr(publishing.Folder, "remove", fails)
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 0 and account.submissions == 1
    assert len(list(account.folder.iterdir())) == 2
    run("send", "--yes", folder=folder)
    assert not list(account.folder.iterdir())


def test_the_page_of_an_unknown_fax_goes_when_a_person_has_found_out(
    tmp_path: Path, account: SignalwireFake
) -> None:
    """Until then the account may still fetch it."""
    account.after = lambda _request: Reply(cut=True)
    folder = campaign(tmp_path, account, f'folder = "{account.folder}"\n')
    assert run("send", "--yes", folder=folder).code == 4
    run("send", "--yes", folder=folder)
    assert len(list(account.folder.iterdir())) == 1
    [row] = run("status", "--offline", "--json", folder=folder).json["data"]["deliveries"]
    assert run("resolve", row["delivery"], "delivered", folder=folder).code == 0
    run("send", "--yes", folder=folder)
    assert not list(account.folder.iterdir()) and len(account.faxes) == 1


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (Reply(503), 3, ""),
        (Reply(cut=True), 3, ""),
        (Reply(507), 5, "no space left"),
        (Reply(302, headers=(("Location", "http://127.0.0.1:9/"),)), 5, "no such folder"),
    ],
)
def test_a_server_in_trouble(
    tmp_path: Path, account: SignalwireFake, answer: Reply, code: int, words: str
) -> None:
    """Nothing has left: what passes by itself is tried again, the rest is said."""
    with Web(lambda _request: answer) as web:
        folder = campaign(tmp_path, account, by_webdav(web.url))
        ended = run("send", "--yes", "--no-wait", folder=folder)
    assert ended.code == code and words in ended.err and not account.submissions
    [row] = run("status", "--offline", "--json", folder=folder).json["data"]["deliveries"]
    assert row["state"] == "waiting"


# U03 … U16 of the list of bad inputs: as an account's address, and as the published one
