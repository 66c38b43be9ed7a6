"""Checks of numbers through Twilio: what it says is advice, and nobody else is told or called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaigns import run, write
from tests.fakes import twilio
from tests.fakes.twilio import TwilioFake, error
from tests.fakes.web import Reply
from tests.terminal import Terminal

FAX = '\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n'


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioFake]:
    for name, value in twilio.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with twilio.twilio() as fake:
        yield fake


@pytest.fixture
def folder(tmp_path: Path, account: TwilioFake) -> Path:
    people = ["one +12025550101", "two office@example.org"]
    return write(tmp_path / "c", people, settings=FAX + twilio.settings(account))


# -- lookup ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said", "doubt"),
    [
        ({}, "valid, landline, Example", ""),
        ({"type": "fixedVoip"}, "valid, fixedVoip, Example", ""),
        ({"type": "mobile"}, "valid, mobile, Example", "a mobile number: a person would answer"),
        ({"type": "premium"}, "valid, premium, Example", "the call is expensive"),
        ({"type": "voicemail", "carrier": None}, "valid, voicemail", "a voice mailbox"),
        ({"type": None, "carrier": None}, "valid, unknown kind of line", ""),
        ({"valid": False, "errors": ["TOO_LONG"]}, "not valid, landline", "no number of its"),
    ],
)
def test_what_kind_of_line_it_is(
    folder: Path, account: TwilioFake, line: dict[str, object], said: str, doubt: str
) -> None:
    account.lines["0101"] = line
    before = (folder / "recipients.yaml").read_text()
    ended = run("verify", "one", "--lookup", "--yes", folder=folder)
    assert ended.code == 0 and f"+12025550101  {said}" in ended.out
    assert (
        ("Ask the office: " in ended.out and doubt in ended.out)
        if doubt
        else ("Ask" not in ended.out)
    )
    assert "only a person there knows" in ended.out
    assert (folder / "recipients.yaml").read_text() == before, "it proves nothing"
    [event] = [e for e in run("log", "--json", folder=folder).lines if e["event"] == "lookup"]
    assert event["account"] == "twilio" and event["raw"].startswith(said.split(",")[0])
    assert not account.calls


def test_who_is_told_is_said_before_the_first_time(folder: Path, account: TwilioFake) -> None:
    ended = run("verify", "one", "--lookup", folder=folder)
    assert ended.code == 2 and "told the number" in ended.err and "--yes" in ended.err
    terminal = Terminal(folder, "verify", "one", "--lookup")
    terminal.until(b"Ask it? [y/N]:")
    terminal.type(b"n")
    assert terminal.end()[0] == 0 and not account.asked
    run("verify", "one", "--lookup", "--yes", folder=folder)
    run("verify", "one", "--lookup", folder=folder)
    assert account.asked == ["+12025550101"] * 2, "the second time it is known"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (error(401, 20003, "Authenticate"), "refused the credentials (error 20003)"),
        (error(403, 20403, "Forbidden"), "refused the credentials (HTTP 403)"),
        (error(429, 20429, "Too many"), "nothing is known of the number: try again"),
        (Reply(500), "nothing is known of the number: try again"),
        (Reply(200, cut=True), "nothing is known of the number: try again"),
    ],
)
def test_nothing_is_known(folder: Path, account: TwilioFake, reply: Reply, said: str) -> None:
    account.before = lambda _request: reply
    ended = run("verify", "one", "--lookup", "--yes", folder=folder)
    assert ended.code == 5 and said in ended.err
    assert "lookup" not in {event["event"] for event in run("log", "--json", folder=folder).lines}


def test_without_an_account_or_a_fax(folder: Path, tmp_path: Path) -> None:
    assert "two has no fax" in run("verify", "two", "--lookup", "--yes", folder=folder).err
    ended = run("verify", "one", "--lookup", "--yes", folder=write(tmp_path / "d", settings=FAX))
    assert ended.code == 5 and "add [twilio] with account_sid" in ended.err
    assert "how was it checked?" in run("verify", "one", folder=folder).err


def test_a_hostile_environment_leads_nowhere_else(
    folder: Path, account: TwilioFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "TWILIO_ACCOUNT_SID": "AC" + "f" * 32,
        "TWILIO_AUTH_TOKEN": "foreign",
        "TWILIO_REGION": "evil",
        "TWILIO_EDGE": "evil",
    }.items():
        monkeypatch.setenv(name, value)
    assert run("verify", "one", "--lookup", "--yes", folder=folder).code == 0
    assert account.asked == ["+12025550101"]
    assert "foreign" not in str([request.headers for request in account.requests])


def test_without_a_token_no_foreign_one_is_taken(
    folder: Path, account: TwilioFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAXAPPEAL_TWILIO__AUTH_TOKEN")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "foreign")
    ended = run("verify", "one", "--lookup", "--yes", folder=folder)
    assert ended.code == 5 and "FAXAPPEAL_TWILIO__AUTH_TOKEN" in ended.err
    assert not account.requests
