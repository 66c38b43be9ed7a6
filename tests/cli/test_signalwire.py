"""SignalWire through the `twilio` package: what goes out, and the package's traps, closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.campaigns import Ended, run, write
from tests.support.clock import FakeClock
from tests.support.fakes import signalwire
from tests.support.fakes.signalwire import SignalwireFake
from tests.support.fakes.web import Reply, Request, Web


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in signalwire.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def _in_office_hours(clock: FakeClock) -> None:
    clock.sleep(7 * 3600)


def campaign(tmp_path: Path, account: SignalwireFake, *recipients: str) -> Path:
    return write(
        tmp_path / "campaign",
        list(recipients) or ["one +12025550101"],
        settings=signalwire.settings(account),
    )


def test_the_account_fetches_the_document_once_and_it_is_removed(tmp_path: Path) -> None:
    web = tmp_path / "web"
    with signalwire.signalwire(web) as account:
        folder = campaign(tmp_path, account)
        first = run("send", "--yes", folder=folder)
        second = run("send", "--yes", folder=folder)
    assert first.code == 0, first
    assert "sent already" in second.out
    [document] = account.documents
    assert document.startswith(b"%PDF")
    assert len(account.faxes) == 1
    assert list(web.iterdir()) == [], "nothing stays on the web"


def test_what_is_asked_of_it(tmp_path: Path) -> None:
    with signalwire.signalwire(tmp_path / "web") as account:
        run("send", "--yes", folder=campaign(tmp_path, account))
    form = next(request.form for request in account.requests if request.method == "POST")
    assert form["To"] == "+12025550101" and form["From"] == "+12025550199"
    assert form["Quality"] == "fine" and form["StoreMedia"] == "false"


def test_the_environment_of_twilio_changes_neither_host_nor_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "TWILIO_REGION": "ie1",
        "TWILIO_EDGE": "dublin",
        "TWILIO_ACCOUNT_SID": "ACforeign",
        "TWILIO_AUTH_TOKEN": "foreign",
    }.items():
        monkeypatch.setenv(name, value)
    with signalwire.signalwire(tmp_path / "web") as account:
        ended = run("send", "--yes", folder=campaign(tmp_path, account))
    assert ended.code == 0, "the loopback guard would have seen another host"
    assert len(account.faxes) == 1


def test_without_a_token_nothing_is_taken_from_twilio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAXAPPEAL_FAX__SIGNALWIRE__TOKEN")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "foreign")
    with signalwire.signalwire(tmp_path / "web") as account:
        ended = run("send", "--yes", folder=campaign(tmp_path, account))
    assert ended.code == 5
    assert "FAXAPPEAL_FAX__SIGNALWIRE__TOKEN" in ended.err
    assert not account.requests


def test_the_client_has_a_time_limit_and_repeats_nothing() -> None:
    from faxappeal.providers.twilio import client

    made = client("project", "token", "fax.signalwire")
    assert made.http_client.timeout
    assert (made.region, made.edge) == (None, None)
    assert made.http_client.session.get_adapter("https://x").max_retries.total in (0, False)


def refused(tmp_path: Path, answer: Reply) -> Ended:
    """A run whose published document comes back as `answer`."""

    def publish(_request: Request) -> Reply:
        return answer

    with signalwire.signalwire(tmp_path / "web") as account, Web(publish) as web:
        account.media_url = web.url
        ended = run("send", "--yes", folder=campaign(tmp_path, account))
    assert not account.submissions
    return ended


@pytest.mark.parametrize(
    "answer",
    [
        Reply(404),
        Reply(302, headers=(("Location", "http://127.0.0.1/"),)),
        Reply(200, b"<html>", "text/html"),
        Reply(200, b"%PDF-another", "application/pdf"),
    ],
)
def test_a_document_that_is_not_published_as_it_is_stops_the_run(
    tmp_path: Path, answer: Reply
) -> None:
    ended = refused(tmp_path, answer)
    assert ended.code == 5
    assert "publish" in ended.err and "Hint:" in ended.err
