"""Sinch: which of its answers prove that nothing arrived, and which prove nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from faxappeal.config.sections import FaxSection
from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import Accepted, Delivered, Failed, Outcome, Unknown, Unreachable
from faxappeal.providers.fax.sinch import Account, Sinch
from tests.support.clock import MORNING
from tests.support.fakes.sinch import SinchFake
from tests.support.fakes.web import Reply, Request, as_json
from tests.support.fax_channels import JOB, PDF, SENDER, open_sinch
from tests.support.wire import Wire

ID = "01SINCH"
FAXES = "/v3/projects/project-1/faxes"


def how_stands(**fax: Any) -> Outcome:
    """How a fax stands of which Sinch says this."""
    return open_sinch(Wire(as_json({"id": ID} | fax))).look_up(ID)


def failure(kind: str | None, code: int | None, **fax: Any) -> Outcome:
    return how_stands(status="FAILURE", errorType=kind, errorCode=code, **fax)


# Sinch's OpenAPI "Fax API 3.0", the part on error messages
CAUSES = [
    ("CALL_ERROR", 15, Cause.PROVIDER),
    ("CALL_ERROR", 16, Cause.NO_ANSWER),
    ("CALL_ERROR", 17, Cause.BUSY),
    ("CALL_ERROR", 19, Cause.LINE),
    ("CALL_ERROR", 30, Cause.VOICE),
    ("CALL_ERROR", 32, Cause.LINE),
    ("CALL_ERROR", 34, Cause.BAD_NUMBER),
    ("CALL_ERROR", 43, Cause.LINE),
    ("CALL_ERROR", 49, Cause.BAD_NUMBER),
    ("FAX_ERROR", 14, Cause.VOICE),
    ("FAX_ERROR", 46, Cause.ACCOUNT),
    ("FAX_ERROR", 48, Cause.NO_ANSWER),
    ("FAX_ERROR", 132, Cause.VOICE),
    ("FAX_ERROR", 133, Cause.ACCOUNT),
    ("DOCUMENT_CONVERSION_ERROR", 54, Cause.DOCUMENT),
    ("DOCUMENT_CONVERSION_ERROR", 133, Cause.DOCUMENT),
    ("DOCUMENT_CONVERSION_ERROR", None, Cause.DOCUMENT),
    ("FATAL_ERROR", 1, Cause.PROVIDER),
]


@pytest.mark.parametrize(("kind", "code", "cause"), CAUSES)
@pytest.mark.parametrize("pages", [0, None], ids=["no page", "no count of pages"])
def test_a_code_of_a_call_that_brought_no_page_has_its_cause(
    kind: str, code: int | None, cause: Cause, pages: int | None
) -> None:
    outcome = failure(kind, code, pagesSentSuccessfully=pages)
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert outcome.report.account_reference == ID
    assert kind in outcome.report.raw and str(code or "") in outcome.report.raw


@pytest.mark.parametrize(("kind", "code", "cause"), CAUSES)
def test_no_code_proves_anything_after_a_page(kind: str, code: int | None, cause: Cause) -> None:
    assert isinstance(failure(kind, code, pagesSentSuccessfully=1), Unknown)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("CALL_ERROR", 11),
        ("CALL_ERROR", 132),
        ("FAX_ERROR", 8),
        ("FAX_ERROR", 17),
        ("FAX_ERROR", 4711),
        ("FAX_ERROR", -132),
        ("FAX_ERROR", 0),
        ("FAX_ERROR", None),
        ("call_error", 17),
        ("SOLAR_ERROR", 17),
        ("", 17),
        (None, 17),
        (None, None),
    ],
    ids=[
        "dropped",
        "a code of the other type",
        "after a page",
        "busy, but of the other type",
        "an invented code",
        "a negative code",
        "0",
        "no code",
        "in lower case",
        "an invented type",
        "an empty type",
        "no type",
        "no reason",
    ],
)
def test_a_failure_that_is_not_on_the_list_is_unknown(kind: str | None, code: int | None) -> None:
    assert isinstance(failure(kind, code, pagesSentSuccessfully=0), Unknown)


@pytest.mark.parametrize("status", ["RESTING", "", "failure", "completed", "FAILED", "BUSY"])
def test_a_status_that_sinch_does_not_have_is_unknown(status: str) -> None:
    busy = {"errorType": "CALL_ERROR", "errorCode": 17, "pagesSentSuccessfully": 0}
    assert isinstance(how_stands(status=status, **busy), Unknown)


def test_an_answer_without_a_status_is_unknown() -> None:
    assert isinstance(how_stands(pagesSentSuccessfully=1), Unknown)


@pytest.mark.parametrize("status", ["QUEUED", "IN_PROGRESS"])
def test_a_fax_in_progress(status: str) -> None:
    outcome = how_stands(status=status, pagesSentSuccessfully=0)
    assert isinstance(outcome, Accepted) and outcome.report.raw == status


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        ({"amount": "0.07", "currencyCode": "USD"}, "0.07 USD"),
        ({"amount": 7, "currencyCode": None}, "7"),
        ({"currencyCode": "USD"}, "USD"),
        ({}, None),
        (None, None),
        (0.07, None),
        ("0.07", None),
        ([], None),
    ],
    ids=str,
)
def test_a_receipt_has_the_pages_and_an_odd_price_changes_nothing(
    price: object, shown: str | None
) -> None:
    outcome = how_stands(
        status="COMPLETED", pagesSentSuccessfully=2, price=price, more={"is": "new"}
    )
    assert isinstance(outcome, Delivered)
    assert (outcome.report.pages, outcome.report.price) == (2, shown)


@pytest.mark.parametrize(
    "fax",
    [
        {"id": None},
        {"id": 854},
        {"status": None},
        {"status": 0},
        {"status": ["COMPLETED"]},
        {"pagesSentSuccessfully": "many"},
        {"pagesSentSuccessfully": 0.5},
        {"errorCode": "busy"},
        {"errorCode": [17]},
        {"errorType": 17},
        {"labels": ["fa-1"]},
    ],
    ids=str,
)
def test_a_field_of_another_kind_says_nothing_and_is_asked_for_again(fax: dict[str, Any]) -> None:
    with pytest.raises(Unreachable):
        how_stands(**{"status": "FAILURE", "errorType": "CALL_ERROR", "errorCode": 17} | fax)


def test_its_words_are_one_line_without_control_characters() -> None:
    outcome = failure("FAX_ERROR", 4711, errorMessage="gone\n\x1b[31maway\u202e")
    assert outcome.report.raw == "FAILURE FAX_ERROR 4711 gone [31maway"


# -- a search by our reference ---------------------------------------------------------------------


def listed(*references: str | None, pages: int = 1) -> Reply:
    faxes = [
        {"id": f"{number}", "status": "QUEUED", "labels": {"reference": name} if name else {}}
        for number, name in enumerate(references)
    ]
    return as_json({"faxes": faxes, "totalPages": pages})


def test_the_fax_with_our_reference_is_found_on_whatever_page_it_is() -> None:
    wire = Wire(listed("fa-0", None, pages=2), listed("fa-10", "fa-1", pages=2))
    outcome = open_sinch(wire).find(JOB, MORNING)
    assert isinstance(outcome, Accepted) and outcome.report.account_reference == "1"
    assert [request.query["page"] for request in wire.requests] == [["1"], ["2"]]
    assert wire.requests[0].query["to"] == ["+12025550101"]
    assert wire.requests[0].query["createTime>"] == ["2026-11-24T07:55:00Z"]


@pytest.mark.parametrize(
    "answer",
    [listed(), listed("fa-10", "FA-1", "fa-1 "), as_json({}), as_json({"totalPages": 0})],
    ids=["none", "others", "an empty object", "no pages"],
)
def test_a_fax_that_is_not_listed_is_not_found(answer: Reply) -> None:
    assert open_sinch(Wire(answer)).find(JOB, MORNING) is None


@pytest.mark.parametrize("answer", [Reply(500), Reply(200, b"<html>"), Reply(cut=True)])
def test_a_list_that_does_not_come_is_not_an_empty_one(answer: Reply) -> None:
    with pytest.raises(Unreachable):
        open_sinch(Wire(answer)).find(JOB, MORNING)


# -- the rest --------------------------------------------------------------------------------------


def test_the_document_is_deleted_by_the_accounts_reference() -> None:
    wire = Wire(Reply(204))
    channel = open_sinch(wire)
    assert channel.forget("fa-1", "01 SINCH") is True
    assert channel.forget("fa-1", None) is False, "which one, is not known"
    [request] = wire.requests
    assert (request.method, request.path) == ("DELETE", f"{FAXES}/01%20SINCH/file")


def test_the_account_is_tried_without_sending() -> None:
    wire = Wire(as_json({"faxes": []}))
    found = {check.name: check for check in open_sinch(wire).check(MORNING, frozenset({"US"}))}
    assert found["credentials"].ok and found["sender number"].ok is None
    assert SENDER in found["sender number"].words
    assert [request.method for request in wire.requests] == ["GET"]
    other = open_sinch(wire, **{"from": None}).check(MORNING, frozenset())
    assert "the account's first" in other[-1].words


def sent(answer: Reply, **table: Any) -> Request:
    wire = Wire(answer)
    open_sinch(wire, **table).submit(JOB, lambda: None)
    return wire.requests[0]


def test_without_a_number_of_its_own_sinch_takes_the_accounts() -> None:
    answer = as_json({"id": ID})
    assert b'"from": "+12025550199"' in sent(answer).body
    assert b'"from"' not in sent(answer, **{"from": None}).body


def test_the_stand_in_that_knows_its_ranges_takes_the_fax() -> None:
    fake = SinchFake()
    wire = Wire(fake.serve)
    channel = open_sinch(wire)
    submitted = channel.submit(JOB, lambda: None)
    assert isinstance(submitted, Accepted) and submitted.report.account_reference
    assert fake.documents == [PDF]
    found = channel.find(JOB, MORNING)
    assert found and found.report.account_reference == submitted.report.account_reference
    fake.verify()


def test_a_project_with_an_odd_name_stays_one_part_of_the_address() -> None:
    assert (
        sent(as_json({"id": ID}), project_id="a/../b?c").path == "/v3/projects/a%2F..%2Fb%3Fc/faxes"
    )


def test_standard_resolution_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    account = Account.model_validate({"project_id": "a", "key_id": "b", "key_secret": "c"})
    with pytest.raises(SetupError, match="fine resolution") as stopped:
        account.open(FaxSection(resolution="standard"), None)
    assert stopped.value.hint == 'set resolution = "fine"'
    assert isinstance(account.open(FaxSection(), None), Sinch)


def test_without_a_secret_it_says_where_it_belongs() -> None:
    account = Account.model_validate({"project_id": "a", "key_id": "b"})
    with pytest.raises(SetupError) as stopped:
        account.open(FaxSection(), None)
    assert "FAXAPPEAL_FAX__SINCH__KEY_SECRET" in stopped.value.hint
