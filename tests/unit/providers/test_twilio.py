"""Twilio: what Lookup says of a number, and whether a check call was made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from faxappeal.config.sections import TwilioSection
from faxappeal.core.errors import SetupError
from faxappeal.providers import http
from faxappeal.providers.base import Probe, Unreachable
from faxappeal.providers.twilio import (
    Call,
    LineType,
    NotPlaced,
    Twilio,
    Uncertain,
    client,
    doubt_of,
    json_object,
    open_twilio,
    price,
)
from tests.support import wire
from tests.support.clock import MORNING
from tests.support.fakes.twilio import ACCOUNT, CALLER, TOKEN, TwilioFake, error
from tests.support.fakes.web import Reply, as_json
from tests.support.wire import Wire

NUMBER = "+12025550101"
TABLE = {"account_sid": ACCOUNT, "auth_token": TOKEN, "from": CALLER}


def account(line: Wire, **table: Any) -> Twilio:
    opened = open_twilio(TwilioSection.model_validate(TABLE | table))
    line.on(opened.client.http_client.session)
    return opened


QUESTIONS: tuple[Callable[[Twilio], object], ...] = (
    lambda twilio: twilio.look_up(NUMBER),
    lambda twilio: twilio.call("CA1"),
    lambda twilio: twilio.find(NUMBER, MORNING),
)


# -- lookup ----------------------------------------------------------------------------------------


def looked_up(answer: object) -> LineType:
    return account(Wire(as_json(answer))).look_up(NUMBER)


@pytest.mark.parametrize(
    ("answer", "line", "doubt"),
    [
        (
            {"valid": True, "line_type_intelligence": {"type": "landline", "carrier_name": "Ex"}},
            LineType(True, "landline", "Ex", "valid landline Ex"),
            "",
        ),
        (
            {"valid": True, "line_type_intelligence": {"type": "mobile"}},
            LineType(True, "mobile", "", "valid mobile"),
            "a mobile number: a person would answer",
        ),
        (
            {"valid": True, "line_type_intelligence": {"type": None, "carrier_name": None}},
            LineType(True, "unknown", "", "valid unknown"),
            "",
        ),
        (
            {"valid": True, "line_type_intelligence": None},
            LineType(True, "unknown", "", "valid unknown"),
            "",
        ),
        (
            {"valid": False, "validation_errors": ["TOO_LONG", "NOT_A_NUMBER"]},
            LineType(False, "unknown", "", "not valid unknown TOO_LONG NOT_A_NUMBER"),
            "no number of its country's plan",
        ),
        (
            {"valid": None, "line_type_intelligence": {"type": "landline"}},
            LineType(False, "landline", "", "not valid landline"),
            "no number of its country's plan",
        ),
        ({}, LineType(False, "unknown", "", "not valid unknown"), "no number of its"),
        ([], LineType(False, "unknown", "", "not valid unknown"), "no number of its"),
    ],
    ids=[
        "a landline",
        "a mobile number",
        "a kind that is not known",
        "no kind",
        "too long",
        "no word whether it is valid",
        "an empty answer",
        "another answer",
    ],
)
def test_what_kind_of_line_it_is(answer: object, line: LineType, doubt: str) -> None:
    found = looked_up(answer)
    assert found == line
    assert doubt_of(found).startswith(doubt) and bool(doubt_of(found)) is bool(doubt)


@pytest.mark.parametrize(
    ("kind", "doubtful"),
    [
        ("landline", False),
        ("fixedVoip", False),
        ("nonFixedVoip", False),
        ("tollFree", False),
        ("uan", False),
        ("unknown", False),
        ("solar", False),
        ("", False),
        ("Mobile", False),
        ("mobile", True),
        ("personal", True),
        ("premium", True),
        ("sharedCost", True),
        ("voicemail", True),
        ("pager", True),
    ],
)
def test_behind_which_kinds_of_line_is_hardly_a_fax(kind: str, doubtful: bool) -> None:
    assert bool(doubt_of(LineType(True, kind, "", ""))) is doubtful


def test_a_carriers_name_is_one_line_and_not_endless() -> None:
    kind = {"type": "landline", "carrier_name": "Ex\n\x1b[31m" + "x" * 500}
    found = looked_up({"valid": True, "line_type_intelligence": kind})
    assert found.carrier.startswith("Ex [31mx") and len(found.raw) == 200


def test_twilio_learns_the_number_and_the_question_alone() -> None:
    line = Wire(as_json({"valid": True}))
    account(line).look_up(NUMBER)
    [asked] = line.requests
    assert asked.method == "GET" and asked.query == {"Fields": ["line_type_intelligence"]}
    assert line.urls[0].startswith("https://lookups.twilio.com/v2/PhoneNumbers/%2B12025550101?")


# -- what an error means ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (error(401, 20003, "Authenticate"), "refused the credentials (error 20003)"),
        (error(403, 20008, "test"), "test credentials (error 20008)"),
        (error(401, 20404, "odd"), "refused the credentials (HTTP 401)"),
        (error(403, 20403, "Forbidden"), "refused the credentials (HTTP 403)"),
        (Reply(401), "refused the credentials (HTTP 401)"),
        (as_json({"code": "20003"}, 401), "refused the credentials (HTTP 401)"),
        (as_json([20003], 403), "refused the credentials (HTTP 403)"),
        (wire.untrusted(), "certificate"),
    ],
    ids=[
        "a wrong token",
        "test credentials",
        "another code",
        "forbidden",
        "no body",
        "a code as a text",
        "a list",
        "a strange certificate",
    ],
)
def test_an_account_that_is_not_ready_is_said_with_a_hint(reply: wire.Answer, words: str) -> None:
    for ask in QUESTIONS:
        with pytest.raises(SetupError) as stopped:
            ask(account(Wire(reply)))
        assert words in stopped.value.message and stopped.value.hint


@pytest.mark.parametrize(
    "reply",
    [
        error(404, 20404, "not found"),
        error(429, 20429, "Too many"),
        Reply(302),
        Reply(500),
        wire.cut(),
        wire.too_late(),
        wire.no_connection(),
    ],
    ids=["404", "429", "302", "500", "cut", "too late", "no connection"],
)
def test_trouble_says_nothing_of_the_number(reply: wire.Answer) -> None:
    for ask in QUESTIONS:
        line = Wire(reply)
        with pytest.raises(Unreachable, match=r"^Twilio: "):
            ask(account(line))
        assert len(line.requests) == 1


def test_a_question_that_is_put_off_says_for_how_long() -> None:
    busy = Reply(429, headers=(("Retry-After", "600"),))
    with pytest.raises(Unreachable) as later:
        account(Wire(busy)).look_up(NUMBER)
    assert later.value.retry_after == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"sid": "CA1"}', {"sid": "CA1"}),
        (b"[1]", {}),
        (b"null", {}),
        (b"17", {}),
        (b"<html>", {}),
        (b"", {}),
    ],
)
def test_an_answer_that_is_no_object_says_nothing(body: bytes, found: object) -> None:
    line = Wire(Reply(200, body))
    opened = account(line)
    answer = opened.client.api.request("GET", "2010-04-01/Accounts")
    assert json_object(answer) == found


# -- a check call ----------------------------------------------------------------------------------


def placed(*answers: wire.Answer) -> str:
    return account(Wire(*answers)).place(NUMBER, "<Response/>")


def test_a_call_is_short_and_says_what_it_was_given() -> None:
    line = Wire(as_json({"sid": "CA1", "status": "queued"}, 201))
    assert account(line).place(NUMBER, "<Response/>") == "CA1"
    form = line.requests[0].form
    assert (form["To"], form["From"], form["Twiml"]) == (NUMBER, CALLER, "<Response/>")
    assert int(form["Timeout"]) <= 30 and int(form["TimeLimit"]) <= 60
    assert form["MachineDetection"] == "Enable"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (error(401, 20003, "no"), "refused the credentials (error 20003)"),
        (error(403, 20008, "no"), "these are Twilio's test credentials"),
        (error(400, 21210, "no"), "does not know the caller's number as yours"),
        (error(400, 21212, "no"), "the caller's number cannot be used"),
        (error(400, 21215, "no"), "may not call numbers of that country"),
        (error(400, 21219, "no"), "a trial account calls only numbers"),
        (Reply(401), "refused the credentials (HTTP 401)"),
        (wire.untrusted(), "certificate"),
    ],
    ids=["20003", "20008", "21210", "21212", "21215", "21219", "401", "a strange certificate"],
)
def test_a_call_that_the_account_is_not_ready_for_was_not_made(
    reply: wire.Answer, words: str
) -> None:
    with pytest.raises(SetupError) as stopped:
        placed(reply)
    assert words in stopped.value.message and stopped.value.hint


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (error(400, 21211, "Invalid 'To'"), "Twilio refused the call: HTTP 400 Invalid 'To'"),
        (error(404, 20404, "not found"), "Twilio refused the call: HTTP 404 not found"),
        (Reply(429, b"{}"), "Twilio refused the call: HTTP 429"),
        (wire.no_connection(), "Twilio cannot be reached"),
        (wire.no_route(), "Twilio cannot be reached"),
    ],
    ids=["an invalid number", "404", "429", "no connection", "no route"],
)
def test_a_call_that_was_refused_was_not_made(reply: wire.Answer, words: str) -> None:
    with pytest.raises(NotPlaced) as refused:
        placed(reply)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(503),
        Reply(200, b"<html>welcome</html>"),
        Reply(201, b""),
        as_json({"status": "queued"}, 201),
        as_json({"sid": None}, 201),
        as_json({"sid": ""}, 201),
        as_json(["CA1"], 201),
        wire.cut(),
        wire.too_late(),
        wire.broken_tls(),
    ],
    ids=lambda reply: str(reply)[:60],
)
def test_a_call_whose_answer_proves_nothing_may_have_been_made(reply: wire.Answer) -> None:
    line = Wire(reply)
    with pytest.raises(Uncertain):
        account(line).place(NUMBER, "<Response/>")
    assert len(line.requests) == 1, "no call is made twice"


@pytest.mark.parametrize(
    ("found", "call", "is_over"),
    [
        (
            {"sid": "CA1", "status": "completed", "answered_by": "fax", "price": "-0.013"},
            Call("CA1", "completed", "fax", "-0.013", "completed answered by fax"),
            True,
        ),
        (
            {"sid": "CA1", "status": "in-progress", "price": None, "price_unit": "USD"},
            Call("CA1", "in-progress", "", None, "in-progress"),
            False,
        ),
        ({"status": "busy"}, Call("", "busy", "", None, "busy"), True),
        ({"status": None}, Call("", "", "", None, ""), False),
        ({}, Call("", "", "", None, ""), False),
        ([], Call("", "", "", None, ""), False),
    ],
    ids=["over", "on the line", "busy", "no status", "an empty answer", "another answer"],
)
def test_how_a_call_stands(found: object, call: Call, is_over: bool) -> None:
    stands = account(Wire(as_json(found))).call("CA1")
    assert stands == call and stands.is_over is is_over


@pytest.mark.parametrize(
    ("status", "is_over"),
    [
        ("queued", False),
        ("initiated", False),
        ("ringing", False),
        ("in-progress", False),
        ("completed", True),
        ("busy", True),
        ("no-answer", True),
        ("failed", True),
        ("canceled", True),
        ("resting", False),
        ("Completed", False),
        ("", False),
    ],
)
def test_when_a_call_is_over(status: str, is_over: bool) -> None:
    assert Call("CA1", status, "", None, "").is_over is is_over


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"price": "-0.07", "price_unit": "USD"}, "-0.07 USD"),
        ({"price": "-0.07"}, "-0.07"),
        ({"price": None, "price_unit": "USD"}, None),
        ({"price": "", "price_unit": "USD"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_price_once_it_is_known(found: dict[str, object], words: str | None) -> None:
    assert price(found) == words


# -- a call that was interrupted -------------------------------------------------------------------


def made(minutes: int, sid: str = "CA1", caller: str = CALLER) -> dict[str, str]:
    moment: datetime = MORNING + timedelta(minutes=minutes)
    return {"sid": sid, "from": caller, "date_created": moment.strftime("%a, %d %b %Y %T %z")}


@pytest.mark.parametrize(
    ("calls", "sid"),
    [
        ([], None),
        (None, None),
        ([made(0)], "CA1"),
        ([made(-2)], "CA1"),
        ([made(-3)], None),
        ([made(5, "CA2"), made(0, "CA1")], "CA2"),
        ([made(5, "CA2", "+12025550191"), made(0, "CA1")], "CA1"),
        ([made(5, "CA2", "+12025550191")], None),
    ],
    ids=[
        "none",
        "no list",
        "ours",
        "clocks differ",
        "an older one",
        "the newest",
        "another caller's and ours",
        "another caller's",
    ],
)
def test_a_call_of_ours_is_found_where_twilio_shows_it(
    calls: list[dict[str, str]] | None, sid: str | None
) -> None:
    line = Wire(as_json({"calls": calls}))
    assert account(line).find(NUMBER, MORNING) == sid
    assert line.requests[0].query["To"] == [NUMBER]


# -- trying the account ----------------------------------------------------------------------------


def tried(fake: TwilioFake, *countries: str, calls: bool = True) -> dict[str, Probe]:
    opened = account(Wire(fake.serve))
    found = {check.name: check for check in opened.check(frozenset(countries), calls=calls)}
    assert not fake.calls and not fake.asked, "no call is made, and no number sent"
    return found


def test_an_account_that_is_ready() -> None:
    found = tried(TwilioFake(), "US", "DE", "FR")
    assert {name: (check.ok, check.words) for name, check in found.items()} == {
        "credentials": (True, "accepted"),
        "balance": (True, "12.50 USD"),
        "caller": (True, "+12025550190 is yours"),
        "country DE": (True, "may be called"),
        "country FR": (False, "may not be called (error 21215)"),
        "country US": (True, "may be called"),
    }
    assert "Geographic permissions" in found["country FR"].hint


def test_without_calls_only_the_account_is_tried() -> None:
    assert set(tried(TwilioFake(), "US", calls=False)) == {"credentials", "balance"}


@pytest.mark.parametrize(
    ("balance", "ok"),
    [("12.50", True), ("0.01", True), ("0.00", False), ("0", False), ("-3.20", False)],
)
def test_the_balance(balance: str, ok: bool) -> None:
    assert tried(TwilioFake(balance=balance), calls=False)["balance"].ok is ok


def test_a_number_of_another_is_not_known_to_be_ours() -> None:
    found = tried(TwilioFake(callers=()))["caller"]
    assert found.ok is None and "Verified Caller IDs" in found.hint


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        (error(401, 20003, "Authenticate"), "credentials"),
        (Reply(403), "credentials"),
        (Reply(500), "connection"),
        (Reply(cut=True), "connection"),
    ],
    ids=["a wrong token", "403", "500", "cut off"],
)
def test_an_account_that_does_not_answer_is_said_once(reply: Reply, name: str) -> None:
    found = tried(TwilioFake(before=lambda _request: reply), "US")
    assert list(found) == [name] and found[name].ok is False and found[name].hint


# -- the traps of Twilio's package -----------------------------------------------------------------


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment of another account's."""
    for name, value in {
        "TWILIO_ACCOUNT_SID": "AC" + "f" * 32,
        "TWILIO_AUTH_TOKEN": "foreign",
        "TWILIO_REGION": "evil",
        "TWILIO_EDGE": "evil",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("hostile")
def test_the_environment_of_twilio_changes_neither_host_nor_credentials() -> None:
    fake = TwilioFake()
    line = Wire(fake.serve)
    opened = account(line)
    opened.look_up(NUMBER)
    opened.place(NUMBER, "<Response/>")
    assert fake.asked == [NUMBER] and len(fake.calls) == 1, "by our credentials"
    hosts = {url.split("/")[2] for url in line.urls}
    assert hosts == {"lookups.twilio.com", "api.twilio.com"}
    assert "foreign" not in str([request.headers for request in fake.requests])


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(("sid", "token"), [("", TOKEN), (ACCOUNT, ""), ("", "")])
def test_nothing_that_is_missing_is_taken_from_the_environment(sid: str, token: str) -> None:
    with pytest.raises(SetupError, match="are needed") as stopped:
        client(sid, token, "fax.signalwire")
    assert stopped.value.hint == "see [fax.signalwire]"


def test_the_client_has_a_time_limit_and_repeats_nothing() -> None:
    made = client("project", "token", "fax.signalwire")
    adapter = made.http_client.session.get_adapter("https://api.twilio.com")
    assert adapter.max_retries.total == 0 and adapter.max_retries.read is False
    line = Wire(as_json({"sid": "CA1"}, 201))
    account(line).place(NUMBER, "<Response/>")
    assert [options["timeout"] for options in line.options] == [sum(http.TIMEOUT)]


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("https://api.twilio.com", {"lookups.twilio.com", "api.twilio.com"}),
        ("https://evil.twilio.com", {"lookups.twilio.com", "api.twilio.com"}),
        ("http://127.0.0.1:8000", {"127.0.0.1:8000"}),
    ],
    ids=["Twilio", "another host of Twilio's", "a server for tests"],
)
def test_where_the_questions_go(url: str, hosts: set[str]) -> None:
    fake = TwilioFake()
    line = Wire(fake.serve)
    opened = account(line, url=url)
    opened.look_up(NUMBER)
    opened.place(NUMBER, "<Response/>")
    assert {address.split("/")[2] for address in line.urls} == hosts


def test_a_number_of_a_call_stays_one_part_of_the_address() -> None:
    line = Wire(as_json({}))
    account(line).call("CA/../1?x")
    assert line.urls == [
        f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls/CA%2F..%2F1%3Fx.json"
    ]


def test_a_closed_account_can_still_be_used() -> None:
    opened = account(Wire(as_json({"valid": True})))
    opened.close()
    assert opened.look_up(NUMBER).is_valid


# -- its table -------------------------------------------------------------------------------------


def test_without_a_table_it_says_which_one() -> None:
    with pytest.raises(SetupError, match="need an account of Twilio's") as stopped:
        open_twilio(None)
    assert "[twilio]" in stopped.value.hint


def test_without_a_token_no_foreign_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "foreign")
    with pytest.raises(SetupError) as stopped:
        open_twilio(TwilioSection.model_validate({"account_sid": ACCOUNT}))
    assert "FAXAPPEAL_TWILIO__AUTH_TOKEN" in stopped.value.hint


def test_an_authority_of_ones_own_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="ca_file"):
        account(Wire(Reply()), ca_file=tmp_path / "missing.pem")
