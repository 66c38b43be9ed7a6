"""`faxappeal accounts`: what would hinder a letter, told before one is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.cli.test_fax_accounts import PROVIDERS
from tests.support.campaigns import Ended, run, write
from tests.support.clock import FakeClock
from tests.support.fakes.web import Reply
from tests.support.keyring_backend import in_keyring
from tests.support.servers.faulty_smtp import FaultySmtp


def checks(ended: Ended) -> dict[str, Any]:
    """What was said of the one account, by what it is about."""
    [account] = ended.json["data"]["accounts"]
    return {check["name"]: check for check in account["checks"]}


@pytest.fixture(autouse=True)
def _right_time(clock: FakeClock) -> None:
    clock.moment = datetime.now(UTC)  # the stand-ins' is the machine's


@pytest.fixture(params=list(PROVIDERS))
def provider(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    chosen = PROVIDERS[request.param]
    for variable, value in chosen.ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    return chosen


@pytest.fixture
def account(provider: ModuleType, tmp_path: Path) -> Iterator[Any]:
    with provider.start(tmp_path) as fake:
        yield fake


def test_an_account_that_is_ready(tmp_path: Path, provider: ModuleType, account: Any) -> None:
    folder = write(tmp_path / "c", settings=provider.settings(account))
    ended = run("accounts", "--json", folder=folder)
    assert ended.code == 0, ended
    assert checks(ended)["credentials"]["ok"] is True
    assert not account.faxes and not account.submissions
    told = run("accounts", folder=folder).out
    assert all(len(line) <= 80 for line in told.splitlines())
    [secret] = provider.ENVIRONMENT.values()
    assert secret not in told


def test_a_wrong_key_says_where_a_new_one_is_made(
    tmp_path: Path, provider: ModuleType, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    [variable] = provider.ENVIRONMENT
    monkeypatch.setenv(variable, "hunter2")
    folder = write(tmp_path / "c", settings=provider.settings(account))
    ended = run("accounts", "--json", folder=folder)
    assert ended.code == 5
    check = checks(ended)["credentials"]
    assert check["ok"] is False and "401" in check["words"] and check["hint"]
    assert "hunter2" not in ended.out + ended.err
    monkeypatch.delenv(variable)
    ended = run("accounts", "--json", folder=folder)
    assert ended.code == 5 and variable in checks(ended)["settings"]["hint"]


def test_a_server_that_is_not_there(tmp_path: Path, provider: ModuleType, account: Any) -> None:
    settings = provider.settings(account).replace(account.url, "http://127.0.0.1:9")
    ended = run("accounts", "--json", folder=write(tmp_path / "c", settings=settings))
    assert ended.code == 5
    assert checks(ended)["connection"]["ok"] is False and checks(ended)["connection"]["hint"]


@pytest.mark.parametrize("name", ["telnyx", "interfax", "sinch"])
@pytest.mark.parametrize(
    ("reply", "what"),
    [
        (Reply(302, headers=(("Location", "http://127.0.0.1:9/welcome"),)), "connection"),
        (Reply(503), "connection"),
        (Reply(429), "connection"),
        (Reply(404), "account"),
        (Reply(200, b"<html>welcome</html>", headers=(("Date", "rubbish"),)), "clock"),
        (Reply(cut=True), "connection"),
    ],
)
def test_what_a_network_in_between_may_answer(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, reply: Reply, what: str
) -> None:
    """A hotel's network sends everybody to its welcome page: that is no credential accepted."""
    provider = PROVIDERS[name]
    for variable, value in provider.ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    with provider.start(tmp_path) as account:
        account.first = lambda _request: reply
        folder = write(tmp_path / "c", settings=provider.settings(account))
        ended = run("accounts", "--json", folder=folder)
    if what != "clock":
        assert (
            ended.code == 5 and checks(ended)[what]["ok"] is False and checks(ended)[what]["hint"]
        )
    assert what in checks(ended)


