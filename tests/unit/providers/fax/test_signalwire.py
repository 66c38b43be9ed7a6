"""SignalWire: which of its words prove that nothing arrived, and which prove nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from faxappeal.config.sections import FaxSection, Publish
from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import (
    Accepted,
    ClaimLost,
    Delivered,
    Failed,
    Outcome,
    Unknown,
    Unreachable,
)
from faxappeal.providers.fax.signalwire import Account
from faxappeal.providers.publishing import Folder
from tests.support.clock import MORNING
from tests.support.fakes.signalwire import PROJECT
from tests.support.fakes.web import Reply, Request, as_json
from tests.support.fax_channels import JOB, MEDIA, PDF, SENDER, beforehand, open_signalwire
from tests.support.wire import Wire

REFERENCE = "FX1/fa-1"


def how_stands(**fax: Any) -> Outcome:
    """How a fax stands of which SignalWire says this."""
    return open_signalwire(Wire(as_json({"sid": "FX1"} | fax)), Path()).look_up(REFERENCE)


@pytest.mark.parametrize(
    ("fax", "cause"),
    [
        ({"status": "busy"}, Cause.BUSY),
        ({"status": "no-answer"}, Cause.NO_ANSWER),
        ({"status": "canceled"}, Cause.REFUSED),
    ],
    ids=lambda value: value.get("status") if isinstance(value, dict) else "",
)
def test_a_status_that_ends_a_fax_before_a_page(fax: dict[str, Any], cause: Cause) -> None:
    outcome = how_stands(**fax)
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert outcome.report.account_reference == REFERENCE


# "Common fax errors" of SignalWire's documentation
@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("Timed out waiting for initial communication", Cause.VOICE),
        ("The call timed out waiting for initial communication.", Cause.VOICE),
        ("FAX TRANSMISSION NOT ESTABLISHED", Cause.VOICE),
        ("Connection failed", Cause.LINE),
        ("The receiver cannot receive at the resolution of the image", Cause.DOCUMENT),
        ("Document loading error: not a PDF", Cause.DOCUMENT),
    ],
)
def test_a_failure_has_the_cause_that_its_words_prove(words: str, cause: Cause) -> None:
    outcome = how_stands(status="failed", error_code=17, error_message=words)
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert outcome.report.raw == f"failed 17 {words}"


@pytest.mark.parametrize(
    "words",
    [
        "No response after sending a page",
        "The call dropped prematurely",
        "Received a DCN from remote after sending a page",
        "Unexpected message received",
        "The HDLC carrier did not stop in a timely manner",
        "Far end is not compatible",
        "Solar flare",
        "busy",
        "",
        None,
        17,
    ],
    ids=str,
)
def test_a_failure_whose_words_are_not_on_the_list_is_unknown(words: object) -> None:
    assert isinstance(how_stands(status="failed", error_message=words), Unknown)


@pytest.mark.parametrize(
    "status",
    ["resting", "", "Busy", "no_answer", "cancelled", "Delivered", "received", None, 0, ["busy"]],
    ids=str,
)
def test_a_status_that_signalwire_does_not_have_is_unknown(status: object) -> None:
    assert isinstance(how_stands(status=status, error_message="Connection failed"), Unknown)


def test_an_answer_without_a_status_is_unknown() -> None:
    assert isinstance(how_stands(num_pages="1"), Unknown)


@pytest.mark.parametrize("status", ["queued", "processing", "sending"])
def test_a_fax_in_progress(status: str) -> None:
    outcome = how_stands(status=status, num_pages="1", error_message="Connection failed")
    assert isinstance(outcome, Accepted)
    assert outcome.report.pages is None, "they are the document's, and not confirmed"


@pytest.mark.parametrize(
    ("pages", "confirmed"), [("1", 1), (2, 2), (None, None), ("", None), ("many", None)], ids=str
)
def test_a_receipt_has_the_pages_and_the_price(pages: object, confirmed: int | None) -> None:
    outcome = how_stands(status="delivered", num_pages=pages, price="0.05", price_unit="USD")
    assert isinstance(outcome, Delivered)
    assert (outcome.report.pages, outcome.report.price) == (confirmed, "0.05 USD")


@pytest.mark.parametrize(
    "answer",
    [
        as_json({"sid": "FX2", "status": "delivered"}),
        as_json({"status": "delivered"}),
        as_json([{"sid": "FX1", "status": "delivered"}]),
        Reply(200, b"<html>welcome</html>", "text/html"),
        Reply(200, b""),
        Reply(302, headers=(("Location", "https://portal.example.org/"),)),
        Reply(404),
        Reply(500),
        Reply(cut=True),
    ],
    ids=["another fax", "no fax", "a list", "a page", "empty", "302", "404", "500", "cut off"],
)
def test_an_answer_about_something_else_says_nothing_of_the_fax(answer: Reply) -> None:
    with pytest.raises(Unreachable):
        open_signalwire(Wire(answer), Path()).look_up(REFERENCE)


def test_a_question_that_is_put_off_says_for_how_long() -> None:
    busy = Reply(429, headers=(("Retry-After", "600"),))
    with pytest.raises(Unreachable) as later:
        open_signalwire(Wire(busy), Path()).look_up(REFERENCE)
    assert later.value.retry_after and later.value.retry_after.total_seconds() == 600


def test_it_cannot_be_asked_by_our_reference_and_is_not() -> None:
    wire = Wire(Reply(500))
    assert open_signalwire(wire, Path()).find(JOB, MORNING) is None
    assert not wire.requests


# -- the published document ------------------------------------------------------------------------


def submitting(folder: Path, monkeypatch: pytest.MonkeyPatch, media: Reply | None = None) -> Wire:
    """A wire on which SignalWire takes the fax, and the web shows the published file, or `media`."""

    def answer(request: Request) -> Reply:
        if media and request.path.startswith("/faxes/"):
            return media
        return beforehand(
            request, folder, lambda _request: as_json({"sid": "FX1", "status": "queued"})
        )

    wire = Wire(answer)
    wire.everywhere(monkeypatch)
    return wire


def test_what_is_asked_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = submitting(tmp_path, monkeypatch)
    outcome = open_signalwire(wire, tmp_path).submit(JOB, lambda: None)
    assert isinstance(outcome, Accepted)
    request = wire.requests[-1]
    assert request.path == f"/api/laml/2010-04-01/Accounts/{PROJECT}/Faxes"
    assert request.form == {
        "To": "+12025550101",
        "From": SENDER,
        "MediaUrl": f"{MEDIA}/fa-1.pdf",
        "Quality": "fine",
        "StoreMedia": "false",
    }


@pytest.mark.parametrize(
    "media",
    [
        Reply(404),
        Reply(302, headers=(("Location", "http://127.0.0.1/"),)),
        Reply(200, b"<html>", "text/html"),
        Reply(200, b"%PDF-another", "application/pdf"),
    ],
    ids=["missing", "a redirect", "a page", "another document"],
)
def test_a_document_that_is_not_published_as_it_is_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media: Reply
) -> None:
    wire = submitting(tmp_path, monkeypatch, media)
    with pytest.raises(SetupError, match="published document") as stopped:
        open_signalwire(wire, tmp_path).submit(JOB, lambda: None)
    assert "publish" in stopped.value.hint
    assert {request.method for request in wire.requests} == {"GET"} and not list(tmp_path.iterdir())


def test_a_place_that_is_out_of_reach_is_tried_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> None:
        raise Unreachable("the WebDAV server: HTTP 503")

    monkeypatch.setattr(Folder, "put", unreachable)
    wire = submitting(tmp_path, monkeypatch)
    departed: list[int] = []
    outcome = open_signalwire(wire, tmp_path).submit(JOB, lambda: departed.append(1))
    assert isinstance(outcome, Failed) and outcome.cause is Cause.PROVIDER
    assert not departed and not wire.requests


def test_a_claim_that_is_lost_is_said_also_where_the_document_cannot_be_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost() -> None:
        raise ClaimLost

    def fails(*_: object) -> None:
        raise Unreachable("the published document")

    monkeypatch.setattr(Folder, "remove", fails)
    wire = submitting(tmp_path, monkeypatch)
    with pytest.raises(ClaimLost):
        open_signalwire(wire, tmp_path).submit(JOB, lost)
    assert {request.method for request in wire.requests} == {"GET"}


@pytest.mark.parametrize("account_reference", [REFERENCE, None])
def test_the_published_document_is_taken_away(
    tmp_path: Path, account_reference: str | None
) -> None:
    (tmp_path / "fa-1.pdf").write_bytes(PDF)
    channel = open_signalwire(Wire(Reply(500)), tmp_path)
    assert channel.forget("fa-1", account_reference) is True
    assert channel.forget("fa-1", account_reference) is True, "gone already is no error"
    assert not list(tmp_path.iterdir())


def test_the_account_and_the_place_are_tried_without_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = submitting(tmp_path, monkeypatch)
    checks = open_signalwire(wire, tmp_path).check(MORNING, frozenset({"US"}))
    found = {check.name: check.ok for check in checks}
    assert found["credentials"] and found["published folder"]
    assert found["sender number"] is None
    assert {request.method for request in wire.requests} == {"GET"} and not list(tmp_path.iterdir())


# -- its table -------------------------------------------------------------------------------------


TABLE = {"project_id": PROJECT, "from": SENDER, "url": "https://example.signalwire.com"}


def test_the_account_of_twilio_is_refused() -> None:
    with pytest.raises(ValidationError, match="this is Twilio's account"):
        Account.model_validate(TABLE | {"project_id": "AC" + "0" * 32})


def test_without_a_place_to_publish_it_says_what_is_missing() -> None:
    with pytest.raises(SetupError, match="nothing is published") as stopped:
        Account.model_validate(TABLE | {"token": "PT-1"}).open(FaxSection(), None)
    assert "[publish]" in stopped.value.hint


def test_without_a_token_nothing_is_taken_from_twilio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "foreign")
    publish = Publish(media_url=MEDIA, folder=tmp_path)
    with pytest.raises(SetupError) as stopped:
        Account.model_validate(TABLE).open(FaxSection(), publish)
    assert "FAXAPPEAL_FAX__SIGNALWIRE__TOKEN" in stopped.value.hint
