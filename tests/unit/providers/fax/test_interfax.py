"""InterFAX: which of its numbers prove that nothing arrived, and which prove nothing."""

from __future__ import annotations

from typing import Any

import pytest

from faxappeal.config.sections import FaxSection
from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import Accepted, Delivered, Failed, Outcome, Unknown, Unreachable
from faxappeal.providers.fax.interfax import Account
from faxappeal.providers.http import NotFound
from tests.support.clock import MORNING
from tests.support.fakes.interfax import InterfaxFake
from tests.support.fakes.web import Reply, as_json
from tests.support.fax_channels import JOB, PDF, open_interfax
from tests.support.wire import Wire

REFERENCE = "854/fa-1"


def how_stands(**fax: Any) -> Outcome:
    """How a fax stands of which InterFAX says this."""
    return open_interfax(Wire(as_json({"id": 854} | fax))).look_up(REFERENCE)


@pytest.mark.parametrize(
    ("fax", "cause"),
    [
        ({"status": 263, "pagesSent": 0, "duration": 20}, Cause.BUSY),
        ({"status": 263}, Cause.BUSY),
        ({"status": 205000, "pagesSent": 0, "duration": 0}, Cause.ACCOUNT),
        ({"status": 205000}, Cause.ACCOUNT),
        ({"status": 12, "pagesSent": 0, "duration": 0}, Cause.LINE),
        ({"status": 4711, "duration": 0.0}, Cause.LINE),
    ],
    ids=[
        "busy",
        "busy, and no more",
        "no credit",
        "no credit, and no more",
        "no second on the line",
        "an invented number, and no second on the line",
    ],
)
def test_a_fax_that_certainly_did_not_arrive(fax: dict[str, Any], cause: Cause) -> None:
    outcome = how_stands(**fax)
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert outcome.report.raw == f"status {fax['status']}"


@pytest.mark.parametrize(
    "fax",
    [
        {"status": 263, "pagesSent": 1, "duration": 60},
        {"status": 205000, "pagesSent": 1},
        {"status": 1, "pagesSent": 1, "duration": 0},
        {"status": 2, "pagesSent": 0, "duration": 20},
        {"status": 2, "pagesSent": 0, "duration": 0.01},
        {"status": 4711, "pagesSent": 0},
        {"status": 4711},
        {"status": 1},
    ],
    ids=[
        "busy after a page",
        "no credit after a page",
        "a page in no time",
        "seconds on the line",
        "a moment on the line",
        "an invented number",
        "an invented number, and no more",
        "the smallest number",
    ],
)
def test_a_failure_that_proves_nothing_is_unknown(fax: dict[str, Any]) -> None:
    assert isinstance(how_stands(**fax), Unknown)


@pytest.mark.parametrize("status", [-1, -2, -3, -263])
def test_a_number_below_zero_is_in_progress(status: int) -> None:
    assert isinstance(how_stands(status=status, pagesSent=0, duration=0), Accepted)


def test_a_receipt_has_what_the_line_said() -> None:
    outcome = how_stands(
        status=0,
        pagesSent=1,
        duration=30,
        remoteCSID="+49 30\n23125 012\u202e",
        units=2,
        costPerUnit=0.11,
    )
    assert isinstance(outcome, Delivered)
    report = outcome.report
    assert report.account_reference == REFERENCE
    assert (report.pages, report.seconds, report.price) == (1, 30, "0.22")
    assert report.station == "+49 30 23125 012"


@pytest.mark.parametrize(
    ("units", "cost", "price"),
    [
        (1, 0.11, "0.11"),
        ("2", "0.05", "0.1"),
        (0, 0.11, "0"),
        (None, 0.11, None),
        (1, None, None),
        ("one", 0.11, None),
        ({}, [], None),
    ],
    ids=str,
)
def test_an_odd_price_changes_nothing(units: object, cost: object, price: str | None) -> None:
    outcome = how_stands(status=0, pagesSent=1, units=units, costPerUnit=cost)
    assert isinstance(outcome, Delivered) and outcome.report.price == price


def test_a_receipt_of_a_station_without_a_name() -> None:
    for station in ("", None):
        assert how_stands(status=0, pagesSent=1, remoteCSID=station).report.station is None


@pytest.mark.parametrize(
    "fax",
    [
        {},
        {"status": None},
        {"status": "delivered"},
        {"status": 0.5},
        {"status": [0]},
        {"status": 0, "pagesSent": "many"},
        {"status": 263, "duration": "short"},
        {"status": 0, "id": "eight"},
        {"status": 0, "id": None},
    ],
    ids=str,
)
def test_an_answer_of_another_kind_says_nothing_and_is_asked_for_again(fax: dict[str, Any]) -> None:
    with pytest.raises(Unreachable):
        how_stands(**fax)


