"""Checks of numbers through Twilio: what it says is advice, and nobody else is told or called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from faxappeal.ledger.check_calls import CheckCalls
from faxappeal.providers.twilio import Twilio
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes import twilio
from tests.support.fakes.twilio import TwilioFake, error
from tests.support.fakes.web import Reply, Request

FAX = '\n[fax]\naccount = "hylafax"\n[fax.hylafax]\n'


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioFake]:
    for name, value in twilio.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with twilio.twilio() as fake:
        yield fake


@pytest.fixture
def folder(tmp_path: Path, account: TwilioFake) -> Path:
    recipients = ["one +12025550101", "two office@example.org"]
    return write(tmp_path / "c", recipients, settings=FAX + twilio.settings(account))


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


# -- the whole list, and the account ---------------------------------------------------------------


def test_online_asks_about_each_number_of_the_list(tmp_path: Path, account: TwilioFake) -> None:
    account.lines["0102"] = {"type": "mobile"}
    account.lines["0103"] = {"valid": False}
    recipients = [f"desk{number} +120255501{number:02}" for number in (1, 2, 3)]
    folder = write(tmp_path / "c", recipients, settings=FAX + twilio.settings(account))
    assert run("check", folder=folder).code == 0 and not account.asked, "only on request"
    ended = run("check", "--online", "--json", folder=folder)
    found = [(f["rule"], f["line"], f["message"]) for f in ended.json["data"]["findings"]]
    assert found == [
        ("line-type", 18, "+12025550102 is a mobile number: a person would answer"),
        ("line-type", 29, "+12025550103 is no number of its country's plan"),
    ]
    account.before = lambda _request: Reply(500)
    ended = run("check", "--online", folder=folder)
    assert ended.out.count("were not looked up") == 1 and ended.code == 0


def test_the_account_is_tried_and_nobody_is_called_or_named(
    tmp_path: Path, account: TwilioFake
) -> None:
    settings = twilio.settings(account, "allow_calls = true\n")
    recipients = ["one +12025550101", "two +493023125012", "three +33140205050"]
    folder = write(tmp_path / "c", recipients, settings=settings)
    [tried] = run("accounts", "--json", folder=folder).json["data"]["accounts"]
    told = {check["name"]: (check["ok"], check["words"]) for check in tried["checks"]}
    assert told == {
        "credentials": (True, "accepted"),
        "balance": (True, "12.50 USD"),
        "caller": (True, "+12025550190 is yours"),
        "country DE": (True, "may be called"),
        "country FR": (False, "may not be called (error 21215)"),
        "country US": (True, "may be called"),
    }
    assert not account.calls and not account.asked


@pytest.mark.parametrize(
    ("change", "name", "ok"),
    [
        ({"balance": "0.00"}, "balance", False),
        ({"callers": ()}, "caller", None),
        ({"before": lambda _request: error(401, 20003, "Authenticate")}, "credentials", False),
        ({"before": lambda _request: Reply(500)}, "connection", False),
    ],
)
def test_what_is_wrong_with_the_account(
    tmp_path: Path, account: TwilioFake, change: dict[str, Any], name: str, ok: bool | None
) -> None:
    for key, value in change.items():
        setattr(account, key, value)
    settings = twilio.settings(account, "allow_calls = true\n")
    folder = write(tmp_path / "c", settings=settings)
    [tried] = run("accounts", "--json", folder=folder).json["data"]["accounts"]
    found = {check["name"]: check["ok"] for check in tried["checks"]}
    assert found[name] is ok


# -- a check call ----------------------------------------------------------------------------------


@pytest.fixture
def calling(tmp_path: Path, account: TwilioFake, clock: FakeClock) -> Path:
    """A campaign that may call; it is ten o'clock in the morning there."""
    clock.sleep(7 * 3600)
    account.now = clock.now
    settings = FAX + twilio.settings(account, "allow_calls = true\n")
    return write(tmp_path / "c", ["one +12025550101"], settings=settings)


def events(folder: Path) -> list[tuple[str, str | None]]:
    lines = run("log", "--json", folder=folder).lines
    return [(line["event"], line["note"]) for line in lines if line["event"] != "planned"]


def is_held(folder: Path) -> bool:
    return "held: " in run("send", "--dry-run", folder=folder).out.replace("would be held", "held")


