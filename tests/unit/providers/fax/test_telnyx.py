"""Telnyx: which of its answers prove that nothing arrived, and which prove nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from faxappeal.config.sections import FaxSection
from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import (
    Accepted,
    Delivered,
    Failed,
    Outcome,
    Probe,
    Unknown,
    Unreachable,
)
from faxappeal.providers.fax.telnyx import Account
from tests.support.clock import MORNING
from tests.support.fakes.telnyx import CONNECTION, KEY, TelnyxFake
from tests.support.fakes.web import Reply, Request, as_json
from tests.support.fax_channels import JOB, PDF, SENDER, open_telnyx
from tests.support.wire import Wire

ID = "0ccc7b54"


def how_stands(**fax: Any) -> Outcome:
    """How a fax stands of which Telnyx says this."""
    return open_telnyx(Wire(as_json({"data": {"id": ID} | fax}))).look_up(ID)


# telnyx-python 4.189.0, types/fax.py
CAUSES = [
    ("user_busy", Cause.BUSY),
    ("receiver_no_answer", Cause.NO_ANSWER),
    ("receiver_no_response", Cause.NO_ANSWER),
    ("fax_initial_communication_timeout", Cause.VOICE),
    ("receiver_decline", Cause.REFUSED),
    ("sender_canceled", Cause.REFUSED),
    ("receiver_incompatible_destination", Cause.LINE),
    ("destination_unreachable", Cause.LINE),
    ("receiver_invalid_number_format", Cause.BAD_NUMBER),
    ("receiver_unallocated_number", Cause.BAD_NUMBER),
    ("destination_invalid", Cause.BAD_NUMBER),
    ("service_unavailable", Cause.PROVIDER),
    ("user_channel_limit_exceeded", Cause.PROVIDER),
    ("outbound_profile_channel_limit_exceeded", Cause.PROVIDER),
    ("connection_channel_limit_exceeded", Cause.PROVIDER),
    ("destination_not_in_service_plan", Cause.ACCOUNT),
    ("destination_not_in_countries_whitelist", Cause.ACCOUNT),
    ("account_disabled", Cause.ACCOUNT),
    ("no_outbound_profile", Cause.ACCOUNT),
    ("outbound_profile_daily_spend_limit_exceeded", Cause.ACCOUNT),
    ("unverified_origination_number", Cause.ACCOUNT),
    ("unverified_destination_not_allowed", Cause.ACCOUNT),
    ("file_format_invalid", Cause.DOCUMENT),
    ("file_download_failed", Cause.DOCUMENT),
    ("file_size_limit_exceeded", Cause.DOCUMENT),
    ("page_count_limit_exceeded", Cause.DOCUMENT),
    ("media_processing_exception", Cause.DOCUMENT),
]


@pytest.mark.parametrize(("reason", "cause"), CAUSES)
def test_a_reason_that_is_only_possible_before_a_page_has_its_cause(
    reason: str, cause: Cause
) -> None:
    outcome = how_stands(status="failed", failure_reason=reason)
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert outcome.report.raw == f"failed {reason}"


@pytest.mark.parametrize(("reason", "cause"), CAUSES)
def test_a_reason_counts_only_with_a_fax_that_failed(reason: str, cause: Cause) -> None:
    assert isinstance(how_stands(status="ended", failure_reason=reason), Unknown)
    assert isinstance(how_stands(status="sending", failure_reason=reason), Accepted)


@pytest.mark.parametrize(
    "reason",
    [
        "fax_signaling_error",
        "receiver_call_dropped",
        "receiver_communication_error",
        "receiver_recovery_on_timer_expire",
        "ecm_response_invalid",
        "carrier_lost",
        "solar_flare",
        "USER_BUSY",
        "user_busy ",
        "busy",
        "",
        None,
    ],
)
def test_a_failure_that_is_not_on_the_list_is_unknown(reason: str | None) -> None:
    assert isinstance(how_stands(status="failed", failure_reason=reason), Unknown)


def test_a_failure_without_the_field_is_unknown() -> None:
    assert isinstance(how_stands(status="failed"), Unknown)


@pytest.mark.parametrize(
    "status",
    ["queued", "media.processed", "originated", "sending", "sending.started", "sending.page"],
)
def test_a_fax_in_progress(status: str) -> None:
    assert isinstance(how_stands(status=status), Accepted)


@pytest.mark.parametrize(
    "status", ["resting", "", "Delivered", "delivered.partly", "received", "media.lost", "FAILED"]
)
def test_a_status_that_telnyx_does_not_have_is_unknown(status: str) -> None:
    assert isinstance(how_stands(status=status, failure_reason="user_busy"), Unknown)


def test_an_answer_without_a_status_is_unknown() -> None:
    assert isinstance(how_stands(), Unknown)


def test_a_receipt() -> None:
    outcome = how_stands(status="delivered", failure_reason=None, page_count=1)
    assert isinstance(outcome, Delivered)
    assert (outcome.report.account_reference, outcome.report.raw) == (ID, "delivered")


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"id": 854, "status": "delivered"}},
        {"data": {"id": ID, "status": None}},
        {"data": {"id": ID, "status": True}},
        {"data": {"id": ID, "status": "failed", "failure_reason": ["user_busy"]}},
        {"data": {"id": ID, "status": "failed", "failure_reason": 17}},
        {"data": {"status": "delivered"}},
        {"data": [{"id": ID, "status": "delivered"}]},
        {"data": None},
        {"id": ID, "status": "delivered"},
        [],
    ],
    ids=str,
)
def test_an_answer_of_another_kind_says_nothing_and_is_asked_for_again(answer: object) -> None:
    with pytest.raises(Unreachable):
        open_telnyx(Wire(as_json(answer))).look_up(ID)


def test_its_words_are_one_line_without_control_characters() -> None:
    outcome = how_stands(status="failed", failure_reason="gone\n\x1b[31maway\u202e")
    assert outcome.report.raw == "failed gone [31maway"


# -- the upload ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Reply(401), Cause.ACCOUNT),
        (Reply(413), Cause.DOCUMENT),
        (Reply(422), Cause.REFUSED),
        (Reply(429), Cause.PROVIDER),
        (Reply(500), Cause.PROVIDER),
        (Reply(cut=True), Cause.PROVIDER),
    ],
    ids=["401", "413", "422", "429", "500", "cut off"],
)
def test_a_document_that_could_not_be_uploaded_makes_no_fax(answer: Reply, cause: Cause) -> None:
    wire, departed = Wire(answer), []
    outcome = open_telnyx(wire).submit(JOB, lambda: departed.append(1))
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert [request.path for request in wire.requests] == ["/v2/media"] and not departed


def test_the_upload_goes_by_itself_after_a_day() -> None:
    wire = Wire(Reply(500))
    open_telnyx(wire).submit(JOB, lambda: None)
    body = wire.requests[0].body
    assert b'name="ttl_secs"\r\n\r\n86400\r\n' in body and b'filename="fa-1.pdf"' in body


@pytest.mark.parametrize("account_reference", [ID, None])
def test_the_document_is_deleted_by_our_reference(account_reference: str | None) -> None:
    wire = Wire(Reply(404))
    assert open_telnyx(wire).forget("fa-1", account_reference) is True
    [request] = wire.requests
    assert (request.method, request.path) == ("DELETE", "/v2/media/fa-1")


def test_a_document_that_may_still_lie_there_is_deleted_later() -> None:
    with pytest.raises(Unreachable):
        open_telnyx(Wire(Reply(500))).forget("fa-1", None)


# -- a search by our reference ---------------------------------------------------------------------


def listed(*faxes: dict[str, Any], pages: int = 1) -> Reply:
    data = [{"id": str(number), "status": "queued"} | fax for number, fax in enumerate(faxes)]
    return as_json({"data": data, "meta": {"total_pages": pages}})


@pytest.mark.parametrize(
    "fax", [{"media_name": "fa-1"}, {"client_state": "ZmEtMQ=="}], ids=["by name", "by state"]
)
def test_the_fax_with_our_reference_is_found_on_whatever_page_it_is(fax: dict[str, str]) -> None:
    wire = Wire(listed({"media_name": "fa-0"}, pages=2), listed({}, fax, pages=2))
    outcome = open_telnyx(wire).find(JOB, MORNING)
    assert isinstance(outcome, Accepted) and outcome.report.account_reference == "1"
    assert [request.query["page[number]"] for request in wire.requests] == [["1"], ["2"]]
    assert wire.requests[0].query["filter[to][eq]"] == ["+12025550101"]
    assert wire.requests[0].query["filter[created_at][gte]"] == ["2026-11-24T07:55:00Z"]


@pytest.mark.parametrize(
    "answer",
    [
        listed(),
        listed({"media_name": "fa-10"}, {"client_state": "fa-1"}, {"media_name": None}),
        as_json({}),
        as_json({"data": [], "meta": {}}),
    ],
    ids=["none", "others", "an empty object", "no count of pages"],
)
def test_a_fax_that_is_not_listed_is_not_found(answer: Reply) -> None:
    assert open_telnyx(Wire(answer)).find(JOB, MORNING) is None


@pytest.mark.parametrize("answer", [Reply(500), Reply(200, b"<html>"), as_json({"data": None})])
def test_a_list_that_does_not_come_is_not_an_empty_one(answer: Reply) -> None:
    with pytest.raises(Unreachable):
        open_telnyx(Wire(answer)).find(JOB, MORNING)


# -- the account -----------------------------------------------------------------------------------


APPLICATION = {"active": True, "outbound": {"outbound_voice_profile_id": "129"}}
PROFILE = {"enabled": True, "whitelisted_destinations": ["us", "DE"]}
CREDIT = {"available_credit": "12.50", "currency": "USD"}


def tried(
    countries: Iterable[str] = ("US",),
    *,
    application: object = APPLICATION,
    profile: object = PROFILE,
    credit: object = CREDIT,
) -> dict[str, Probe]:
    """What is tried of an account of which Telnyx says this; a number is a refusal."""

    def answer(request: Request) -> Reply:
        part = request.path.split("/")[2]
        parts = {"fax_applications": application, "outbound_voice_profiles": profile}
        says = parts.get(part, credit)
        return Reply(says) if isinstance(says, int) else as_json({"data": says})

    channel = open_telnyx(Wire(answer))
    return {check.name: check for check in channel.check(MORNING, frozenset(countries))}


def test_an_account_that_is_ready() -> None:
    found = tried(["DE", "US"])
    assert {name: check.ok for name, check in found.items()} == {
        "TLS": True,
        "credentials": True,
        "clock": None,
        "fax application": True,
        "countries": True,
        "balance": True,
        "sender number": None,
    }
    assert found["countries"].words == "DE, US" and found["balance"].words == "12.50 USD"
    assert SENDER in found["sender number"].words


@pytest.mark.parametrize(
    ("account", "name", "ok", "words"),
    [
        ({"application": APPLICATION | {"active": False}}, "fax application", False, "off"),
        ({"application": {"active": True}}, "countries", False, "no Outbound Voice Profile"),
        ({"application": APPLICATION | {"outbound": None}}, "countries", False, "no Outbound"),
        ({"application": APPLICATION | {"outbound": []}}, "countries", False, "no Outbound"),
        ({"profile": PROFILE | {"enabled": False}}, "countries", False, "switched off"),
        ({"countries": ["FR", "US", "AT"]}, "countries", False, "calls to AT, FR are not allowed"),
        ({"countries": []}, "countries", True, "none is in the list"),
        ({"profile": 403}, "countries", None, "Telnyx: HTTP 403"),
        ({"profile": {}}, "countries", None, "Telnyx"),
        ({"credit": CREDIT | {"available_credit": "0.00"}}, "balance", False, "0.00 USD"),
        ({"credit": CREDIT | {"available_credit": "-3"}}, "balance", False, "-3 USD"),
        ({"credit": {"available_credit": 7}}, "balance", True, "7"),
        ({"credit": 403}, "balance", None, "Telnyx: HTTP 403"),
        ({"credit": {"available_credit": "much"}}, "balance", None, "Telnyx"),
    ],
    ids=[
        "the application is off",
        "no profile",
        "an empty outbound part",
        "an odd outbound part",
        "the profile is off",
        "countries that are missing",
        "no country",
        "the profile is not for this key",
        "an odd profile",
        "nothing left",
        "a debt",
        "a number without a currency",
        "the balance is not for this key",
        "an odd balance",
    ],
)
def test_what_is_wrong_with_the_account(
    account: dict[str, Any], name: str, ok: bool | None, words: str
) -> None:
    found = tried(**account)[name]
    assert found.ok is ok and words in found.words
    assert ok is not False or "portal.telnyx.com" in found.hint


@pytest.mark.parametrize("application", [401, 404, 500, "odd", None])
def test_nothing_more_is_asked_of_an_account_that_does_not_know_us(application: object) -> None:
    assert not {"countries", "balance", "sender number"} & set(tried(application=application))


def test_the_key_goes_as_a_bearer() -> None:
    wire = Wire(as_json({"data": {"id": ID, "status": "queued"}}))
    open_telnyx(wire).look_up(ID)
    assert wire.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert wire.urls == [f"https://api.telnyx.com/v2/faxes/{ID}"]


def test_the_stand_in_that_knows_its_ranges_takes_the_fax() -> None:
    fake = TelnyxFake()
    wire = Wire(fake.serve)
    channel = open_telnyx(wire)
    submitted = channel.submit(JOB, lambda: None)
    assert isinstance(submitted, Accepted) and submitted.report.account_reference
    assert fake.documents == [PDF]
    found = channel.find(JOB, MORNING)
    assert found and found.report.account_reference == submitted.report.account_reference
    fake.verify()


def test_without_a_secret_it_says_where_it_belongs() -> None:
    account = Account.model_validate({"connection_id": CONNECTION, "from": SENDER})
    with pytest.raises(SetupError) as stopped:
        account.open(FaxSection(), None)
    assert "FAXAPPEAL_FAX__TELNYX__API_KEY" in stopped.value.hint
