"""HTTP: what an answer proves, and what a lost one does not."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
from pydantic import BaseModel
from requests.adapters import HTTPAdapter

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers import http
from faxappeal.providers.base import ClaimLost, Failed, Outcome, Probe, Unknown, Unreachable
from faxappeal.providers.http import Api, Bearer, NotFound
from tests.support import wire
from tests.support.fakes.web import Reply, as_json
from tests.support.wire import Wire

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOME = "https://api.example.org/v1"


class Fax(BaseModel):
    id: str


def nothing() -> None:
    pass


def api(line: Wire, base: str = HOME) -> Api:
    made = Api("Example", base, ("erika", "hunter2"))
    line.on(made.session)
    return made


def submit(*answers: wire.Answer) -> Fax | Outcome:
    return api(Wire(*answers)).send(Fax, "/faxes", nothing, json={"to": "+12025550101"})


# -- what sends a fax ------------------------------------------------------------------------------


def test_a_good_answer_is_read() -> None:
    assert submit(as_json({"id": "854", "more": True}, 201)) == Fax(id="854")


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (400, Cause.DOCUMENT),
        (401, Cause.ACCOUNT),
        (402, Cause.ACCOUNT),
        (403, Cause.ACCOUNT),
        (404, Cause.ACCOUNT),
        (413, Cause.DOCUMENT),
        (415, Cause.DOCUMENT),
        (422, Cause.REFUSED),
        (429, Cause.PROVIDER),
    ],
)
def test_a_refusal_certainly_made_no_fax(status: int, cause: Cause) -> None:
    outcome = submit(Reply(status))
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert outcome.report.raw == f"HTTP {status}"


@pytest.mark.parametrize(
    "answer",
    [
        Reply(301, headers=(("Location", "https://elsewhere.example.org/"),)),
        Reply(302, headers=(("Location", "https://portal.example.org/login"),)),
        Reply(304),
        Reply(405),
        Reply(408),
        Reply(409),
        Reply(410),
        Reply(418),
        Reply(500),
        Reply(502),
        Reply(503),
        Reply(504),
        Reply(599),
        Reply(200, b""),
        Reply(200, b"<html>welcome</html>", "text/html"),
        Reply(200, b"{"),
        as_json([]),
        as_json({}),
        as_json({"id": None}),
        as_json({"id": 854}),
        as_json({"fax": {"id": "854"}}),
    ],
    ids=lambda answer: f"{answer.status} {answer.body.decode()}".strip(),
)
def test_any_other_answer_leaves_it_open_whether_there_is_a_fax(answer: Reply) -> None:
    line = Wire(answer)
    outcome = api(line).send(Fax, "/faxes", nothing)
    assert isinstance(outcome, Unknown) and str(answer.status) in outcome.report.raw
    assert len(line.requests) == 1, "nothing is submitted twice, and no redirect is followed"


@pytest.mark.parametrize("trouble", [wire.no_connection, wire.no_route])
def test_without_a_connection_nothing_has_left(trouble: Callable[[], Exception]) -> None:
    outcome = submit(trouble())
    assert isinstance(outcome, Failed) and outcome.cause is Cause.OFFLINE
    assert outcome.report.raw == "no connection to api.example.org"


@pytest.mark.parametrize(
    "trouble",
    [
        wire.cut(),
        wire.too_late(),
        wire.broken_tls(),
        requests.ConnectionError(),
        requests.ConnectionError("odd"),
        requests.exceptions.ChunkedEncodingError("IncompleteRead(12 bytes read)"),
        requests.exceptions.ContentDecodingError("not gzip"),
    ],
    ids=lambda trouble: f"{type(trouble).__name__} {trouble}",
)
def test_an_answer_that_was_lost_leaves_it_open(trouble: Exception) -> None:
    outcome = submit(trouble)
    assert isinstance(outcome, Unknown) and outcome.report.raw == type(trouble).__name__


def test_a_strange_certificate_stops_the_run_before_anything_left() -> None:
    with pytest.raises(SetupError, match="certificate") as stopped:
        submit(wire.untrusted())
    assert "ca_file" in stopped.value.hint


def test_a_claim_that_is_lost_sends_nothing() -> None:
    line = Wire(as_json({"id": "854"}))

    def lost() -> None:
        raise ClaimLost

    with pytest.raises(ClaimLost):
        api(line).send(Fax, "/faxes", lost)
    assert not line.requests


def test_the_departure_is_written_down_before_the_request() -> None:
    line = Wire(as_json({"id": "854"}))
    asked: list[int] = []
    api(line).send(Fax, "/faxes", lambda: asked.append(len(line.requests)))
    assert asked == [0] and len(line.requests) == 1


def test_each_request_has_time_limits() -> None:
    line = Wire(as_json({"id": "854"}))
    account = api(line)
    account.send(Fax, "/faxes", nothing)
    account.upload("/media", data=b"%PDF")
    account.get(Fax, "/faxes/854")
    account.delete("/media/854")
    account.probe("/faxes", NOON, "the console")
    assert [options["timeout"] for options in line.options] == [http.TIMEOUT] * 5
    assert {request.path for request in line.requests} >= {"/v1/media/854", "/v1/faxes/854"}


# -- when the account wants to be left alone -------------------------------------------------------


def in_two_hours() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7200", 7200),
        ("0", 0),
        ("99999999", 6 * 3600),
        (None, None),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("Tue, 24 Nov 99999 12:00:00 GMT", None),
        ("9" * 400, 6 * 3600),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 0),
    ],
    ids=lambda value: str(value)[:32],
)
def test_how_long_it_wants_no_requests(value: str | None, seconds: float | None) -> None:
    headers = () if value is None else (("Retry-After", value),)
    outcome = submit(Reply(429, headers=headers))
    assert isinstance(outcome, Failed)
    wanted = None if seconds is None else timedelta(seconds=seconds)
    assert outcome.retry_after == wanted


def test_the_moment_until_which_it_wants_no_requests() -> None:
    outcome = submit(Reply(429, headers=(("Retry-After", in_two_hours()),)))
    assert isinstance(outcome, Failed) and outcome.retry_after
    assert timedelta(minutes=119) < outcome.retry_after <= timedelta(minutes=120)


@pytest.mark.parametrize("status", [429, 503])
def test_a_question_that_is_put_off_says_for_how_long(status: int) -> None:
    account = api(Wire(Reply(status, headers=(("Retry-After", "600"),))))
    for ask in (lambda: account.get(Fax, "/faxes/854"), lambda: account.delete("/faxes/854")):
        with pytest.raises(Unreachable, match=f"Example: HTTP {status}") as later:
            ask()
        assert later.value.retry_after == timedelta(minutes=10)


# -- its words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", ""),
        (b"<html>no</html>", ""),
        (b"{", ""),
        (b"null", ""),
        (b'"no"', ""),
        (b"[]", ""),
        (b"{}", ""),
        (b'{"errors": []}', ""),
        (b'{"errors": ["no"]}', ""),
        (b'{"errors": "no"}', ""),
        (b'{"message": "no such number"}', "no such number"),
        (b'{"title": "Refused", "detail": "not a fax"}', "Refused not a fax"),
        (b'{"errors": [{"title": "Bad", "detail": "to"}, {"title": "Second"}]}', "Bad to"),
        (b'{"message": 17}', "17"),
        (b'{"message": "one\\ntwo \\u001b[31m\\u202ered"}', "one two [31mred"),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else "",
)
def test_a_refusal_has_the_accounts_own_words_on_one_line(body: bytes, words: str) -> None:
    outcome = submit(Reply(422, body))
    assert isinstance(outcome, Failed)
    assert outcome.report.raw == f"HTTP 422 {words}".strip()


def test_a_long_refusal_is_cut_short() -> None:
    outcome = submit(as_json({"message": "no " * 1000}, 422))
    assert isinstance(outcome, Failed) and len(outcome.report.raw) < 220


# -- what sends nothing yet ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "cause", "words"),
    [
        (Reply(401), Cause.ACCOUNT, "HTTP 401"),
        (Reply(413), Cause.DOCUMENT, "HTTP 413"),
        (Reply(422), Cause.REFUSED, "HTTP 422"),
        (Reply(429), Cause.PROVIDER, "HTTP 429"),
        (Reply(302), Cause.PROVIDER, "HTTP 302"),
        (Reply(500), Cause.PROVIDER, "HTTP 500"),
        (wire.cut(), Cause.PROVIDER, "upload: ConnectionError"),
        (wire.too_late(), Cause.PROVIDER, "upload: ReadTimeout"),
        (wire.no_connection(), Cause.OFFLINE, "no connection to api.example.org"),
    ],
    ids=["401", "413", "422", "429", "302", "500", "cut", "too late", "no connection"],
)
def test_an_upload_that_went_wrong_certainly_made_no_fax(
    answer: wire.Answer, cause: Cause, words: str
) -> None:
    outcome = api(Wire(answer)).upload("/media", data=b"%PDF")
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert outcome.report.raw == words


def test_an_upload_that_went_well_says_nothing() -> None:
    assert api(Wire(Reply(201))).upload("/media", data=b"%PDF") is None


def test_an_upload_is_put_off_for_as_long_as_the_account_wants() -> None:
    outcome = api(Wire(Reply(429, headers=(("Retry-After", "60"),)))).upload("/media")
    assert isinstance(outcome, Failed) and outcome.retry_after == timedelta(minutes=1)


# -- questions -------------------------------------------------------------------------------------


def test_a_question_is_answered() -> None:
    line = Wire(as_json({"id": "854"}))
    assert api(line).get(Fax, "/faxes", {"to": "+1 202", "empty": ""}) == Fax(id="854")
    assert line.urls == [f"{HOME}/faxes?to=%2B1+202&empty="]


@pytest.mark.parametrize(
    "answer",
    [
        Reply(400),
        Reply(401),
        Reply(302, headers=(("Location", "https://portal.example.org/"),)),
        Reply(500),
        Reply(200, b""),
        Reply(200, b"<html>welcome</html>"),
        Reply(200, b'\xff\xfe{"id": 1'),
        as_json({"id": 854}),
        wire.cut(),
        wire.too_late(),
        wire.no_connection(),
        wire.untrusted(),
    ],
    ids=lambda answer: str(answer)[:60],
)
def test_a_question_without_an_answer_says_nothing_of_the_fax(answer: wire.Answer) -> None:
    line = Wire(answer)
    with pytest.raises(Unreachable, match=r"^Example: "):
        api(line).get(Fax, "/faxes/854")
    assert len(line.requests) == 1


def test_a_fax_that_the_account_does_not_have_is_no_other_trouble() -> None:
    with pytest.raises(NotFound):
        api(Wire(Reply(404))).get(Fax, "/faxes/854")
    with pytest.raises(Unreachable) as other:
        api(Wire(Reply(410))).get(Fax, "/faxes/854")
    assert not isinstance(other.value, NotFound)


@pytest.mark.parametrize("status", [200, 202, 204, 404])
def test_what_was_deleted_or_is_gone_already_is_well(status: int) -> None:
    line = Wire(Reply(status))
    api(line).delete("/media/854")
    assert [request.method for request in line.requests] == ["DELETE"]


@pytest.mark.parametrize(
    "answer",
    [Reply(302), Reply(401), Reply(409), Reply(500), wire.cut(), wire.no_connection()],
    ids=["302", "401", "409", "500", "cut", "no connection"],
)
def test_what_may_still_lie_there_is_tried_again_later(answer: wire.Answer) -> None:
    with pytest.raises(Unreachable, match="Example"):
        api(Wire(answer)).delete("/media/854")


# -- trying the account ----------------------------------------------------------------------------


def probes(answer: wire.Answer, base: str = HOME) -> dict[str, Probe]:
    checks, _ = api(Wire(answer), base).probe("/faxes", NOON, "the console, API keys")
    return {check.name: check for check in checks}


@pytest.mark.parametrize(
    ("status", "name", "ok", "words", "hint"),
    [
        (200, "credentials", True, "accepted", ""),
        (402, "balance", False, "none left (HTTP 402 no)", "top it up: the console, API keys"),
        (401, "credentials", False, "refused (HTTP 401 no)", "make a new key"),
        (403, "credentials", False, "refused (HTTP 403 no)", "make a new key"),
        (400, "account", False, "not found as it is named (HTTP 400 no)", "faxappeal.toml"),
        (404, "account", False, "not found as it is named (HTTP 404 no)", "faxappeal.toml"),
        (422, "account", False, "not found as it is named (HTTP 422 no)", "faxappeal.toml"),
        (302, "connection", False, "no answer to work with (HTTP 302 no)", "try again later"),
        (500, "connection", False, "no answer to work with (HTTP 500 no)", "try again later"),
    ],
)
def test_whether_the_account_knows_us(
    status: int, name: str, ok: bool, words: str, hint: str
) -> None:
    found = probes(as_json({"message": "no"}, status))[name]
    assert (found.ok, found.words) == (ok, words) and hint in found.hint


@pytest.mark.parametrize(
    ("date", "ok", "words"),
    [
        (format_datetime(NOON, usegmt=True), True, "right"),
        (format_datetime(NOON + timedelta(seconds=119), usegmt=True), True, "right"),
        ("Tue, 24 Nov 2026 13:00:00 +0100", True, "right"),
        ("Tue, 24 Nov 2026 12:00:00 -0000", True, "right"),
        ("Tue, 24 Nov 2026 11:30:00 GMT", False, "30 minutes ahead of the server's"),
        ("Tue, 24 Nov 2026 13:30:00 GMT", False, "90 minutes behind the server's"),
        ("noon", None, "the server does not tell its time"),
        (None, None, "the server does not tell its time"),
    ],
    ids=str,
)
def test_this_machines_clock_beside_the_servers(
    date: str | None, ok: bool | None, words: str
) -> None:
    headers = (("Date", date),) if date else ()
    found = probes(Reply(200, b"{}", headers=headers))["clock"]
    assert (found.ok, found.words) == (ok, words)


@pytest.mark.parametrize(("base", "shown"), [(HOME, True), ("http://127.0.0.1:8000", False)])
def test_it_is_said_where_the_way_is_encrypted(base: str, shown: bool) -> None:
    assert ("TLS" in probes(Reply(), base)) is shown


@pytest.mark.parametrize(
    ("trouble", "name", "words"),
    [
        (wire.untrusted(), "TLS", "certificate"),
        (wire.no_connection(), "connection", "Example does not answer (ConnectionError)"),
        (wire.too_late(), "connection", "Example does not answer (ReadTimeout)"),
    ],
    ids=["a strange certificate", "no connection", "no answer"],
)
def test_an_account_that_does_not_answer_is_said_once(
    trouble: Exception, name: str, words: str
) -> None:
    found = probes(trouble)
    assert list(found) == [name] and found[name].ok is False
    assert words in found[name].words and found[name].hint


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (as_json({"balance": 12.5}), {"balance": 12.5}),
        (Reply(200, b"<html>"), None),
        (Reply(204), None),
        (as_json({"balance": 12.5}, 401), None),
    ],
    ids=["JSON", "a page", "empty", "refused"],
)
def test_what_the_account_says_beside_is_passed_on_only_where_it_is_sound(
    answer: Reply, shown: object
) -> None:
    _, found = api(Wire(answer)).probe("/balance", NOON, "the console")
    assert found == shown


# -- the session -----------------------------------------------------------------------------------


def test_a_session_repeats_nothing_by_itself() -> None:
    made = http.session(None)
    for url in ("https://api.example.org", "http://127.0.0.1"):
        adapter = made.get_adapter(url)
        assert isinstance(adapter, HTTPAdapter)
        assert adapter.max_retries.total == 0 and adapter.max_retries.read is False


@pytest.mark.parametrize(
    ("auth", "header"),
    [(Bearer("KEY-1"), "Bearer KEY-1"), (("erika", "hunter2"), "Basic ZXJpa2E6aHVudGVyMg==")],
    ids=["a key", "a login"],
)
def test_no_login_is_taken_from_a_netrc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auth: Bearer | tuple[str, str], header: str
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine api.example.org login foreign password foreign\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    line = Wire(as_json({"id": "854"}))
    account = Api("Example", HOME, auth)
    line.on(account.session)
    account.get(Fax, "/faxes/854")
    assert line.requests[0].headers["authorization"] == header


PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_an_authority_of_ones_own_holds_before_that_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other = tmp_path / "own.pem", tmp_path / "other.pem"
    own.write_text(PEM)
    other.write_text(PEM)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    line = Wire(as_json({"id": "854"}))
    for ca_file in (own, None):
        account = Api("Example", HOME, None, ca_file)
        line.on(account.session)
        account.get(Fax, "/faxes/854")
    assert [options["verify"] for options in line.options] == [str(own), str(other)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"", "holds no certificate"),
        (b"nothing", "holds no certificate"),
        (b"\x30\x82\xff\xfe", "holds no certificate"),
    ],
    ids=["missing", "empty", "words", "DER"],
)
def test_a_file_without_certificates_is_refused(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)
    with pytest.raises(SetupError, match=words) as stopped:
        http.trusted(ca_file)
    assert stopped.value.hint


def test_no_log_of_a_library_has_an_address_with_ids_in_it() -> None:
    for name in ("urllib3", "urllib3.connectionpool", "twilio.http_client"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)


def test_a_closed_account_can_still_be_used() -> None:
    line = Wire(as_json({"id": "854"}))
    account = api(line)
    account.close()
    assert account.get(Fax, "/faxes/854") == Fax(id="854")


def test_the_body_of_a_fax_is_sent_as_it_is() -> None:
    line = Wire(as_json({"id": "854"}))
    api(line).send(Fax, "/faxes", nothing, json={"to": "+12025550101"})
    assert json.loads(line.requests[0].body) == {"to": "+12025550101"}