ANSWERS = [
    ({"answered_by": "fax"}, "fax", "a fax answered. That proves a machine", None, 0),
    ({"answered_by": "human"}, "human", "a person answered: the number is held", "voice", 0),
    ({"answered_by": "machine_start"}, "machine", "an answering machine answered", "voice", 0),
    ({"answered_by": "machine_end_beep"}, "machine", "an answering machine", "voice", 0),
    ({"answered_by": "unknown"}, "unknown", "Twilio cannot tell what", None, 3),
    ({}, "unknown", "Twilio cannot tell what", None, 3),
    ({"status": "busy"}, "busy", "busy: nothing is known", None, 3),
    ({"status": "no-answer"}, "no-answer", "nobody answered", None, 3),
    ({"status": "failed"}, "failed", "the call failed: nothing is known", None, 3),
    ({"status": "canceled"}, "canceled", "the call failed: nothing is known", None, 3),
]


@pytest.mark.parametrize(
    ("ending", "answer", "words", "hold", "code"), ANSWERS, ids=[str(case[0]) for case in ANSWERS]
)
def test_what_answers(
    calling: Path,
    account: TwilioFake,
    ending: dict[str, str],
    answer: str,
    words: str,
    hold: str | None,
    code: int,
) -> None:
    account.endings["0101"] = ending | {"price": "-0.013"}
    before = (calling / "recipients.yaml").read_text()
    ended = run("verify", "one", "--call", "--yes", folder=calling)
    assert (ended.code, words in ended.out) == (code, True), ended.out
    assert len(account.calls) == 1
    assert (calling / "recipients.yaml").read_text() == before, "a tone proves nothing of whose"
    assert [name for name, _ in events(calling)] == ["calling", "ringing", "called"]
    [over] = [e for e in run("log", "--json", folder=calling).lines if e["event"] == "called"]
    assert (over["note"], over["account"], over["price"]) == (answer, "twilio", "-0.013 USD")
    assert over["account_reference"] == account.calls[0]["sid"]
    assert is_held(calling) == (hold is not None)


def test_a_voice_is_held_in_every_campaign(
    calling: Path, account: TwilioFake, tmp_path: Path
) -> None:
    account.endings["0101"] = {"answered_by": "human"}
    run("verify", "one", "--call", "--yes", folder=calling)
    other = write(tmp_path / "d", ["desk +12025550101"], settings=FAX)
    toml = other / "faxappeal.toml"
    toml.write_text(toml.read_text().replace('id = "test"', 'id = "other"'))
    assert "would be held: voice" in run("send", "--dry-run", folder=other).out
    ended = run("verify", "one", "--call", "--yes", folder=calling)
    assert ended.code == 2 and "is held: voice" in ended.err and len(account.calls) == 1


def test_the_person_hears_who_calls_and_that_it_is_once(calling: Path, account: TwilioFake) -> None:
    text = (calling / "recipients.yaml").read_text()
    (calling / "recipients.yaml").write_text(text + "    language: de-DE\n")
    run("verify", "one", "--call", "--yes", folder=calling)
    [call] = account.calls
    speech = call["form"]["Twiml"]
    assert speech.index("Erika Mustermann") < speech.index("4, 9, 3, 0, 2, 3, 1, 2, 5, 0, 1, 2")
    assert 'language="de-DE"' in speech and "rufen diese Nummer nicht wieder an" in speech
    assert int(call["form"]["Timeout"]) <= 30 and int(call["form"]["TimeLimit"]) <= 60
    assert call["form"]["MachineDetection"] == "Enable"


def test_it_is_off_until_somebody_turns_it_on(folder: Path, account: TwilioFake) -> None:
    ended = run("verify", "one", "--call", "--yes", folder=folder)
    assert ended.code == 5 and "allow_calls = true" in ended.err and not account.requests


def test_it_asks_and_no_means_no(calling: Path, account: TwilioFake, clock: FakeClock) -> None:
    ended = run("verify", "one", "--call", folder=calling)
    assert ended.code == 2 and "--yes" in ended.err and not account.calls


def test_never_twice_within_a_day(calling: Path, account: TwilioFake, clock: FakeClock) -> None:
    account.endings["0101"] = {"status": "busy"}
    run("verify", "one", "--call", "--yes", folder=calling)
    clock.sleep(3600)
    ended = run("verify", "one", "--call", "--yes", folder=calling)
    assert ended.code == 2 and "was called already" in ended.err and len(account.calls) == 1
    clock.sleep(24 * 3600)
    assert run("verify", "one", "--call", "--yes", folder=calling).code == 3
    assert len(account.calls) == 2