# -- its number, which comes in a header -----------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "reference"),
    [
        ("https://rest.interfax.net/outbound/faxes/854759652", "854759652/fa-1"),
        ("https://rest.interfax.net/outbound/faxes/854/", "854/fa-1"),
        ("/outbound/faxes/854", "854/fa-1"),
        ("854", "854/fa-1"),
    ],
)
def test_the_number_of_a_fax(location: str, reference: str) -> None:
    answer = Reply(201, headers=(("Location", location),))
    outcome = open_interfax(Wire(answer)).submit(JOB, lambda: None)
    assert isinstance(outcome, Accepted) and outcome.report.account_reference == reference


@pytest.mark.parametrize(
    "location",
    ["", "https://rest.interfax.net/outbound/faxes/", "/outbound/faxes/eight", "/faxes/854?a=b"],
)
def test_an_answer_without_a_number_leaves_it_open(location: str) -> None:
    answer = Reply(201, headers=(("Location", location),))
    outcome = open_interfax(Wire(answer)).submit(JOB, lambda: None)
    assert isinstance(outcome, Unknown) and "without the fax's number" in outcome.report.raw


def test_a_number_that_broke_off_is_searched_for_by_our_reference() -> None:
    found = as_json([{"id": 854759652, "status": -2}])
    wire = Wire(Reply(404), found)
    outcome = open_interfax(wire).look_up("8547/fa-1")
    assert isinstance(outcome, Accepted)
    assert outcome.report.account_reference == "854759652/fa-1"
    assert wire.requests[1].query == {"reference": ["fa-1"]}


@pytest.mark.parametrize("reference", ["8547/fa-1", "8547"], ids=["not listed", "of old"])
def test_a_number_that_interfax_does_not_have_says_nothing(reference: str) -> None:
    with pytest.raises(NotFound):
        open_interfax(Wire(Reply(404), as_json([]))).look_up(reference)


@pytest.mark.parametrize("status", [401, 429, 500])
def test_trouble_is_not_taken_for_a_number_that_is_missing(status: int) -> None:
    wire = Wire(Reply(status))
    with pytest.raises(Unreachable):
        open_interfax(wire).look_up(REFERENCE)
    assert len(wire.requests) == 1


# -- the rest --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"), [(-2, Accepted), (0, Delivered), (263, Failed), (2, Unknown)]
)
def test_a_search_finds_how_the_fax_stands(status: int, kind: type[Outcome]) -> None:
    outcome = open_interfax(Wire(as_json([{"id": 854, "status": status}]))).find(JOB, MORNING)
    assert isinstance(outcome, kind) and outcome.report.account_reference == REFERENCE


def test_a_fax_that_is_not_listed_is_not_found() -> None:
    assert open_interfax(Wire(as_json([]))).find(JOB, MORNING) is None


@pytest.mark.parametrize("answer", [Reply(404), Reply(500), as_json({}), Reply(200, b"<html>")])
def test_a_list_that_does_not_come_is_not_an_empty_one(answer: Reply) -> None:
    with pytest.raises(Unreachable):
        open_interfax(Wire(answer)).find(JOB, MORNING)


def test_nothing_can_be_deleted_and_nothing_is_asked() -> None:
    wire = Wire(Reply(500))
    assert open_interfax(wire).forget("fa-1", REFERENCE) is False
    assert not wire.requests


@pytest.mark.parametrize(
    ("answer", "ok", "words"),
    [
        (as_json(12.5), True, "12.50 in the account's currency"),
        (as_json(0), False, "0.00 in the account's currency"),
        (as_json(-1), False, "-1.00 in the account's currency"),
        (as_json("much"), None, ""),
        (as_json({"balance": 12.5}), None, ""),
        (Reply(401), None, ""),
    ],
    ids=["12.5", "0", "-1", "a word", "an object", "refused"],
)
def test_the_balance(answer: Reply, ok: bool | None, words: str) -> None:
    checks = open_interfax(Wire(answer)).check(MORNING, frozenset({"US"}))
    found = {check.name: check for check in checks}
    if ok is None:
        assert "balance" not in found
    else:
        assert (found["balance"].ok, found["balance"].words) == (ok, words)
        assert bool(found["balance"].hint) is not ok
    assert found["header line"].ok is None


def test_the_stand_in_that_knows_its_ranges_takes_the_fax() -> None:
    fake = InterfaxFake()
    channel = open_interfax(Wire(fake.serve))
    submitted = channel.submit(JOB, lambda: None)
    assert isinstance(submitted, Accepted) and submitted.report.account_reference
    assert fake.documents == [PDF]
    found = channel.find(JOB, MORNING)
    assert found and found.report.account_reference == submitted.report.account_reference
    fake.verify()


def test_without_a_secret_it_says_where_it_belongs() -> None:
    with pytest.raises(SetupError) as stopped:
        Account.model_validate({"username": "erika"}).open(FaxSection(), None)
    assert "FAXAPPEAL_FAX__INTERFAX__PASSWORD" in stopped.value.hint