@pytest.mark.parametrize("name", ["telnyx", "interfax", "sinch"])
def test_what_else_hinders(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    provider = PROVIDERS[name]
    for variable, value in provider.ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    with provider.start(tmp_path) as account:
        folder = write(tmp_path / "c", settings=provider.settings(account))
        if name == "telnyx":
            account.profile, what = None, "countries"
        elif name == "interfax":
            account.balance, what = 0.0, "balance"
        else:
            account.first, what = (lambda _request: Reply(402)), "balance"
        ended = run("accounts", "--json", folder=folder)
        assert ended.code == 5 and checks(ended)[what]["ok"] is False
        assert checks(ended)[what]["hint"]

        account.first = lambda _request: None
        clock.moment += timedelta(hours=3)
        clock_check = checks(run("accounts", "--json", folder=folder))["clock"]
        assert clock_check["ok"] is False and "180 minutes ahead" in clock_check["words"]


TELNYX: Mapping[str, tuple[str, bool | None, str]] = {
    "as it is at first": ("countries", False, "calls to CN, DE are not allowed"),
    "allowed": ("countries", True, "CN, DE, US"),
    "switched off": ("countries", False, "switched off"),
    "no profile told": ("countries", None, "not told"),
    "in debt": ("balance", False, "-1.50 USD"),
    "rich": ("balance", True, "400.00 USD"),
    "a key that may not see it": ("balance", None, "not told to this key"),
}


@pytest.mark.parametrize("case", TELNYX)
def test_what_telnyx_tells_of_money_and_countries(
    tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = PROVIDERS["telnyx"]
    for variable, value in provider.ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    hidden = {"no profile told": "/v2/outbound", "a key that may not see it": "/v2/balance"}
    beginning = hidden.get(case, "nothing")
    recipients = ["one +12025550101", "two +493023125012", "three +861065292345"]
    with provider.start(tmp_path) as account:
        account.first = lambda asked: Reply(403) if asked.path.startswith(beginning) else None
        if case != "as it is at first":
            account.allowed = ("US", "cn", "DE")
        account.enabled = case != "switched off"
        account.credit = "-1.50" if case == "in debt" else account.credit
        folder = write(tmp_path / "c", recipients, settings=provider.settings(account))
        ended = run("accounts", "--json", folder=folder)
    name, ok, words = TELNYX[case]
    check = checks(ended)[name]
    assert (check["ok"], ended.code) == (ok, 5 if ok is False else 0) and words in check["words"]
    assert bool(check["hint"]) == (ok is False)


@pytest.mark.parametrize("what", ["not shown", "a file", "missing"])
def test_a_published_folder_that_does_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    provider = PROVIDERS["signalwire"]
    for variable, value in provider.ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    elsewhere = tmp_path / "elsewhere"
    if what == "not shown":
        elsewhere.mkdir()
    elif what == "a file":
        elsewhere.write_text("no folder")
    with provider.start(tmp_path) as account:
        settings = provider.settings(account)
        settings = settings.replace(f'folder = "{account.folder}"', f'folder = "{elsewhere}"')
        folder = write(tmp_path / "c", settings=settings)
        ended = run("accounts", "--json", folder=folder)
    assert ended.code == 5 and checks(ended)["published folder"]["ok"] is False
    assert checks(ended)["published folder"]["hint"] and not account.faxes
    assert not list(tmp_path.glob("elsewhere/*")), "nothing is left there"


def test_a_mail_server_that_cannot_be_reached(tmp_path: Path) -> None:
    with FaultySmtp(greeting=b"554 5.7.1 go away\r\n") as server:
        settings = (
            '\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f"port = {server.port}\n"
        )
        ended = run("accounts", "--json", folder=write(tmp_path, settings=settings))
    assert ended.code == 5 and checks(ended)["connection"]["ok"] is False


def test_no_account_is_chosen(tmp_path: Path) -> None:
    ended = run("accounts", folder=write(tmp_path))
    assert ended.code == 5 and "no account for fax is chosen" in ended.err


def test_a_secret_from_the_keyring_is_shown_nowhere(
    tmp_path: Path, provider: ModuleType, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name there is that of the docs' table; a wrong one is not shown, a locked one is said."""
    [variable] = provider.ENVIRONMENT
    monkeypatch.delenv(variable)
    name = variable.removeprefix("FAXAPPEAL_").lower().replace("__", ".")
    folder = write(tmp_path / "c", settings=provider.settings(account))
    with in_keyring({("faxappeal", name): provider.ENVIRONMENT[variable]}):
        assert run("accounts", folder=folder).code == 0
    with in_keyring({("faxappeal", name): "hunter2"}):
        tried, sent = run("accounts", folder=folder), run("send", "--yes", folder=folder)
    with in_keyring({}, locked=True):
        locked = run("accounts", folder=folder)
    assert "401" in tried.out and sent.code == 5 and not account.faxes
    assert "hunter2" not in tried.out + tried.err + sent.out + sent.err
    assert locked.code == 5 and variable in locked.out