REFUSED = [
    (20003, 5, "refused the credentials (error 20003)"),
    (21210, 5, "does not know the caller's number as yours"),
    (21211, 5, "Twilio refused the call: HTTP 400"),
    (21215, 5, "Geographic permissions"),
    (21219, 5, "a trial account calls only numbers that you have verified"),
]


@pytest.mark.parametrize(("code", "exit_code", "said"), REFUSED)
def test_a_call_that_was_refused_was_not_made(
    calling: Path, account: TwilioFake, clock: FakeClock, code: int, exit_code: int, said: str
) -> None:
    account.endings["0101"] = {"refused": code}
    ended = run("verify", "one", "--call", "--yes", folder=calling)
    assert ended.code == exit_code and said in ended.err
    assert [name for name, _ in events(calling)] == ["calling", "not-called"]
    account.endings.clear()
    clock.sleep(600)
    assert "answered" in run("verify", "one", "--call", "--yes", folder=calling).out, "it may ring"
    assert len(account.calls) == 1 and not is_held(calling)


def post(reply: Reply) -> Callable[[Request], Reply | None]:
    return lambda request: reply if request.method == "POST" else None


@pytest.mark.parametrize("reply", [Reply(429, b"{}"), Reply(400, b"{}")])
def test_other_refusals(calling: Path, account: TwilioFake, reply: Reply) -> None:
    account.before = post(reply)
    ended = run("verify", "one", "--call", "--yes", folder=calling)
    assert ended.code == 5 and "nothing was called" in ended.err
    assert [name for name, _ in events(calling)] == ["calling", "not-called"]


@pytest.mark.parametrize("reply", [Reply(500), Reply(200, cut=True)])
def test_a_lost_answer_is_looked_for_and_no_second_call_made(
    calling: Path, account: TwilioFake, reply: Reply
) -> None:
    account.endings["0101"] = {"answered_by": "fax"}
    account.after = post(reply)
    ended = run("verify", "one", "--call", "--yes", folder=calling)
    assert ended.code == 0 and "a fax answered" in ended.out and len(account.calls) == 1


@pytest.mark.parametrize("reply", [Reply(500), Reply(200, cut=True)])
def test_where_nobody_knows_the_number_is_held(
    calling: Path, account: TwilioFake, reply: Reply
) -> None:
    """Before the call was made: Twilio shows none, and that proves nothing."""
    account.before = post(reply)
    ended = run("verify", "one", "--call", "--yes", folder=calling)
    assert ended.code == 4 and "the number is held" in ended.out and not account.calls
    assert is_held(calling)
    account.before = lambda _request: None
    ended = run("verify", "one", "--call", "--yes", folder=calling)
    assert ended.code == 2 and not account.calls, "and stays so"
    lifted = run("verify", "one", "--method", "call", folder=calling)
    assert "It was held: call" in lifted.out and not is_held(calling)


def test_a_call_that_goes_on_is_asked_about_by_the_next_run(
    calling: Path, account: TwilioFake
) -> None:
    account.endings["0101"] = {"answered_by": "human"}
    account.polls_under_way = 1000
    ended = run("verify", "one", "--call", "--yes", folder=calling)
    assert ended.code == 4 and "the same command asks again" in ended.out
    account.polls_under_way = 0
    ended = run("verify", "one", "--call", "--yes", folder=calling)
    assert ended.code == 0 and "An earlier call: a person answered" in ended.out
    assert len(account.calls) == 1


class Killed(BaseException):
    """As if by kill -9: nothing more is done."""


@pytest.mark.parametrize("where", ["place", "rings", "call", "end"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_never_leads_to_a_second_call(
    calling: Path,
    account: TwilioFake,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    when: str,
) -> None:
    """Killed before and after each step; then run again, and again."""
    owner: type = Twilio if where in ("place", "call") else CheckCalls
    real = getattr(owner, where)

    def killed(*words: object, **more: object) -> object:
        if when == "after":
            real(*words, **more)
        raise Killed

    account.endings["0101"] = {"answered_by": "human"}
    with monkeypatch.context() as patched:
        patched.setattr(owner, where, killed)
        with pytest.raises(Killed):
            run("verify", "one", "--call", "--yes", folder=calling)
    for _ in range(3):
        clock.sleep(25 * 3600)
        run("verify", "one", "--call", "--yes", folder=calling)
    assert len(account.calls) == (0 if (where, when) == ("place", "before") else 1)
    assert is_held(calling), "a person answered, or may have"
